"""How long the names of metrics, parameters and tags may be."""

from __future__ import annotations

import pytest

from atlas_core.errors import InvalidInput
from atlas_core.names import LONGEST_NAME, check_name, shortened
from atlas_core.records import Operation, Point, frame, operation_frame, point_frame, point_frames, read_frames

LONGEST = "ä" * (LONGEST_NAME // 2)
REFUSED = f"has {LONGEST_NAME + 1} bytes; give one of at most {LONGEST_NAME}"


@pytest.mark.parametrize("name", ["loss", LONGEST, "x" * LONGEST_NAME])
def test_a_name_may_be_as_long_as_the_limit(name: str) -> None:
    assert check_name("metric", name) == name
    assert point_frames({name: 1.0}, 2.5) == point_frame(name, 1.0, 2.5)


def test_a_longer_name_is_refused_by_its_kind_and_its_beginning() -> None:
    with pytest.raises(InvalidInput, match=f"tag: the name `ää[^`]*` {REFUSED}") as refusal:
        check_name("tag", LONGEST + "x")
    assert len(str(refusal.value)) < 150


def test_no_point_is_made_of_a_longer_name() -> None:
    with pytest.raises(InvalidInput, match=REFUSED):
        point_frame(LONGEST + "x", 1.0, 2.5)
    with pytest.raises(InvalidInput, match=REFUSED):
        point_frames({LONGEST + "x": 1.0}, 2.5)


def short(name: str) -> bool:
    return len(name.encode()) <= LONGEST_NAME


@pytest.mark.parametrize(("op", "field"), [("param", "name"), ("metric", "name"), ("tag", "key")])
def test_a_longer_name_that_an_older_version_logged_is_shortened(op: str, field: str) -> None:
    frames = operation_frame(op, value=1, **{field: LONGEST + "x"}) + operation_frame(op, value=1, **{field: "x"})
    records = [record for _, record in read_frames(frames)]
    assert all(isinstance(record, Operation) for record in records)
    first, second = (record.body[field] for record in records if isinstance(record, Operation))
    assert short(first) and first.startswith("ää") and second == "x"


def test_a_point_that_an_older_version_logged_under_a_longer_name_is_read() -> None:
    made = point_frame("x", 1.0, 2.5)
    assert made is not None
    ((_, record),) = read_frames(frame(made[8:] + b"x" * LONGEST_NAME))
    assert isinstance(record, Point) and short(record.name) and record.packed == made[9:-1]


def test_different_names_are_different_when_they_are_shortened() -> None:
    assert shortened(LONGEST + "x") != shortened(LONGEST + "y")
    assert shortened(LONGEST + "x") == shortened(LONGEST + "x")
    assert shortened(LONGEST) == LONGEST
