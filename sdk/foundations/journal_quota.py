"""How much of a journal may wait for a server: from then on points are dropped, with one warning."""

from __future__ import annotations

import logging
from pathlib import Path

from atlas_core.records import FRAME
from foundations.size_limit import GB, limit_in_gigabytes

_log = logging.getLogger("foundations.journal")

#: Bytes that wait for a server at most. What else a job says has a reserve, for it is little and tells how the job
#: ended.
LIMIT, _RESERVE = 10 * GB, 64 * 1024**2
_POINT = ord("P")


class JournalQuota:
    """The limit of one journal, which is told once that it was reached. It is looked at where a segment ends."""

    def __init__(self) -> None:
        self._limit = limit_in_gigabytes("FOUNDATIONS_JOURNAL_GB", LIMIT)
        self._is_told = False
        #: Whether so much waited when that was last looked at; else a frame need not ask for room.
        self.is_reached = False

    def look(self, waiting: int) -> None:
        """Find out whether the limit is reached: so many bytes wait."""
        self.is_reached = waiting >= self._limit

    def has_room(self, frame: bytes, waiting: int, place: Path) -> bool:
        """Whether the frame may be written to `place` though the limit was reached."""
        if waiting < self._limit:
            self.is_reached = False
            return True
        if frame[FRAME.size] != _POINT and waiting < self._limit + _RESERVE:
            return True
        if not self._is_told:
            self._is_told = True
            _log.warning(
                "%.4g GB in `%s` wait for a server; until one takes them, no more metrics are recorded. "
                "FOUNDATIONS_JOURNAL_GB is the limit.",
                waiting / GB,
                place,
            )
        return False
