"""A gzip file made a block at a time; what would not shrink is stored as it is.

Each block becomes a member of its own, which every reader of gzip takes one after the other. There are no threads in
it: a bundle may be packed while the interpreter ends, when none can be started.
"""

from __future__ import annotations

import struct
import time
import zlib
from collections.abc import Callable, Iterable, Iterator

#: Bytes that are compressed together, where they come in smaller pieces; and what is no such piece.
_BLOCK, _LARGE = 1024 * 1024, 128 * 1024
#: Level 1: on source code within a few percent of level 9, several times as fast.
_LEVEL = 1
#: A gzip header and checksum around the data, in zlib's words.
_GZIP = 31
#: The header of a member without name and time; and how many bytes follow each other as they are, at most.
_HEADER, _MOST_STORED = b"\x1f\x8b\x08" + bytes(5) + b"\x04\xff", 0xFFFF
#: A block is tried at so many places, of so many bytes each; pictures, weights and archives do not shrink to this part.
_PLACES, _PIECE, _WORTH = 4, 2048, 0.9
#: Of so many blocks, so many are compressed and so many stored to see what is faster: more than networks keep waiting.
_ROUND, _TRIED = 128, 8


def gzip_members(archive: Iterable[bytes]) -> Iterator[bytes]:
    """Yield a gzip file of these bytes. The same bytes, cut alike, give the same file."""
    for block in in_blocks(archive):
        yield _compressed(block) if not block or shrinks(block) else _stored(block)


def paced_members(archive: Iterable[bytes], clock: Callable[[], float] = time.perf_counter) -> Iterator[bytes]:
    """Yield a gzip file of these bytes; they are compressed where that saves time until all is taken.

    On a slow network it does; where the other side takes faster than we compress, blocks are stored. Which ones are
    depends on the moment, so the same bytes may give another file.
    """
    pace = _Pace()
    for block in in_blocks(archive):
        if not block or not shrinks(block):
            yield _stored(block) if block else _compressed(block)
            continue
        begin, compresses = clock(), pace.compresses
        yield _compressed(block) if compresses else _stored(block)
        pace.note(len(block), clock() - begin)


class _Pace:
    """Which way takes less time, from a block to its being taken: both are tried from time to time."""

    def __init__(self) -> None:
        self._blocks = 0
        self._costs: dict[bool, list[float]] = {}

    @property
    def compresses(self) -> bool:
        """Whether the next block is to be compressed."""
        place = self._blocks % _ROUND
        if place < 2 * _TRIED:
            return place < _TRIED
        compressed, stored = (sum(self._costs[way]) for way in (True, False))
        return compressed < stored

    def note(self, size: int, seconds: float) -> None:
        """Take in how long a block took."""
        place = self._blocks % _ROUND
        if place < 2 * _TRIED:
            way = place < _TRIED
            self._costs[way] = [*self._costs.get(way, []), seconds / size][-_TRIED:]
        self._blocks += 1


def shrinks(block: bytes) -> bool:
    """Whether compressing is worth the time, by a few places of the block."""
    stride = max(len(block) // _PLACES, _PIECE)
    sample = b"".join(block[start : start + _PIECE] for start in range(0, len(block), stride))
    return len(zlib.compress(sample, _LEVEL)) < _WORTH * len(sample)


def in_blocks(archive: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the bytes in pieces worth a call: small ones together, large ones uncopied. The last one may be empty."""
    gathered = bytearray()
    for piece in archive:
        if len(gathered) + len(piece) > _BLOCK or len(piece) >= _LARGE:
            if gathered:
                yield bytes(gathered)
            gathered.clear()
        if len(piece) >= _LARGE:
            yield piece
        else:
            gathered += piece
    yield bytes(gathered)


def _compressed(block: bytes) -> bytes:
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP)
    return packer.compress(block) + packer.flush()


def _stored(block: bytes) -> bytes:
    """Return a member that holds the block as it is."""
    whole = memoryview(block)
    pieces: list[bytes | memoryview] = [_HEADER]
    for start in range(0, len(block), _MOST_STORED):
        piece = whole[start : start + _MOST_STORED]
        is_last = start + _MOST_STORED >= len(block)
        pieces += [struct.pack("<BHH", is_last, len(piece), len(piece) ^ 0xFFFF), piece]
    pieces.append(struct.pack("<II", zlib.crc32(block), len(block)))
    return b"".join(pieces)
