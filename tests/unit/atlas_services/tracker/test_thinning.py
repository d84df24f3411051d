"""Thinning to pixels, against the definition."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

import pytest

from atlas_core.records import FLOAT, POINT
from atlas_services.tracker.envelopes import Row, block_of
from atlas_services.tracker.thinning import as_blocks, in_order, thinned_blocks, thinned_points


def series(values: Sequence[float]) -> list[Row]:
    return [(step, 10.0 * step, FLOAT, value) for step, value in enumerate(values)]


def packed(rows: Sequence[Row]) -> bytes:
    return b"".join(POINT.pack(*row) for row in rows)


def blocks_of(rows: Sequence[Row], size: int) -> bytes:
    return b"".join(block_of(rows[place : place + size]).pack() for place in range(0, len(rows), size))


def noise(count: int, odd: float = 0.0) -> list[float]:
    chance = random.Random(count)
    return [math.nan if chance.random() < odd else chance.gauss(0, 1) for _ in range(count)]


@pytest.mark.parametrize("odd", [0.0, 0.1, 0.9])
def test_each_pixel_keeps_its_lowest_its_highest_and_what_is_no_number(odd: float) -> None:
    rows, width = series(noise(800, odd)), 20
    shown = {row[0] for row in in_order(thinned_blocks(blocks_of(rows, 8), width))}
    for first in range(0, 800, 40):
        pixel = rows[first : first + 40]
        numbers = [row for row in pixel if math.isfinite(row[3])]
        kept = [row for row in pixel if row[0] in shown]
        assert len(kept) <= 3
        assert {min(numbers, key=lambda row: row[3]), max(numbers, key=lambda row: row[3])} <= set(kept)
        assert any(math.isnan(row[3]) for row in kept) == any(math.isnan(row[3]) for row in pixel)


def test_points_are_thinned_as_their_blocks_are() -> None:
    rows = series(noise(900, 0.05))
    from_points = {row[0] for row in thinned_points(rows, 30)}
    assert from_points == {0, 899, *(row[0] for row in in_order(thinned_blocks(as_blocks(packed(rows)), 30)))}


def test_a_block_of_one_point_is_what_blocks_are_made_of() -> None:
    rows = series(noise(5, 0.3))
    assert as_blocks(packed(rows)) == blocks_of(rows, 1)


def test_few_points_stay_as_they_are() -> None:
    rows = series(noise(60))
    assert list(thinned_points(rows, 30)) == rows


def test_points_without_any_number_are_drawn_once() -> None:
    rows = series([math.nan] * 64)
    assert [row[0] for row in in_order(thinned_blocks(blocks_of(rows, 64), 10))] == [0]


def test_numbers_whose_sum_no_double_holds_keep_their_spikes() -> None:
    rows = series([1e308, 1.1e308, -1.2e308, 1.3e308] * 100)
    values = {row[3] for row in in_order(thinned_blocks(blocks_of(rows, 4), 10))}
    assert {-1.2e308, 1.3e308} <= values
    assert {row[3] for row in thinned_points(rows, 10)} >= {-1.2e308, 1.3e308}
