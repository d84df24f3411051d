"""A descriptor that is known to be ours: a script may close every one that it finds, and be given the number again.

Ours lie high, where no file that a script opens comes to lie, nor one that it names by number.
"""

from __future__ import annotations

import contextlib
import fcntl
import os

#: Where ours begin: as high as the limit on open files allows, and no higher than `select` can see.
_FLOORS = (900, 200, 20)
#: The number of a descriptor that is closed.
CLOSED = -1


def moved_up(descriptor: int) -> int:
    """Return a high descriptor of the same file, and close this one. Raises `OSError`, with this one closed."""
    try:
        for floor in _FLOORS:
            with contextlib.suppress(OSError):  # beyond the limit of this process
                return fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, floor)
        return os.dup(descriptor)
    finally:
        os.close(descriptor)


def file_of(descriptor: int) -> tuple[int, int]:
    """Return what tells the file that a descriptor leads to from every other. Raises `OSError` if it is closed."""
    status = os.fstat(descriptor)
    return (status.st_rdev or status.st_dev, status.st_ino)


class OwnDescriptor:
    """A descriptor and the file that it led to when it was made. Takes over `descriptor`; raises `OSError`."""

    def __init__(self, descriptor: int) -> None:
        self.number = moved_up(descriptor)
        self._file = file_of(self.number)

    def is_ours(self) -> bool:
        """Whether it still leads to the same file."""
        with contextlib.suppress(OSError):
            return self.number != CLOSED and file_of(self.number) == self._file
        return False

    def close(self) -> None:
        """Close it, unless it is somebody else's by now. Harmless to repeat."""
        if self.is_ours():
            os.close(self.number)
        self.number = CLOSED
