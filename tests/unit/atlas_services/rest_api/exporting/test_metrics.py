from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from atlas_core.records import operation_frame, point_frame
from atlas_services.rest_api.exporting import metrics
from atlas_services.sealing.sealer import Sealer
from atlas_services.sealing.series_file import SeriesFiles
from atlas_services.storage.local import LocalStorage
from atlas_services.tracker import Tracker, open_tracker

#: How many points each series has.
COUNTS = {"one": 1, "long": 1000, "short": 20, "odd": 30, "longer": 1201, "last": 3}


@pytest.fixture
def tracker(redis_url: str, tmp_path: Path) -> Iterator[Tracker]:
    """A tracker with two jobs, of which one is sealed."""
    storage = LocalStorage(tmp_path)
    tracker = open_tracker(redis_url, SeriesFiles(storage))
    for job_id, *frames in (("a", operation_frame("end", status="completed", exit_code=0, time=9.0)), ("b",)):
        begin = operation_frame("start", project="p", user="ann", time=1.0)
        data = b"".join([begin, *(_frame(*each) for each in _points()), *frames])
        tracker.journals.apply(job_id, "w", 0, data, "t", 1.0)
    assert Sealer(tracker, storage, tmp_path / "made").seal("a")
    yield tracker
    tracker.close()


def _points() -> list[tuple[str, int]]:
    return [(name, step) for name, count in COUNTS.items() for step in range(count)]


def _frame(name: str, step: int) -> bytes:
    if name == "odd" and step % 3:
        return operation_frame("metric", name=name, value=f"text {step}", time=float(step), step=step)
    return point_frame(name, step / 2, float(step), step) or b""


def test_series_are_whole_and_in_their_order_in_whatever_pieces_they_are_read(
    tracker: Tracker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metrics, "_ROWS", 100)
    monkeypatch.setattr(metrics, "_PIECE", 300)
    monkeypatch.setattr(metrics, "_SERIES", 2)
    out = io.BytesIO()
    metrics.write_many(tracker, tracker.jobs.views(["a", "b"]), out)
    rows = pq.read_table(out).to_pylist()
    assert [(row["job_id"], row["key"], row["step"]) for row in rows] == [
        (job, *each) for job in "ab" for each in _points()
    ]
    for row in rows:
        is_text = row["key"] == "odd" and row["step"] % 3
        expected = (None, f'"text {row["step"]}"') if is_text else (row["step"] / 2, None)
        assert (row["value"], row["other"]) == expected
