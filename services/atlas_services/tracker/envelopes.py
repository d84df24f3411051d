"""Envelopes: the extremes of each stretch of a metric's points, kept as they arrive, so that a chart reads no points.

A block tells of `BLOCK` points, one of the next level of `FACTOR` blocks. Only whole blocks are there. For points that
are older than envelopes they are missing, or zeros: whoever finds that reads the points themselves.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from atlas_core.records import POINT

#: Points of a block, and blocks of one of the next level. A segment of points holds a whole number of blocks. All
#: levels together take less than 2 bytes a point.
BLOCK, FACTOR = 64, 16
LEVELS = (1, 2, 3)
_ENTRY = struct.Struct("<qdBdqdBdqdBdddqq")
ENTRY = _ENTRY.size
#: A level ends here: Redis holds no longer text. The next level tells of what follows.
_LONGEST = 500_000_000

#: Step, time, kind, value.
Row = tuple[int, float, int, float]


class Block(NamedTuple):
    """The lowest and highest point of a stretch, one that is no number if there is any, and the ends of both axes.

    Without any number, all three points are the same; without any other, `odd` is `low`.
    """

    low: Row
    high: Row
    odd: Row
    first_time: float
    last_time: float
    first_step: int
    last_step: int

    def pack(self) -> bytes:
        """Return the stored form."""
        return _ENTRY.pack(*self.low, *self.high, *self.odd, *self[3:])


def unpack(data: bytes) -> list[Block]:
    """Return stored blocks."""
    return [Block(row[0:4], row[4:8], row[8:12], *row[12:]) for row in _ENTRY.iter_unpack(data)]


def is_missing(data: bytes, count: int) -> bool:
    """Whether `data` are not as many blocks as there should be."""
    return len(data) < count * ENTRY or (count > 0 and not any(data[:ENTRY]))


def size_of(level: int) -> int:
    """Return how many points a block of a level tells of."""
    return int(BLOCK * FACTOR ** (level - 1))


def block_of(rows: Sequence[Row]) -> Block:
    """Return the block of these points."""
    values = [row[3] for row in rows]
    low = high = odd = rows[0]
    if math.isfinite(sum(values)):
        low = odd = rows[values.index(min(values))]
        high = rows[values.index(max(values))]
    else:
        finite = [row for row in rows if math.isfinite(row[3])]
        odd = next((row for row in rows if not math.isfinite(row[3])), rows[0])
        low = min(finite, key=_value, default=odd)
        high = max(finite, key=_value, default=odd)
    times, steps = [row[1] for row in rows], [row[0] for row in rows]
    return Block(low, high, odd, min(times), max(times), min(steps), max(steps))


def joined(blocks: Sequence[Block]) -> Block:
    """Return the block of all that several tell of."""
    if len(blocks) == 1:
        return blocks[0]
    lows = [block.low for block in blocks if math.isfinite(block.low[3])]
    highs = [block.high for block in blocks if math.isfinite(block.high[3])]
    low = min(lows, key=_value, default=blocks[0].low)
    odd = next((block.odd for block in blocks if not math.isfinite(block.odd[3])), low)
    return Block(
        low,
        max(highs, key=_value, default=low),
        odd,
        min(block.first_time for block in blocks),
        max(block.last_time for block in blocks),
        min(block.first_step for block in blocks),
        max(block.last_step for block in blocks),
    )


def new_blocks(
    count: int, packed: bytes, points: Callable[[int, int], bytes], blocks: Callable[[int, int, int], bytes]
) -> Iterator[tuple[int, int, bytes]]:
    """Yield level, place in bytes and bytes of the blocks that become whole when points are appended to `count` others.

    `points(start, stop)` reads packed points that are there; `blocks(level, start, stop)` reads blocks of a level.
    """
    total = count + len(packed) // POINT.size
    made: list[Block] = []
    for level in LEVELS:
        start, stop = count // size_of(level), total // size_of(level)
        if start == stop:
            return
        if level == 1:
            rows = [*POINT.iter_unpack(_before(points, start * BLOCK, count) + packed)]
            made = [block_of(rows[place : place + BLOCK]) for place in range(0, (stop - start) * BLOCK, BLOCK)]
        else:
            known = count // size_of(level - 1)
            data = blocks(level - 1, start * FACTOR, known) if start * FACTOR < known else b""
            if is_missing(data, known - start * FACTOR):
                return
            below = unpack(data) + made
            made = [joined(below[place : place + FACTOR]) for place in range(0, (stop - start) * FACTOR, FACTOR)]
        if stop * ENTRY < _LONGEST:
            yield level, start * ENTRY, b"".join(block.pack() for block in made)


def _before(points: Callable[[int, int], bytes], start: int, stop: int) -> bytes:
    return points(start, stop) if start < stop else b""


def _value(row: Row) -> float:
    return row[3]
