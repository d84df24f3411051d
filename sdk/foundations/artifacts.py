"""Saving artifacts: files that a job made."""

from __future__ import annotations

import errno
import logging
import os
from pathlib import Path
from typing import Union

from foundations import run as _run

_log = logging.getLogger("foundations.artifacts")


def save_artifact(filepath: Union[str, os.PathLike[str]], key: str | None = None) -> None:
    """Save a copy of the file with the job, under `key` or else the file's name.

    It returns when the copy is made; the copy is sent meanwhile. The same key again replaces the file, with a warning.
    Raises `FileNotFoundError` when there is no such file, another `OSError` when it cannot be read or is a directory,
    a device or a pipe.
    """
    run = _run.current
    if run is None:
        _log.warning("Cannot save artifact outside of job.")
        return
    source = Path(filepath)
    check_source(source)  # a missing or unreadable file is the caller's; what goes wrong from here on is not
    name = source.name if key is None or key == "" else str(key)
    if name in run.artifact_keys:
        _log.warning('Artifact "%s" already exists - overwriting.', name)
    try:
        run.save_artifact(source, name)
    except OSError as error:
        _log.warning('Artifact "%s" could not be saved (%s); the run goes on.', name, error.strerror or error)
        return
    run.artifact_keys.add(name)


def check_source(source: Path) -> None:
    """Raise `OSError` unless this is a file that can be read; a device would fill the disk, a pipe wait for ever."""
    if source.exists() and not source.is_file():
        raise OSError(errno.EINVAL, "An artifact must be a file, which this is not", str(source))
    with source.open("rb"):
        pass
