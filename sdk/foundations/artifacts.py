"""Saving artifacts: files that a job made."""

from __future__ import annotations

import errno
import logging
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Union

from foundations import run as _run
from foundations.given_path import given_path
from foundations.metrics import checked_step
from foundations.spool import archive_path, as_text

_log = logging.getLogger("foundations.artifacts")


def save_artifact(filepath: Union[str, os.PathLike[str]], key: str | None = None, step: int | None = None) -> None:
    """Save a copy of the file with the job, under `key` or else the file's name.

    It returns when the copy is made; the copy is sent meanwhile. The same key again replaces the file, with a warning,
    unless it is of another `step`. Raises `FileNotFoundError` when there is no such file, another `OSError` when it
    cannot be read or is a directory, a device or a pipe, `TypeError` for what is no path or a step that is no whole
    number, and `InvalidInput` for a key that is too long.

        from pathlib import Path

        Path("weights.bin").write_bytes(b"weights")
        foundations.save_artifact("weights.bin", key="weights", step=3)
    """
    number = checked_step(step)
    source = given_path("filepath", filepath)
    if _run.current is not None:
        check_source(source)  # a missing or unreadable file is the caller's; what goes wrong from here on is not
    keep(source, source.name if key is None or key == "" else str(key), number, {})


def check_source(source: Path) -> None:
    """Raise `OSError` unless this is a file that can be read; a device would fill the disk, a pipe wait for ever."""
    if source.exists() and not source.is_file():
        raise OSError(errno.EINVAL, "An artifact must be a file, which this is not", str(source))
    with source.open("rb"):
        pass


def keep(source: Path, name: str, step: int | None, facts: Mapping[str, Any]) -> None:
    """Save a file with `facts` about it. With a step it is one of a series, and has a key of its own.

    When it cannot be saved, or there is no job, a warning says so; when tracking is disabled, nothing does. Raises
    `InvalidInput` for a name that is too long.
    """
    key = as_text(name if step is None else f"{name}/{step}")
    archive_path(key, as_text(source.name))  # which knows how long a key may be
    run = _run.current
    if run is None:
        if not _run.is_disabled:
            _log.warning("Cannot save artifact outside of job.")
        return
    of_series = {} if step is None else {"name": name, "step": step}
    if key in run.artifact_keys:
        _log.warning('Artifact "%s" already exists - overwriting.', key)
    try:
        run.save_artifact(source, key, {**facts, **of_series})
    except OSError as error:
        warn(key, error)
        return
    run.artifact_keys.add(key)


def warn(key: str, error: OSError) -> None:
    """Say that an artifact could not be saved."""
    _log.warning('Artifact "%s" could not be saved (%s); the run goes on.', key, error.strerror or error)
