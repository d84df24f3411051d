"""How much may wait in the spools below a home: the oldest is kept, and what finds no room is refused."""

from __future__ import annotations

import contextlib
import errno
import math
import os
import time
from collections.abc import Iterator
from pathlib import Path

#: Bytes of files that wait for a server at most, those of all runs below a home together.
LIMIT = 50 * 1024**3
#: What the name of such a file ends with: a copy of an artifact, or a file of a synced directory.
HELD = (".data", ".object")
#: Seconds after which it is looked again what other processes have put there, or have sent.
_FRESH = 10.0


class SpoolRoom:
    """The room below `root`, where all journals of a home lie. Looking is put off until there is something to keep."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._limit = chosen_limit()
        self._taken = 0
        self._looked = -math.inf

    def take(self, size: int) -> None:
        """Take so many bytes of the room. Raises `OSError` when there are not so many left."""
        if time.monotonic() > self._looked + _FRESH or self._taken + size > self._limit:
            self._taken = sum(_sizes(self._root))
            self._looked = time.monotonic()
        if self._taken + size > self._limit:
            waiting = self._taken / 1024**3
            raise OSError(
                errno.EDQUOT, f"{waiting:.1f} GB of files wait for a server; FOUNDATIONS_SPOOL_GB allows no more"
            )
        self._taken += size


def chosen_limit() -> int:
    """Return $FOUNDATIONS_SPOOL_GB in bytes, `LIMIT` where it says nothing usable."""
    try:
        chosen = float(os.environ["FOUNDATIONS_SPOOL_GB"])
    except (KeyError, ValueError):
        return LIMIT
    return int(chosen * 1024**3) if math.isfinite(chosen) and chosen >= 0.0 else LIMIT


def _sizes(root: Path) -> Iterator[int]:
    for path in root.glob("*/spool/*"):
        if path.name.endswith(HELD):
            with contextlib.suppress(OSError):  # it has just been sent
                yield path.lstat().st_size
