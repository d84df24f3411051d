"""How often somebody may try to log in: who guesses passwords is slowed down here, before the issuer hears of it."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from atlas_core.errors import TooManyRequests

#: Names of which attempts are remembered; beyond them, those who tried longest ago are forgotten.
_MOST_NAMES = 10_000


class Attempts:
    """Counts attempts under a name: at most `limit` in each `period` of seconds."""

    def __init__(self, limit: int, period: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit = limit
        self._period = period
        self._clock = clock
        self._counts: OrderedDict[str, tuple[float, int]] = OrderedDict()
        self._lock = threading.Lock()

    def note(self, name: str) -> None:
        """Count an attempt that begins. Raises `TooManyRequests` when there were too many."""
        now = self._clock()
        with self._lock:
            began, count = self._counts.pop(name, (now, 0))
            if now - began >= self._period:
                began, count = now, 0
            self._counts[name] = began, count + 1
            if len(self._counts) > _MOST_NAMES:
                self._counts.popitem(last=False)
        if count >= self._limit:
            wait = max(1, round(began + self._period - now))
            raise TooManyRequests(f"Too many attempts; try again in {wait} seconds.", retry_after=wait)

    def forget(self, name: str) -> None:
        """Begin anew with this name: the attempt succeeded."""
        with self._lock:
            self._counts.pop(name, None)
