"""How long the names of metrics, parameters and tags may be."""

from __future__ import annotations

import pytest

from atlas_core.errors import InvalidInput
from atlas_core.names import LONGEST_NAME, check_name
from atlas_core.records import frame, operation_frame, point_frame, point_frames, read_frames

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


@pytest.mark.parametrize(("op", "field"), [("param", "name"), ("metric", "name"), ("tag", "key")])
def test_a_journal_that_holds_a_longer_name_is_refused(op: str, field: str) -> None:
    frames = operation_frame(op, value=1, **{field: LONGEST + "x"})
    with pytest.raises(InvalidInput, match=REFUSED):
        list(read_frames(frames))


def test_a_point_of_a_journal_with_a_longer_name_is_refused() -> None:
    made = point_frame("x", 1.0, 2.5)
    assert made is not None
    with pytest.raises(InvalidInput, match=REFUSED):
        list(read_frames(frame(made[8:] + b"x" * LONGEST_NAME)))
