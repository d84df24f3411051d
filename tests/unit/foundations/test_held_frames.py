"""What waits in memory: bounded, in its order, and counted where it is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from atlas_core.records import operation_frame, point_frame
from foundations import held_frames
from foundations.held_frames import HeldFrames

FRAME = point_frame("loss", 1.0, 1.0) or b""


def test_what_is_dropped_beyond_the_limit_is_told_once_and_counted(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    monkeypatch.setattr(held_frames, "LIMIT", 3 * len(FRAME))
    held = HeldFrames(tmp_path)
    for _ in range(5):
        held.add(FRAME)
    held.add(FRAME + FRAME)
    assert len(caplog.records) == 1
    held.tell_lost()
    assert caplog.records[-1].message == f"7 records found no room in `{tmp_path}` and are lost."


def test_what_is_no_point_has_a_reserve(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(held_frames, "LIMIT", len(FRAME))
    held, end = HeldFrames(tmp_path), operation_frame("end")
    for each in (FRAME, FRAME, end):
        held.add(each)
    assert held.take(0) == FRAME + end


def test_what_was_written_is_forgotten_and_the_rest_taken_again(tmp_path: Path) -> None:
    held, end = HeldFrames(tmp_path), operation_frame("end")
    held.add(FRAME)
    held.add(end)
    assert held.take(100) == FRAME + end
    held.settle(100 + len(FRAME))
    held.settle(1_000)
    assert held.take(1_000) == end


def test_a_frame_longer_than_a_piece_is_taken_whole(tmp_path: Path) -> None:
    held, long = HeldFrames(tmp_path), operation_frame("param", name="text", value="x" * 1024**2)
    held.add(long)
    held.add(FRAME)
    assert held.take(0) == long
