"""Signs of life of a job that sends a file: while it does, its journal may have nothing to say."""

from __future__ import annotations

import contextlib
import time

from atlas_core.ids import now
from atlas_services.tracker import UNAVAILABLE, Journals

#: Seconds between two signs: less than the shortest silence after which a run can be closed.
_PAUSE = 0.5


class SignsOfLife:
    """The signs of life of one job, noted now and then however often they come."""

    def __init__(self, journals: Journals, job_id: str) -> None:
        self._journals = journals
        self._job_id = job_id
        self._next = 0.0

    def note(self) -> None:
        """Note that the job lives, unless that was done just now."""
        if time.monotonic() >= self._next:
            with contextlib.suppress(*UNAVAILABLE):  # the file is not to suffer for it
                self._journals.note_life(self._job_id, now())
            self._next = time.monotonic() + _PAUSE
