"""Values survive the way between our own parts, and people can read them."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy
import pytest

from atlas_core.values import dumps, loads, plain, to_public


@pytest.mark.parametrize(
    "value", [None, True, 0, -1, 10**40, 0.1, -0.0, 5e-324, "", "süß", [], [1, [2.5]], {}, {"a": {"b": [None]}}]
)
def test_a_value_survives_the_wire(value: Any) -> None:
    got = loads(dumps(value))
    assert got == value
    assert type(got) is type(value)


@pytest.mark.parametrize("value", [math.inf, -math.inf, [math.inf, {"a": -math.inf}]])
def test_infinities_survive_in_strict_json(value: Any) -> None:
    json.loads(dumps(value), parse_constant=pytest.fail)
    assert loads(dumps(value)) == value


def test_nan_survives() -> None:
    assert math.isnan(loads(dumps({"a": [math.nan]}))["a"][0])


@pytest.mark.parametrize("value", [{"$float": "abc"}, {"$float": 1}, {"$float": None}, {"$float": [1]}, {"$float": {}}])
def test_a_mapping_of_the_user_that_looks_like_a_mark_is_left_alone(value: Any) -> None:
    assert loads(dumps(value)) == value


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (numpy.float64(0.5), 0.5),
        (numpy.float32(0.5), 0.5),
        (numpy.int64(-7), -7),
        (numpy.uint8(7), 7),
        (numpy.bool_(True), True),
        (numpy.array([1, 2]), [1, 2]),
        (numpy.array(3), 3),
        ((1, (2,)), [1, [2]]),
        ({1: numpy.int64(2)}, {"1": 2}),
        (numpy.str_("a"), "a"),
    ],
)
def test_numpy_becomes_plain(given: Any, expected: Any) -> None:
    got = plain(given)
    assert got == expected
    assert type(got) is type(expected)


@pytest.mark.parametrize("value", [object(), {1}, b"x", 1j, [object()]])
def test_what_json_cannot_hold_is_refused(value: Any) -> None:
    with pytest.raises(TypeError, match="is not JSON serializable"):
        plain(value)


def test_people_read_words_for_what_is_not_finite() -> None:
    assert to_public([math.nan, math.inf, {"a": -math.inf}, 1.5]) == ["NaN", "Infinity", {"a": "-Infinity"}, 1.5]
