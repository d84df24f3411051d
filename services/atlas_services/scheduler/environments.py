"""The Python environments of jobs, as far as the scheduler is concerned: those that nobody uses are removed.

Jobs in containers can write where theirs lie, so nothing there is followed or believed.
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from atlas_services.worker.environment import COMPLETE, lock_file

_log = logging.getLogger("atlas.scheduler")

_KEY = re.compile(r"[0-9a-f]{32}")
#: Below the root, a user's jobs in containers have a directory of their own.
_OF_CONTAINERS = "docker-*"
_DOOMED = ".removed"
_LONGEST_PATH = 4096


def remove_unused(root: Path, work_root: Path, since: float) -> list[str]:
    """Remove the environments that no job has taken after `since` and no job runs in; returns their names."""
    for directory in _directories(root):
        for rest in directory.glob(f".*{_DOOMED}"):  # of a scheduler that died while it removed them
            shutil.rmtree(rest, ignore_errors=True)
    return [path.name for path in unused(root, work_root, since) if remove_if_unused(path, since)]


def unused(root: Path, work_root: Path, since: float) -> list[Path]:
    """Return the environments that no job has taken after `since` and no job runs in."""
    found = [path for directory in _directories(root) for path in _environments(directory) if _last_use(path) < since]
    taken = _taken(work_root) if found else set()
    return [path for path in found if path.name not in taken]


def _directories(root: Path) -> list[Path]:
    return [path for path in (root, *root.glob(_OF_CONTAINERS)) if path.is_dir() and not path.is_symlink()]


def _environments(directory: Path) -> list[Path]:
    return [path for path in directory.iterdir() if _KEY.fullmatch(path.name) and not path.is_symlink()]


def _last_use(path: Path) -> float:
    """Return when a job last took the environment, or, if it was never finished, when it was begun."""
    for file in (path / COMPLETE, path):
        with contextlib.suppress(OSError):
            return file.lstat().st_mtime
    return float("inf")  # it is gone


def _taken(work_root: Path) -> set[str]:
    """Return the names of the environments that jobs run in."""
    found: set[str] = set()
    for file in work_root.glob("*/interpreter"):
        with contextlib.suppress(OSError):
            found.update(_KEY.findall(_beginning(file)))
    return found


def _beginning(file: Path) -> str:
    """Return what a path fits in. The job may have written anything there, or put anything in its place."""
    descriptor = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        return os.read(descriptor, _LONGEST_PATH).decode(errors="replace")
    finally:
        os.close(descriptor)


def remove_if_unused(path: Path, since: float) -> bool:
    """Remove an environment unless a job took it after `since`; whether it went."""
    try:
        with _locked(path):
            doomed = path.rename(path.with_name(f".{path.name}{_DOOMED}"))
            if _last_use(doomed) >= since:  # a job took it at this moment
                doomed.rename(path)
                return False
        shutil.rmtree(doomed)
    except OSError as error:
        _log.info("the environment %s stays: %s", path.name, error)
        return False
    return True


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold the lock of an environment; raises `OSError` when somebody else does, or when it is no plain file."""
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    descriptor = os.open(lock_file(path), flags, 0o666)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)
