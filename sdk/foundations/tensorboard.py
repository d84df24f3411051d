"""TensorBoard log directories: kept with the job while it runs, so that its curves can be looked at meanwhile."""

from __future__ import annotations

import contextlib
import logging
import os
import threading
import time
from typing import Union

from atlas_core.errors import AtlasError, InvalidInput
from foundations import run as _run
from foundations.syncable_directory import SyncableDirectory
from foundations.tags import set_tag

_log = logging.getLogger("foundations.tensorboard")

#: The key of the directory, and the tag that says that a job has one; pages look for both.
KEY = "__tensorboard__"
_TAG = "tf"
#: Seconds between two looks at the directory; and of each second, how much of the time sending may take at most.
_PERIOD, _SHARE = 10.0, 0.1
#: The part of the time at the end of a run in which is waited for the upload; the rest is for leaving what is left.
_FOR_UPLOAD = 0.7


def set_tensorboard_logdir(path: Union[str, os.PathLike[str]]) -> None:
    """Keep the TensorBoard log directory `path` with the job: every few seconds while it runs, and at its end.

    The directory is made if it is missing. Outside of a job nothing happens, with a warning the first time. Raises
    `InvalidInput` for what is no path of a directory.

        foundations.set_tensorboard_logdir("runs")
    """
    if not isinstance(path, (str, os.PathLike)) or not os.fspath(path):
        raise InvalidInput(f"path: {path!r} is no path; give the directory that the logs are written to.")
    if os.path.exists(path) and not os.path.isdir(path):  # noqa: PTH110, PTH112 - whatever has a path
        raise InvalidInput(f"path: `{os.fspath(path)}` is no directory; give the one that the logs are written to.")
    run = _run.require()
    if run is None:
        return
    directory = SyncableDirectory(KEY, path, auto_download=False)
    if all(str(each) != str(directory) for each in run.companions):
        set_tag(_TAG, _TAG)
        run.companions.append(BackgroundSync(run, directory))


class BackgroundSync:
    """Uploads a directory again and again. `str` of it is the directory's path."""

    def __init__(self, run: _run.Run, directory: SyncableDirectory) -> None:
        self._run = run
        self._directory = directory
        self._closing = threading.Event()
        self._failure = ""
        self._thread = threading.Thread(target=self._sync, name="foundations-tensorboard", daemon=True)
        with contextlib.suppress(RuntimeError):  # an interpreter that is shutting down starts none
            self._thread.start()

    def __str__(self) -> str:
        return str(self._directory)

    def close(self, seconds: float) -> None:
        """Upload what is left, and wait for that so long; what is left then is sent with the journal of the run."""
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join(seconds * _FOR_UPLOAD)
            if self._thread.is_alive():
                self._failure = "the time is over"
        if self._failure:
            _log.debug("Not all of the TensorBoard directory `%s` was uploaded: %s", self, self._failure)
            self._directory.leave(seconds * (1.0 - _FOR_UPLOAD))

    def _sync(self) -> None:
        pause = _PERIOD
        while not self._closing.wait(pause):
            begun = time.monotonic()
            self._attempt()
            pause = max(_PERIOD, (time.monotonic() - begun) / _SHARE)
        self._attempt()

    def _attempt(self) -> None:
        try:
            self._directory.send(self._run)
            self._failure = ""
        except (AtlasError, OSError) as error:
            self._failure = str(error)
            _log.debug("`%s` could not be uploaded: %s", self, error)
        except Exception as error:  # a thread of ours must not show a traceback in a training
            self._failure = str(error)
            _log.debug("`%s` could not be uploaded.", self, exc_info=True)
