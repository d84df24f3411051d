"""A log in frames, with the line that is not finished."""

from __future__ import annotations

import pytest

from atlas_core.log_frames import UnfinishedLine, log_frames, log_parts

_PARTS = [b"one\n", UnfinishedLine(b"\r 10%"), UnfinishedLine(b""), b"\xff\x00L", UnfinishedLine(b"U")]


@pytest.mark.parametrize("size", [1, 2, 5, 7, 1000])
def test_what_was_sent_in_frames_is_put_together_however_it_is_cut(size: int) -> None:
    sent = b"".join(log_frames(_PARTS))
    parts = list(log_parts(sent[start : start + size] for start in range(0, len(sent), size)))
    assert parts == _PARTS
    assert [isinstance(part, UnfinishedLine) for part in parts] == [False, True, True, False, True]


def test_a_part_that_was_broken_off_is_left_out() -> None:
    sent = b"".join(log_frames([b"one\n", b"two\n"]))
    assert list(log_parts([sent[:-1]])) == [b"one\n"]
