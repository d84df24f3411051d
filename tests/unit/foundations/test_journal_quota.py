"""The limit of a journal that no server takes."""

from __future__ import annotations

from pathlib import Path

import pytest

from atlas_core.records import operation_frame, point_frame
from foundations.journal_quota import JournalQuota
from foundations.journal_room import JournalRoom

POINT, OPERATION = point_frame("loss", 1.0, 2.0) or b"", operation_frame("end")


def test_beyond_the_limit_points_are_dropped_and_the_rest_has_a_reserve(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("FOUNDATIONS_JOURNAL_GB", "1")
    quota = JournalQuota(JournalRoom(tmp_path))
    quota.look(1024**3 - 1)
    assert not quota.is_reached
    quota.look(1024**3)
    assert quota.is_reached
    rooms = [quota.has_room(frame, 1024**3, False, tmp_path) for frame in (POINT, OPERATION, POINT)]
    assert rooms == [False, True, False]
    (record,) = caplog.records
    assert record.getMessage().startswith("1 GB in ")
    assert not quota.has_room(OPERATION, 2 * 1024**3, False, tmp_path)
    assert quota.has_room(POINT, 1024**3 - 1, False, tmp_path)
    assert not quota.is_reached


def test_where_all_journals_together_are_too_large_a_run_keeps_what_is_worth_most(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOUNDATIONS_UNSENT_GB", "1")
    room = JournalRoom(tmp_path)
    monkeypatch.setattr(room, "look_soon", lambda: None)
    quota = JournalQuota(room)
    assert not quota.is_reached
    room.waiting = 1024**3
    assert quota.is_reached

    def takes(megabytes: float, is_taken: bool) -> list[bool]:
        waiting = int(megabytes * 1024**2)
        return [quota.has_room(frame, waiting, is_taken, tmp_path) for frame in (POINT, OPERATION)]

    assert takes(0.5, False) == [True, True]
    assert takes(1, False) == [False, True]
    assert takes(2, False) == [False, False]
    assert takes(63, True) == [True, True]
    assert takes(64, True) == [False, True]
    room.waiting = int(1.2 * 1024**3)
    assert takes(0.05, False) == [True, True]
    assert takes(0.1, False) == [False, True]
    assert takes(0.2, False) == [False, False]
    assert takes(63, True) == [True, True]
    room.waiting = 1024
    assert takes(63, False) == [True, True]
    assert not quota.is_reached
