"""Thinning a series for a chart without losing a spike."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any


def envelope(values: Sequence[Any], width: int) -> Sequence[int]:
    """Return the indices to draw on `width` pixels, ascending: first, last, and each pixel's lowest and highest point.

    A pixel whose points are no numbers keeps its first point, so that a gap stays visible as a gap.
    """
    count = len(values)
    if count <= 2 * width:
        return range(count)
    kept = {0, count - 1}
    for pixel in range(width):
        indices = range(pixel * count // width, (pixel + 1) * count // width)
        numbers = [index for index in indices if _is_number(values[index])]
        if len(numbers) < len(indices):
            kept.add(next(index for index in indices if not _is_number(values[index])))
        if numbers:
            kept.add(min(numbers, key=values.__getitem__))
            kept.add(max(numbers, key=values.__getitem__))
    return sorted(kept)


def _is_number(value: Any) -> bool:
    return isinstance(value, int) or (isinstance(value, float) and math.isfinite(value))
