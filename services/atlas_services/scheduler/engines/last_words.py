"""What a job logged and could not send itself, because it was killed for example: sent when the job has ended."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from atlas_services.scheduler.engines import EngineAway
from atlas_services.scheduler.engines.job_environment import inherited
from atlas_services.scheduler.engines.job_files import has_records
from atlas_services.scheduler.engines.workspace import Workspace

_log = logging.getLogger("atlas.scheduler.docker")

#: Seconds for which a server that is away is asked again while the end of the job waits to be told, those that all of
#: it may take then, and the same once nothing waits for it.
_PATIENCE, _LIMIT = 3, 5
_LATE_PATIENCE, _LATE_LIMIT = 60, 3600
#: Seconds before what could not be sent is tried again: at first, and at most.
_FIRST_PAUSE, _LONGEST_PAUSE = 5.0, 600.0


def send_last_words(workspace: Workspace, server_url: str) -> None:
    """Send the journals in a job's home; what cannot be sent in a few seconds stays there.

    The job's processes must be dead. It is done as the job's user, who may be the scheduler's own: links that the job
    laid there are removed before.
    """
    if not has_records(workspace):
        return
    words = ("--home", str(workspace.home), "--timeout", str(_PATIENCE))
    if not _sync(words, server_url, _LIMIT, **_as_owner_of(workspace)):
        _log.warning("%s: some of what the job logged is not sent yet", workspace.path.name)


class LateWords(threading.Thread):
    """Sends what jobs logged and could not send before they ended, from the server's home, until nothing is left.

    Only what was recorded for the address that `jobs_call` returns is sent, to `server_url`: in the home of a person
    there may be other servers' records, too.
    """

    def __init__(self, home: Path, server_url: str, jobs_call: Callable[[], str]) -> None:
        super().__init__(name="late-words", daemon=True)
        self._home = home
        self._server_url = server_url
        self._jobs_call = jobs_call
        self._woken = threading.Event()
        self._closed = False
        self._woken.set()  # a scheduler that is no more may have left something

    def wake(self) -> None:
        """There is something to send."""
        self._woken.set()

    def close(self) -> None:
        """Leave the rest to the next scheduler."""
        self._closed = True
        self._woken.set()

    def run(self) -> None:
        """Send until `close`."""
        pause: float | None = None
        while not self._closed:
            is_new = self._woken.wait(pause)
            self._woken.clear()
            if self._closed or self._send():
                pause = None
            else:
                pause = _FIRST_PAUSE if is_new or pause is None else min(2 * pause, _LONGEST_PAUSE)

    def _send(self) -> bool:
        """Whether nothing is left."""
        root = self._home / "journal"
        if not root.is_dir() or not any(root.iterdir()):
            return True
        try:
            words = ("--home", str(self._home), "--timeout", str(_LATE_PATIENCE), "--of", self._jobs_call())
        except (EngineAway, OSError) as error:
            _log.info("what jobs could not send waits: %s", error)
            return False
        return _sync(words, self._server_url, _LATE_LIMIT)


def _sync(words: tuple[str, ...], server_url: str, limit: float, **options: Any) -> bool:
    """Run `foundations.sync` for so many seconds at most; whether all is sent."""
    variables = {**inherited(os.environ), "FOUNDATIONS_SERVER_URL": server_url, "FOUNDATIONS_COMMAND_LINE": "True"}
    try:
        done = subprocess.run(
            [sys.executable, "-m", "foundations.sync", *words],
            env=variables,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=limit,
            **options,
        )
    except (OSError, subprocess.SubprocessError) as error:
        _log.info("not all is sent: %s", error)
        return False
    return done.returncode == 0


def _as_owner_of(workspace: Workspace) -> dict[str, Any]:
    if os.geteuid() != 0:
        return {}
    owner = workspace.path.stat()
    return {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []}
