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
#: So many blocks are compressed to see what that costs, before it is asked whether it pays.
_TRIED = 4
#: What the newest measurement counts for.
_WEIGHT = 0.2


def gzip_members(archive: Iterable[bytes]) -> Iterator[bytes]:
    """Yield a gzip file of these bytes. The same bytes, cut alike, give the same file."""
    for block in in_blocks(archive):
        yield _compressed(block) if not block or shrinks(block) else _stored(block)


def paced_members(archive: Iterable[bytes], clock: Callable[[], float] = time.perf_counter) -> Iterator[bytes]:
    """Yield a gzip file of these bytes; they are compressed as long as that saves the taker time.

    A taker that writes to a slow network keeps each piece for long; for one that is faster than the compression, the
    blocks are stored. Which ones are depends on the moment, so the same bytes may give another file.
    """
    pace = _Pace()
    for block in in_blocks(archive):
        begin = clock()
        compresses = not block or (pace.pays and shrinks(block))
        member = _compressed(block) if compresses else _stored(block)
        made = clock()
        yield member
        pace.note(len(block), len(member), made - begin if compresses else None, clock() - made)


class _Pace:
    """What compressing and handing on cost, in seconds a byte."""

    def __init__(self) -> None:
        self._blocks = 0
        self._compressing = self._part = self._handing_on = 0.0

    @property
    def pays(self) -> bool:
        """Whether handing on what compressing saves would take longer than compressing."""
        return self._blocks < _TRIED or self._compressing < self._handing_on * (1 - self._part)

    def note(self, size: int, packed: int, compressing: float | None, handing_on: float) -> None:
        """Take in how long a block took to be compressed, if it was, and to be handed on."""
        self._blocks += 1
        self._handing_on = self._mean(self._handing_on, handing_on / packed)
        if compressing is not None and size:
            self._compressing = self._mean(self._compressing, compressing / size)
            self._part = self._mean(self._part, packed / size)

    def _mean(self, before: float, now: float) -> float:
        return now if not before else (1 - _WEIGHT) * before + _WEIGHT * now


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
