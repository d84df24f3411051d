"""Values survive the way between our own parts, and people can read them."""

from __future__ import annotations

import datetime
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


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (numpy.datetime64("2024-02-29T12:30", "ns"), "2024-02-29T12:30:00"),
        (numpy.datetime64("2024-02-29T12:30:00.5", "ns"), "2024-02-29T12:30:00.500000"),
        (numpy.datetime64("2024-02-29T12:30:00.000000001"), "2024-02-29T12:30:00.000000001"),
        (numpy.datetime64("2024-02"), "2024-02"),
        (numpy.array(["2024-02-29", "NaT"], "datetime64[D]"), ["2024-02-29", None]),
        (numpy.timedelta64(1500, "ms"), 1.5),
        (numpy.array([1, 2], "timedelta64[h]"), [3600.0, 7200.0]),
        (datetime.timedelta(minutes=2), 120.0),
    ],
)
def test_a_moment_becomes_its_iso_text_and_a_duration_its_seconds(given: Any, expected: Any) -> None:
    assert plain(given) == expected


def test_moments_and_durations_of_pandas_become_the_same() -> None:
    pandas = pytest.importorskip("pandas")
    moments = pandas.Series(pandas.to_datetime(["2024-02-29 12:30", None]))
    assert plain(moments) == ["2024-02-29T12:30:00", None]
    assert plain(moments[0]) == "2024-02-29T12:30:00"
    assert plain(pandas.Timestamp("2024-02-29", tz="UTC")) == "2024-02-29T00:00:00+00:00"
    assert plain(pandas.NaT) is None
    assert plain(pandas.Timedelta("1h")) == 3600.0
