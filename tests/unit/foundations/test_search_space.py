"""What may be drawn from a space, and what a grid holds."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from atlas_core.errors import InvalidInput
from foundations.search import Search, choice, integers, log_uniform, uniform
from foundations.search_space import drawn


def test_a_grid_holds_every_combination_once() -> None:
    space = {"units": choice([16, 32]), "layers": integers(1, 3), "model": {"kind": choice(["ab"]), "depth": 2}}
    trials = Search({**space, "model": {"kind": choice(["a", "b"]), "depth": 2}, "epochs": 5}).grid()
    assert len(trials) == 2 * 3 * 2
    assert trials[0] == {"units": 16, "layers": 1, "model": {"kind": "a", "depth": 2}, "epochs": 5}
    assert trials[-1] == {"units": 32, "layers": 3, "model": {"kind": "b", "depth": 2}, "epochs": 5}
    assert len({str(trial) for trial in trials}) == len(trials)


def test_a_grid_cannot_hold_every_number() -> None:
    with pytest.raises(InvalidInput, match=r"model\.rate: a grid cannot hold every number between 0\.0 and 1\.0"):
        Search({"model": {"rate": uniform(0, 1)}}).grid()


def test_numbers_are_drawn_from_their_range() -> None:
    space = {"a": uniform(-1, 1), "b": log_uniform(1e-6, 1e-2), "c": integers(3, 5), "d": choice(["x", None])}
    random = Random(1)
    trials = [drawn(space, random) for _ in range(2000)]
    assert all(-1 <= each["a"] <= 1 and 1e-6 <= each["b"] <= 1e-2 for each in trials)
    assert {each["c"] for each in trials} == {3, 4, 5}
    assert {each["d"] for each in trials} == {"x", None}
    assert 0.4 < sum(each["b"] < 1e-4 for each in trials) / 2000 < 0.6
    assert 0.4 < sum(each["a"] < 0 for each in trials) / 2000 < 0.6


def test_a_seed_repeats_a_search_and_more_trials_begin_with_the_same() -> None:
    space = {"rate": log_uniform(1e-4, 1), "units": choice([1, 2, 3])}
    few, many = Search(space, seed=7).random(5), Search(space, seed=7).random(20)
    assert many[:5] == list(few)
    assert list(Search(space, seed=8).random(5)) != list(few)
    assert list(Search(space).random(5)) != list(Search(space).random(5))
    assert list(Search(space, name="mine").random(5)) == list(Search(space, name="mine").random(5))


def test_a_named_search_is_another_one_when_its_space_is() -> None:
    one, again = (Search({"rate": uniform(0, 1)}, name="mine").random(1).search_id for _ in range(2))
    other = Search({"rate": uniform(0, 2)}, name="mine").random(1).search_id
    assert one == again != other
    assert one.startswith("mine-")
    assert Search({"rate": uniform(0, 1)}).random(1).search_id != Search({"rate": uniform(0, 1)}).random(1).search_id


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: choice([]), "no list of values"),
        (lambda: choice("abc"), "no list of values"),
        (lambda: integers(2, 1), "the lower one first"),
        (lambda: integers(1.0, 2), "two whole numbers"),  # type: ignore[arg-type]
        (lambda: uniform(0, float("inf")), "two numbers"),
        (lambda: log_uniform(0, 1), "greater than 0"),
        (lambda: Search({}), "no mapping"),
        (lambda: Search({"a": object()}), "not JSON serializable"),
        (lambda: Search({"a": 1}, name=" "), "cannot name a search"),
        (lambda: Search({"a": 1}).random(0), "no number of trials"),
        (lambda: Search({"a": integers(1, 10**6)}).grid(), "at most 100000 trials"),
    ],
)
def test_a_mistake_is_named(make: Any, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        make()
