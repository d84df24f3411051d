"""How much of a journal may wait for a server: from then on points are dropped, with one warning."""

from __future__ import annotations

import logging
from pathlib import Path

from atlas_core.records import FRAME
from foundations.journal_room import Bounds, JournalRoom
from foundations.size_limit import GB, limit_in_gigabytes

_log = logging.getLogger("foundations.journal")

#: Bytes that wait for a server at most. What else a job says has a reserve, for it is little and tells how the job
#: ended.
LIMIT, _RESERVE = 10 * GB, 64 * 1024**2
_POINT = ord("P")


class JournalQuota:
    """The limit of one journal, in the `room` of all. It is looked at where a segment ends."""

    def __init__(self, room: JournalRoom) -> None:
        self._room = room
        self._limit = limit_in_gigabytes("FOUNDATIONS_JOURNAL_GB", LIMIT)
        self._is_told = self._is_own_reached = False

    @property
    def is_reached(self) -> bool:
        """Whether so much waited, here or in all journals, when that was last looked at; else a frame need not ask."""
        return self._is_own_reached or self._room.is_full

    def look(self, waiting: int) -> None:
        """Find out whether the limit is reached: so many bytes wait."""
        self._is_own_reached = waiting >= self._limit
        self._room.look_soon()

    def has_room(self, frame: bytes, waiting: int, is_taken: bool, place: Path) -> bool:
        """Whether the frame may be written to `place` though a limit was reached. `is_taken` says that a server has
        taken some of this journal.
        """
        common = self._room.bounds(is_taken)
        self._is_own_reached = waiting >= self._limit
        own = Bounds(self._limit, self._limit + _RESERVE)
        bounds = own if common is None or common.points > self._limit else common
        if common is not None:
            self._room.look_soon()
        if waiting < (bounds.points if frame[FRAME.size] == _POINT else bounds.others):
            return True
        if not self._is_told and bounds is own:  # of what is common to all, the room has told
            self._is_told = True
            _log.warning(
                "%.4g GB in `%s` wait for a server; until one takes them, no more metrics are recorded. "
                "FOUNDATIONS_JOURNAL_GB is the limit.",
                waiting / GB,
                place,
            )
        return False
