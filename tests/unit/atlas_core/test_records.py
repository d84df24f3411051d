"""The journal's frames: whole records or none."""

from __future__ import annotations

import math
from typing import Any

import pytest

from atlas_core.errors import InvalidInput
from atlas_core.records import (
    FRAME,
    MAX_PAYLOAD,
    NO_STEP,
    POINT,
    Operation,
    Point,
    frame,
    intact_length,
    operation_frame,
    point_frame,
    point_frames,
    read_frames,
    unpack_value,
)


def point(value: Any, step: int | None = None) -> bytes:
    made = point_frame("loss", value, 2.5, step)
    assert made is not None
    return made


@pytest.mark.parametrize("value", [0.5, -0.0, math.inf, 3, -(2**53), True, False])
def test_a_point_keeps_value_and_type(value: Any) -> None:
    ((end, record),) = read_frames(point(value, step=7))
    assert isinstance(record, Point)
    step, time, kind, packed = POINT.unpack(record.packed)
    got = unpack_value(kind, packed)
    assert (end, record.name, step, time) == (len(point(value, 7)), "loss", 7, 2.5)
    assert (got, type(got)) == (value, type(value))


@pytest.mark.parametrize("step", [None, 0, -7])
def test_several_points_are_those_that_each_alone_would_be(step: int | None) -> None:
    values = {"loss": 0.5, "n": 3, "größe": math.inf, "nan": math.nan}
    each = [point_frame(name, value, 2.5, step) or b"" for name, value in values.items()]
    assert point_frames(values, 2.5, step) == b"".join(each)


@pytest.mark.parametrize("odd", [{"a": True}, {"a": "text"}, {"a": 2**53 + 1}, {"": 1.0}, {3: 1.0}, {"a": [1.0]}])
def test_points_that_are_not_plain_are_left_to_others(odd: dict[Any, Any]) -> None:
    assert point_frames({"loss": 0.5, **odd}, 2.5) is None


def test_a_point_without_a_step_says_so() -> None:
    ((_, record),) = read_frames(point(math.nan))
    assert isinstance(record, Point)
    assert POINT.unpack(record.packed)[0] == NO_STEP


def test_an_integer_that_no_double_holds_is_no_point() -> None:
    assert point_frame("loss", 2**53 + 1, 0.0) is None


@pytest.mark.parametrize("value", [None, 10**30, math.inf, "süß 🎉", [1, {"a": -math.inf}], "$float"])
def test_an_operation_keeps_its_body(value: Any) -> None:
    ((_, record),) = read_frames(operation_frame("param", name="p", value=value))
    assert record == Operation("param", {"name": "p", "value": value})


def test_half_a_surrogate_pair_becomes_a_question_mark_and_whole_ones_stay() -> None:
    ((_, record),) = read_frames(operation_frame("tag", key="a\ud83d", value="🎉\\ud83d"))
    assert record == Operation("tag", {"key": "a?", "value": "🎉\\ud83d"})


def test_an_operation_beyond_the_limit_is_refused() -> None:
    with pytest.raises(InvalidInput, match="the limit is 16 MB"):
        operation_frame("param", name="p", value="x" * MAX_PAYLOAD)


def test_what_is_intact_ends_with_the_last_whole_frame() -> None:
    whole = point(1.0) + operation_frame("tag", key="a", value="b")
    last = point(2.0)
    for cut in range(len(last)):
        assert intact_length(whole + last[:cut]) == len(whole)
    assert intact_length(whole + last) == len(whole + last)


@pytest.mark.parametrize("place", range(len(point(1.0))))
def test_every_flipped_byte_is_noticed(place: int) -> None:
    data = bytearray(point(1.0))
    data[place] ^= 0xFF
    assert intact_length(bytes(data)) == 0
    with pytest.raises(InvalidInput):
        list(read_frames(bytes(data)))


@pytest.mark.parametrize(
    "payload",
    [b"X", b"P", b"P" + POINT.pack(0, 0, 0, 0), b"P" + POINT.pack(0, 0, 0, 0) + b"\xff", b"J[]", b"J{", b'J{"op":1}'],
)
def test_a_whole_frame_of_nonsense_is_refused(payload: bytes) -> None:
    with pytest.raises(InvalidInput):
        list(read_frames(frame(payload)))


def test_reading_may_begin_behind_what_is_known() -> None:
    data = point(1.0) + point(2.0)
    assert [end for end, _ in read_frames(data, len(point(1.0)))] == [len(data)]


def test_an_empty_frame_is_damage() -> None:
    assert intact_length(FRAME.pack(0, 0)) == 0
