"""What of a journal waits for a server, counted in the same way by all who tell of it."""

from __future__ import annotations

import contextlib
import fcntl
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from foundations.journal_directory import JournalDirectory
from foundations.refused import refusals
from foundations.spool import announcements_of
from foundations.spool_room import HELD


class Unsent(NamedTuple):
    """How many bytes wait that nobody sends any more by himself, since when (seconds since the epoch), and how many
    files are kept, or named, that were refused and are sent no more.
    """

    bytes: int
    since: float
    refused: int


def unsent_of(directory: JournalDirectory) -> Unsent:
    """Return what processes that are dead left of one job; what the living have is theirs to send."""
    size, since, refused = 0, float("inf"), 0
    for writer in directory.writers():
        if _is_held(directory.lock_path(writer)):
            continue
        refused += sum(1 for _ in refusals(directory.spool, writer))
        for path in _waiting(directory, writer):
            with contextlib.suppress(OSError):  # somebody has just sent it
                status = path.lstat()
                size, since = size + status.st_size, min(since, status.st_mtime)
    return Unsent(size, since, refused)


def _waiting(directory: JournalDirectory, writer: str) -> Iterator[Path]:
    yield from (segment.path for segment in directory.segments(writer))
    yield from directory.spool.glob(f"{writer}.output")
    yield from directory.spool.glob(f"{writer}.source.*[0-9a-f]")
    for announcement in announcements_of(directory.spool, writer):
        held = directory.spool.glob(f"{announcement.stem}.*")
        yield from (path for path in held if path.name.endswith(HELD))


def _is_held(lock: Path) -> bool:
    try:
        with lock.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:  # there is none, or it is not ours to look at
        return False
    return False
