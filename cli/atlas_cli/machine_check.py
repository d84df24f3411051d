"""This machine: its Python, its disk, what runs have left to be sent, and its GPUs."""

from __future__ import annotations

import fcntl
import platform
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from atlas_cli.finding import OK, PROBLEM, WARNING, Finding
from atlas_cli.phrases import age, count, size
from foundations.gpus import Gpus
from foundations.journal_directory import JournalDirectory

#: Bytes that should be free, and those without which hardly anything can be written.
_ROOM, _LEAST = 5 * 1024**3, 512 * 1024**2


def check_python() -> Finding:
    """Say which Python runs this."""
    return Finding("Python", f"{platform.python_version()} at {sys.executable}")


def check_disk(home: Path) -> Iterator[Finding]:
    """Yield how much room there is for state and for temporary files, once for each disk."""
    seen: set[int] = set()
    for what, path in (("state", home), ("temporary files", Path(tempfile.gettempdir()))):
        there = next(each for each in (path, *path.parents) if each.exists())
        device = there.stat().st_dev
        if device not in seen:
            seen.add(device)
            yield _room(what, path, shutil.disk_usage(there).free)


def _room(what: str, path: Path, free: int) -> Finding:
    message = f"{size(free)} free for {what} at {path}"
    if free >= _ROOM:
        return Finding("disk", message)
    remedy = "Delete jobs with `foundations delete job`, or move $FOUNDATIONS_HOME to a larger disk."
    return Finding("disk", message, PROBLEM if free < _LEAST else WARNING, remedy)


def check_journals(home: Path) -> Finding:
    """Say how much of what runs that are over recorded has not been sent."""
    left = [found for found in map(_left, JournalDirectory.all_in(home)) if found]
    if not left:
        return Finding("journals", "nothing waits to be sent")
    waiting, oldest = (
        sum(length for files in left for length, _ in files),
        min(changed for files in left for _, changed in files),
    )
    message = (
        f"{size(waiting)} of {count(len(left), 'run')} wait to be sent, the oldest for {age(time.time() - oldest)}"
    )
    return Finding("journals", message, WARNING, "`foundations sync` sends them, when the server answers.")


def _left(directory: JournalDirectory) -> list[tuple[int, float]]:
    """Return length and time of each file that a run left; none while one of its processes lives."""
    if any(_is_held(directory.lock_path(writer)) for writer in directory.writers()):
        return []
    return [(path.stat().st_size, path.stat().st_mtime) for path in _files(directory.path)]


def _is_held(lock: Path) -> bool:
    try:
        with lock.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:  # there is none, or it is not ours to look at
        return False
    return False


def _files(directory: Path) -> list[Path]:
    """Return the files of a journal; one that is sent meanwhile has none."""
    try:
        return [path for path in directory.rglob("*") if path.is_file()]
    except OSError:
        return []


def check_gpus() -> Finding:
    """Say which GPUs the driver shows."""
    gpus = Gpus()
    if not len(gpus):
        return Finding("GPUs", "none on this machine")
    names = ", ".join(f"{gpu['name']} ({size(gpu['memory_bytes'])})" for gpu in gpus.described())
    return Finding("GPUs", f"{names}; driver {gpus.driver()}", OK)
