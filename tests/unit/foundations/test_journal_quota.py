"""The limit of a journal that no server takes."""

from __future__ import annotations

from pathlib import Path

import pytest

from atlas_core.records import operation_frame, point_frame
from foundations.journal_quota import JournalQuota

POINT, OPERATION = point_frame("loss", 1.0, 2.0) or b"", operation_frame("end")


def test_beyond_the_limit_points_are_dropped_and_the_rest_has_a_reserve(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("FOUNDATIONS_JOURNAL_GB", "1")
    quota = JournalQuota()
    quota.look(1024**3 - 1)
    assert not quota.is_reached
    quota.look(1024**3)
    assert quota.is_reached
    rooms = [quota.has_room(frame, 1024**3, tmp_path) for frame in (POINT, OPERATION, POINT)]
    assert rooms == [False, True, False]
    (record,) = caplog.records
    assert record.getMessage().startswith("1 GB in ")
    assert not quota.has_room(OPERATION, 2 * 1024**3, tmp_path)
    assert quota.has_room(POINT, 1024**3 - 1, tmp_path)
    assert not quota.is_reached
