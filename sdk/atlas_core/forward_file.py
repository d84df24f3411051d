"""Pieces that come one after the other as a file that is read forward, as tarfile reads an archive.

tarfile's own copies every byte three times. Headers are small and are copied; the content of a member is handed on in
the pieces in which it came.
"""

from __future__ import annotations

from collections.abc import Callable
from tarfile import StreamError
from typing import Union

#: A piece of something that is read: not copied where it need not be.
Piece = Union[bytes, memoryview]


class ForwardFile:
    """A file of what `following` returns, which is empty at the end."""

    def __init__(self, following: Callable[[], Piece]) -> None:
        self._following = following
        self._piece = memoryview(b"")
        self._place = 0

    def tell(self) -> int:
        """Return how many bytes were read."""
        return self._place

    def take(self, most: int) -> memoryview:
        """Return the next bytes uncopied, as many as there are at once; none at the end."""
        if not self._piece:
            self._piece = memoryview(self._following())
        taken, self._piece = self._piece[:most], self._piece[most:]
        self._place += len(taken)
        return taken

    def read(self, size: int) -> bytes:
        """Return the next bytes: `size`, or what is left."""
        first = self.take(size)
        if len(first) == size:
            return bytes(first)
        data = bytearray(first)
        while len(data) < size and (more := self.take(size - len(data))):
            data += more
        return bytes(data)

    def seek(self, place: int) -> None:
        """Go on from there, or from the end where that comes first. Raises `StreamError` for what was read already."""
        if place < self._place:
            raise StreamError("an archive that comes over the network is read once")
        while self._place < place and self.take(place - self._place):
            pass
