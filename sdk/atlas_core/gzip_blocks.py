"""A gzip file that is written a block at a time; what would not shrink is stored as it is.

Each block becomes a member of its own, which every reader of gzip takes one after the other. The same bytes give the
same file. There are no threads in it: a bundle may be packed while the interpreter ends, when none can be started.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import IO

#: Bytes that are compressed together.
_BLOCK = 1024 * 1024
#: Level 1: on source code within a few percent of level 9, several times as fast.
_LEVEL = 1
#: A gzip header and checksum around the data, in zlib's words.
_GZIP = 31
#: The header of a member without name and time; and how many bytes follow each other as they are, at most.
_HEADER, _MOST_STORED = b"\x1f\x8b\x08" + bytes(5) + b"\x04\xff", 0xFFFF
#: A block is tried at so many places, of so many bytes each; pictures, weights and archives do not shrink to this part.
_PLACES, _PIECE, _WORTH = 4, 2048, 0.9


class GzipBlocks:
    """Writes to `target`. To be closed, for the last block comes then."""

    def __init__(self, target: IO[bytes]) -> None:
        self._target = target
        self._gathered = bytearray()
        self._written = 0

    def tell(self) -> int:
        """Return how many bytes were written."""
        return self._written

    def write(self, data: bytes) -> int:
        """Take more bytes. Raises `OSError` for these or earlier ones."""
        self._gathered += data
        self._written += len(data)
        while len(self._gathered) >= _BLOCK:
            self._pack(bytes(self._gathered[:_BLOCK]))
            del self._gathered[:_BLOCK]
        return len(data)

    def close(self) -> None:
        """Write what waits. Raises `OSError`."""
        self._pack(bytes(self._gathered))

    def _pack(self, block: bytes) -> None:
        if block and not _shrinks(block):
            self._target.writelines(_stored(block))
        else:
            self._target.write(_compressed(block))


def _compressed(block: bytes) -> bytes:
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP)
    return packer.compress(block) + packer.flush()


def _stored(block: bytes) -> Iterator[bytes | memoryview]:
    """Yield a member that holds the block as it is, uncopied: in memory that is slow, copies are what takes time."""
    yield _HEADER
    whole = memoryview(block)
    for start in range(0, len(block), _MOST_STORED):
        piece = whole[start : start + _MOST_STORED]
        is_last = start + _MOST_STORED >= len(block)
        yield struct.pack("<BHH", is_last, len(piece), len(piece) ^ 0xFFFF)
        yield piece
    yield struct.pack("<II", zlib.crc32(block), len(block))


def _shrinks(block: bytes) -> bool:
    stride = max(len(block) // _PLACES, _PIECE)
    sample = b"".join(block[start : start + _PIECE] for start in range(0, len(block), stride))
    return len(zlib.compress(sample, _LEVEL)) < _WORTH * len(sample)
