from __future__ import annotations

import math
import random
from typing import Any

import pytest

from atlas_services.rest_api.envelope import envelope


def test_a_short_series_is_drawn_whole() -> None:
    assert list(envelope([1, 2, 3, 4], 2)) == [0, 1, 2, 3]
    assert list(envelope([], 10)) == []


@pytest.mark.parametrize("width", [1, 7, 100, 800])
def test_the_extremes_of_every_pixel_are_kept_in_order(width: int) -> None:
    chance = random.Random(width)
    values = [chance.gauss(0, 1) for _ in range(5000)]
    kept = list(envelope(values, width))
    assert kept == sorted(set(kept))
    assert (kept[0], kept[-1]) == (0, len(values) - 1)
    assert len(kept) <= 2 * width + 2
    for pixel in range(width):
        indices = range(pixel * 5000 // width, (pixel + 1) * 5000 // width)
        assert {min(indices, key=values.__getitem__), max(indices, key=values.__getitem__)} <= set(kept)


def test_a_gap_stays_visible() -> None:
    values: list[Any] = [1.0] * 1000
    values[300:310] = [math.nan] * 10
    values[600] = "text"
    kept = set(envelope(values, 20))
    assert {300, 600} <= kept


def test_a_series_without_numbers_is_thinned_too() -> None:
    assert len(envelope(["x"] * 10_000, 10)) <= 12
