"""How much may wait in the spools below a home: the oldest is kept, and what finds no room is refused.

What a server has refused waits no more. It takes none of this room, for nothing but its owner's hand removes it.
"""

from __future__ import annotations

import contextlib
import errno
import math
import time
from collections.abc import Iterator
from pathlib import Path

from foundations.size_limit import GB, limit_in_gigabytes

#: Bytes of files that wait for a server at most, those of all runs below a home together.
LIMIT = 50 * GB
#: What the name of such a file ends with: a copy of an artifact, or a file of a synced directory.
HELD = (".data", ".object")
#: What the name of that ends with which says that they were refused.
REFUSED = ".refused"
#: Seconds after which it is looked again what other processes have put there, or have sent.
_FRESH = 10.0


class SpoolRoom:
    """The room below `root`, where all journals of a home lie. Looking is put off until there is something to keep."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._limit = limit_in_gigabytes("FOUNDATIONS_SPOOL_GB", LIMIT)
        self._taken = 0
        self._looked = -math.inf

    def take(self, size: int) -> None:
        """Take so many bytes of the room. Raises `OSError` when there are not so many left."""
        if time.monotonic() > self._looked + _FRESH or self._taken + size > self._limit:
            self._taken = sum(_sizes(self._root))
            self._looked = time.monotonic()
        if self._taken + size > self._limit:
            raise OSError(
                errno.EDQUOT,
                f"{self._taken / GB:.4g} GB of files wait for a server; "
                f"FOUNDATIONS_SPOOL_GB allows no more than {self._limit / GB:.4g}",
            )
        self._taken += size


def _sizes(root: Path) -> Iterator[int]:
    for spool in root.glob("*/spool"):
        with contextlib.suppress(OSError):  # somebody has just sent the last of it and removed the directory
            found = {path.name: path for path in spool.iterdir()}
            for name, path in found.items():
                if name.endswith(HELD) and refusal_of(path).name not in found:
                    with contextlib.suppress(OSError):  # it has just been sent
                        yield path.lstat().st_size


def refusal_of(held: Path) -> Path:
    """Return the file beside such a file that says that a server has refused it."""
    writer, number = held.name.split(".")[:2]
    return held.with_name(f"{writer}.{number}{REFUSED}")
