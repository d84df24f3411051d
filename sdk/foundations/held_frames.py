"""Frames that wait in memory while the disk has no room for them, oldest first."""

from __future__ import annotations

import logging
import time
from pathlib import Path

from atlas_core.records import FRAME, intact_length

_log = logging.getLogger("foundations.journal")

#: Bytes that wait at most: from then on points are dropped. What else a job says has a reserve, for it is little and
#: tells how the job ended.
LIMIT, RESERVE = 64 * 1024**2, 8 * 1024**2
#: Bytes that are written by one system call, unless a single frame is longer.
_PIECE = 128 * 1024
#: Seconds between two attempts to write them.
_PAUSE = 0.25
_POINT = ord("P")


class HeldFrames:
    """What waits, as one run of bytes: it takes hardly more memory than it will take on disk.

    Whoever writes it may be interrupted by an exception behind any step, so what is written is never counted: `settle`
    is told how far the journal goes, and that of the last attempt which lies before is forgotten.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._bytes = bytearray()
        self._dropped = 0
        #: Where in the journal the piece begins that was last taken, until it is known how much of it is there.
        self._begins: int | None = None
        self._next_attempt = 0.0
        #: Whether somebody is writing: the handler of a signal may come meanwhile, and only adds.
        self.is_moving = False

    def __bool__(self) -> bool:
        return bool(self._bytes)

    @property
    def is_whole(self) -> bool:
        """Whether nothing waits and nothing was dropped."""
        return not self._bytes and not self._dropped

    def add(self, frame: bytes) -> None:
        """Keep a frame, or several that belong together. What finds no room is counted, and the first time told."""
        limit = LIMIT if frame[FRAME.size] == _POINT else LIMIT + RESERVE
        if len(self._bytes) + len(frame) <= limit:
            self._bytes += frame
            return
        if not self._dropped:
            _log.warning(
                "%d MB of records wait in memory for room in `%s`; until there is some, no more metrics are recorded.",
                LIMIT // 1024**2,
                self._directory,
            )
        self._dropped += _count(frame)

    def is_due(self) -> bool:
        """Whether it is time for another attempt to write."""
        return time.monotonic() >= self._next_attempt

    def put_off(self) -> None:
        """Make no attempt for a moment: there is no room."""
        self._next_attempt = time.monotonic() + _PAUSE

    def take(self, position: int) -> bytes:
        """Return the first whole frames, to be written at `position` of the journal."""
        data = bytes(self._bytes[:_PIECE])
        whole = intact_length(data) or FRAME.size + FRAME.unpack_from(data)[0]
        self._begins = position
        return data[:whole] if whole <= len(data) else bytes(self._bytes[:whole])

    def settle(self, position: int) -> None:
        """Forget what of the piece that was last taken is in the journal, which goes as far as `position`."""
        begins, self._begins = self._begins, None
        if begins is not None:
            del self._bytes[: max(position - begins, 0)]

    def tell_lost(self) -> None:
        """Say how many records have found no room, if any: the run is over."""
        lost = self._dropped + _count(self._bytes)
        if lost:
            _log.warning("%d records found no room in `%s` and are lost.", lost, self._directory)


def _count(data: bytes | bytearray) -> int:
    """Return how many frames these are."""
    count = position = 0
    while position < len(data):
        position += FRAME.size + FRAME.unpack_from(data, position)[0]
        count += 1
    return count
