"""How much may wait in the journals below a home, those of all runs together: records, output and source.

What a server has taken is removed at once, so all of this waits. Nothing of it is ever removed to make room: once the
limit is reached, later runs record less. What waits in spools has a limit of its own (`spool_room`).
"""

from __future__ import annotations

import contextlib
import logging
import math
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Callable, NamedTuple

from foundations.size_limit import GB, limit_in_gigabytes
from foundations.spool_room import HELD, REFUSED

_log = logging.getLogger("foundations.journal")

VARIABLE = "FOUNDATIONS_UNSENT_GB"
#: Bytes that wait for a server at most. So much more that runs may hardly begin.
LIMIT, _BEYOND = 50 * GB, 1.1
#: The file that says, to those who have not looked yet, that the limit was reached.
_MARK = ".full"
#: Seconds after which it is looked again: usually, and once the limit is reached.
_FRESH, _FRESH_WHEN_FULL = 60.0, 10.0
_MB = 1024**2


class Bounds(NamedTuple):
    """How many bytes of one journal may wait: up to where points are written, and up to where anything is."""

    points: int
    others: int


#: Of a run whose records a server takes; of one whose records nobody has taken so far; and of the latter when even
#: these have become too many: then it tells hardly more than that it was there, and how it ended.
_TAKEN, _SILENT, _LEAST = Bounds(64 * _MB, 128 * _MB), Bounds(_MB, 2 * _MB), Bounds(_MB // 16, _MB // 8)


class JournalRoom:
    """The room below `root`, where all journals of a home lie. `on_full` is called when the limit is found reached.

    Looking takes long where many runs wait, so a thread does it, unless the last one who looked found no room.
    """

    def __init__(self, root: Path, on_full: Callable[[], None] = lambda: None) -> None:
        self._root = root
        self._on_full = on_full
        self.limit = limit_in_gigabytes(VARIABLE, LIMIT)
        #: Bytes that waited when it was last looked.
        self.waiting = 0
        self._looked = -math.inf
        self._is_told = False

    @property
    def is_full(self) -> bool:
        """Whether the limit was reached when it was last looked."""
        return self.waiting >= self.limit

    def bounds(self, is_taken: bool) -> Bounds | None:
        """Return how much of a journal may wait, of which a server takes what is there or not; None while all may."""
        if not self.is_full:
            return None
        if is_taken:
            return _TAKEN
        return _SILENT if self.waiting < self.limit * _BEYOND else _LEAST

    def enter(self) -> None:
        """Look for the first time, at the beginning of a run."""
        if (self._root / _MARK).exists():
            self.look()
        else:
            self.look_soon()

    def look_soon(self) -> None:
        """Have it looked, unless somebody has looked lately. Never raises."""
        now = time.monotonic()
        if now < self._looked + (_FRESH_WHEN_FULL if self.is_full else _FRESH):
            return
        self._looked = now
        with contextlib.suppress(RuntimeError):  # an interpreter that is shutting down starts no thread
            threading.Thread(target=self.look, name="foundations-room", daemon=True).start()

    def look(self) -> None:
        """Look now, and leave word for those who come later. Never raises."""
        self.measure()
        mark = self._root / _MARK
        with contextlib.suppress(OSError):  # then the next one looks for himself
            if not self.is_full:
                mark.unlink(missing_ok=True)
            else:
                mark.touch()
        if self.is_full:
            self._tell()
            self._on_full()

    def measure(self) -> None:
        """Find out how much waits, and change nothing. Never raises."""
        self.waiting = sum(_sizes(self._root))
        self._looked = time.monotonic()

    def _tell(self) -> None:
        if not self._is_told:
            self._is_told = True
            _log.warning(
                "%.4g GB in `%s` wait for a server; until it takes them, runs keep %d MB of output and no source, and "
                "those that it does not answer record no more than that. `foundations sync` sends what waits; %s is "
                "the limit.",
                self.waiting / GB,
                self._root,
                _SILENT.points // _MB,
                VARIABLE,
            )


def _sizes(root: Path) -> Iterator[int]:
    for directory in _entries(root):
        for entry in _entries(directory.path):
            if entry.name == "spool":
                yield from (_size(each) for each in _entries(entry.path) if not each.name.endswith((*HELD, REFUSED)))
            else:
                yield _size(entry)


def _entries(directory: Path | str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(directory) as entries:
            return list(entries)
    except OSError:  # it is a file, or somebody has just sent the last of it and removed the directory
        return []


def _size(entry: os.DirEntry[str]) -> int:
    try:
        return entry.stat(follow_symlinks=False).st_size
    except OSError:  # it has just been sent
        return 0
