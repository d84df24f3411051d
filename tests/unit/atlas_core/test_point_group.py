"""Several points of one moment in one record."""

from __future__ import annotations

import math
import struct

import pytest

from atlas_core.errors import InvalidInput
from atlas_core.names import LONGEST_NAME
from atlas_core.records import (
    FLOAT,
    FRAME,
    NO_STEP,
    POINT,
    Point,
    frame,
    intact_length,
    point_frame,
    point_frames,
    read_frames,
)

VALUES = {"loss": 0.5, "größe": -math.inf, "rate": 1e-300}


def frames_of(values: dict[str, float], step: int | None = 3) -> bytes:
    made = point_frames(values, 2.5, step)
    assert made is not None
    return made


def payload_of(values: dict[str, float]) -> bytearray:
    return bytearray(frames_of(values)[8:])


@pytest.mark.parametrize("step", [None, 0, -1, 2**62])
def test_points_of_one_moment_are_one_record_and_read_as_if_they_were_several(step: int | None) -> None:
    data = frames_of(VALUES, step)
    assert intact_length(data) == len(data) == FRAME.size + struct.unpack("<I", data[:4])[0]
    number = NO_STEP if step is None else step
    expected = [Point(name, POINT.pack(number, 2.5, FLOAT, value)) for name, value in VALUES.items()]
    assert [record for _, record in read_frames(data)] == expected
    assert {end for end, _ in read_frames(data)} == {len(data)}


def test_not_a_number_stays_what_it_is() -> None:
    (_, record), _ = read_frames(frames_of({"loss": math.nan, "b": math.nan}))
    assert isinstance(record, Point)
    assert math.isnan(POINT.unpack(record.packed)[3])


@pytest.mark.parametrize("values", [{"a": 1.0, "b": 2}, {"a": 1.0}, {f"metric {n}": 0.5 for n in range(101)}])
def test_what_is_no_group_of_floats_is_logged_one_by_one(values: dict[str, float]) -> None:
    single = b"".join(point_frame(name, value, 2.5, 3) or b"" for name, value in values.items())
    assert frames_of(values) == single


def test_groups_and_points_follow_each_other() -> None:
    one = point_frame("one", 1.0, 2.5) or b""
    data = frames_of(VALUES) + one + frames_of({"x": 1.0, "y": 2.0})
    names = [record.name for _, record in read_frames(data) if isinstance(record, Point)]
    assert names == [*VALUES, "one", "x", "y"]
    rest = read_frames(data, len(frames_of(VALUES)))
    assert [record.name for _, record in rest if isinstance(record, Point)] == ["one", "x", "y"]


def test_names_that_are_not_plain_are_no_group() -> None:
    with pytest.raises(InvalidInput):
        point_frames({"n" * (LONGEST_NAME + 1): 1.0, "b": 2.0}, 2.5)
    assert point_frames({"": 1.0, "b": 2.0}, 2.5) is None
    with pytest.raises(UnicodeEncodeError):
        point_frames({"half \ud83d": 1.0, "b": 2.0}, 2.5)


@pytest.mark.parametrize("size", [26, 30, 45, -1])
def test_a_group_that_was_cut_is_refused(size: int) -> None:
    with pytest.raises(InvalidInput, match="byte 0"):
        list(read_frames(frame(bytes(payload_of(VALUES)[:size]))))


@pytest.mark.parametrize(
    ("place", "value"),
    [(18, b"\x00\x00"), (18, b"\x02\x00"), (18, b"\xff\xff"), (44, b"\x00\x00"), (44, b"\xff\xff"), (46, b"\xff\xfe")],
    ids=["no points", "too few", "too many", "no name", "long name", "no text"],
)
def test_a_group_that_contradicts_itself_is_refused(place: int, value: bytes) -> None:
    payload = payload_of(VALUES)
    payload[place : place + len(value)] = value
    with pytest.raises(InvalidInput, match="byte 0"):
        list(read_frames(frame(bytes(payload))))
