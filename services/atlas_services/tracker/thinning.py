"""Thinning a series to the pixels of a chart: of each, the lowest point, the highest, and one that is no number.

What is thinned stays as it is stored, for there is much more of it than is shown.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, pairwise
from operator import itemgetter

from atlas_core.records import POINT
from atlas_services.tracker.envelopes import Row

#: The points of a packed block, and their values.
_POINTS = struct.Struct("<25s25s25s32x")
_VALUES = struct.Struct("<17xd17xd17xd32x")

#: Returns the time of a point.
time_of: Callable[[Row], float] = itemgetter(1)


def thinned_blocks(packed: bytes, width: int) -> list[bytes]:
    """Return the packed points to draw of packed blocks; one may come more than once."""
    blocks = [*_POINTS.iter_unpack(packed)]
    if len(blocks) <= width:
        return [*chain.from_iterable(blocks)]
    lows, highs, odds = zip(*_VALUES.iter_unpack(packed), strict=True)
    found = []
    for low, high, odd in _chosen(lows, highs, odds, width):
        found += [blocks[low][0], blocks[high][1], blocks[odd][2]]
    return found


def thinned_points(rows: Sequence[Row], width: int) -> Sequence[Row]:
    """Return the points to draw of points in the order of their times; the first and the last are among them."""
    if len(rows) <= 2 * width:
        return rows
    values = [row[3] for row in rows]
    places = {0, len(rows) - 1, *chain.from_iterable(_chosen(values, values, values, width))}
    return [rows[place] for place in sorted(places)]


def as_blocks(points: bytes) -> bytes:
    """Return packed points as packed blocks, each of one point."""
    pieces = (points[place : place + POINT.size] for place in range(0, len(points), POINT.size))
    return b"".join([piece * 3 + piece[8:16] * 2 + piece[:8] * 2 for piece in pieces])


def in_order(points: Iterable[bytes]) -> list[Row]:
    """Return packed points unpacked, each once, in the order of their times."""
    return sorted(POINT.iter_unpack(b"".join(dict.fromkeys(points))), key=time_of)


def _chosen(
    lows: Sequence[float], highs: Sequence[float], odds: Sequence[float], width: int
) -> Iterator[tuple[int, int, int]]:
    """Yield for each pixel, where the lowest and the highest are, and one that is no number; else again the lowest.

    The three are those of each block, or the same of each point.
    """
    count = len(lows)
    for first, last in pairwise(pixel * count // width for pixel in range(width + 1)):
        if math.isfinite(sum(odds[first:last])):
            low = lows.index(min(lows[first:last]), first)
            yield low, highs.index(max(highs[first:last]), first), low
        else:
            yield _chosen_beside_odd(lows, highs, odds, range(first, last))


def _chosen_beside_odd(
    lows: Sequence[float], highs: Sequence[float], odds: Sequence[float], places: range
) -> tuple[int, int, int]:
    numbers = [place for place in places if math.isfinite(lows[place])]
    low = min(numbers, key=lows.__getitem__, default=places[0])
    odd = next((place for place in places if not math.isfinite(odds[place])), low)
    return low, max(numbers, key=highs.__getitem__, default=low), odd
