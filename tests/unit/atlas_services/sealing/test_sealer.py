"""Sealing: what was logged reads the same before and after, whatever happens meanwhile."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from tests.unit.atlas_services.tracker.test_chunks import as_an_older_version_left_it

from atlas_core.errors import NotFound
from atlas_core.records import operation_frame, point_frame
from atlas_core.states import JobStatus
from atlas_services.sealing import PARQUET
from atlas_services.sealing.sealer import Sealer
from atlas_services.sealing.series_file import SeriesFiles
from atlas_services.storage.local import LocalStorage
from atlas_services.tracker import StoredJob, Tracker, Window, keys, open_tracker

START = operation_frame("start", project="p", user="ann", time=100.0)
END = operation_frame("end", status="completed", exit_code=0, time=500.0)
HUGE = 2**70


@dataclass
class Archive:
    """A tracker, an archive, and a sealer between them."""

    tracker: Tracker
    sealer: Sealer
    root: Path
    applied: dict[str, int] = field(default_factory=dict)

    def send(self, *frames: bytes | None, job_id: str = "job") -> None:
        """Apply these frames."""
        data = b"".join(frame for frame in frames if frame)
        offset = self.applied.get(job_id, 0)
        self.applied[job_id] = self.tracker.journals.apply(job_id, "w", offset, data, "t", 600.0)

    def log(self, name: str, values: list[float], start: int = 0) -> None:
        """Log points of the job."""
        self.send(*(point_frame(name, value, 10.0 * step, step) for step, value in enumerate(values, start)))

    def run(self) -> None:
        """Run the job `job`, which logs series of many kinds."""
        self.send(START)
        self.log("long", [math.sin(step / 50) for step in range(40_000)])
        self.log("short", [1, 2.5, True, math.nan])
        self.log("tail", [float(step) for step in range(100)])
        text = [operation_frame("metric", name="odd", value=value, time=9.0, step=1) for value in ("fine\n", HUGE)]
        self.send(*text, *(point_frame("odd", float(place), 10.0 + place) for place in range(20)))
        self.send(END)

    def seen(self) -> list[Any]:
        """What a reader sees of the job."""
        names = ["long", "short", "tail", "odd"]
        points = self.tracker.series.of_many([("job", name) for name in names])
        windows = (Window(10), Window(300), Window(40, "step", 10_000, 10_500), Window(20, "time", 50.0, 300_000.0))
        charts = [self.tracker.drawing.drawn("job", name, window) for name in names for window in windows]
        return [repr(each) for each in (*points, *charts)]

    def stored(self) -> list[str]:
        """The keys that hold points, blocks or values."""
        found = [key.decode() for key in self.tracker.client.scan_iter("atlas:{job:*}:*")]
        return sorted(
            key
            for key in found
            if any(part in key for part in (":points:", ":open:", ":chunks:", ":envelope:", ":values:"))
        )


@pytest.fixture
def archive(redis_url: str, tmp_path: Path) -> Iterator[Archive]:
    """An empty tracker and an empty archive."""
    storage = LocalStorage(tmp_path / "archive")
    tracker = open_tracker(redis_url, SeriesFiles(storage))
    yield Archive(tracker, Sealer(tracker, storage, tmp_path / "archive" / ".sealing"), tmp_path / "archive")
    tracker.close()


def test_a_sealed_job_reads_as_before_and_keeps_only_short_series_in_redis(archive: Archive) -> None:
    archive.run()
    before = archive.seen()
    assert archive.sealer.seal("job")
    assert archive.stored() == ["atlas:{job:job}:points:0:short"]
    assert archive.seen() == before
    assert archive.tracker.seals.due(1e12) == []
    assert not archive.sealer.seal("job")


def test_points_that_come_late_join_the_others(archive: Archive) -> None:
    archive.run()
    archive.sealer.seal("job")
    archive.log("long", [5.0, 6.0], 40_000)
    assert archive.tracker.seals.file("job") is None
    assert archive.tracker.seals.due(601.0) == ["job"]
    opened = archive.seen()
    assert archive.tracker.series.points("job", "long").values[-2:] == [5.0, 6.0]
    assert archive.sealer.seal("job")
    assert archive.seen() == opened
    assert len([path for path in (archive.root / "job").iterdir() if path.suffix == ".series"]) == 1


def test_a_job_that_ran_while_the_server_was_upgraded_is_sealed_whole_and_opened_again(archive: Archive) -> None:
    archive.send(START)
    archive.log("m", [float(step) for step in range(1000)])
    as_an_older_version_left_it(archive.tracker)
    archive.log("m", [float(step) for step in range(1000, 3000)], 1000)
    assert archive.sealer.seal("job") is False
    archive.send(END)
    assert archive.sealer.seal("job")
    assert archive.stored() == []
    archive.log("m", [3000.0], 3000)
    assert archive.tracker.series.points("job", "m").values == [float(step) for step in range(3001)]


def test_what_is_no_point_leaves_the_series_in_the_archive(archive: Archive) -> None:
    archive.run()
    archive.sealer.seal("job")
    archive.send(operation_frame("tag", key="late", value="yes"))
    assert archive.tracker.seals.file("job") is not None
    assert archive.tracker.jobs.view("job").tags == {"late": "yes"}


def test_a_point_that_comes_while_the_file_is_written_stops_the_sealing(archive: Archive) -> None:
    archive.run()

    def write(job: StoredJob) -> str:
        archive.log("tail", [7.0], 100)
        return "metrics.x.series"

    assert archive.tracker.seals.seal("job", write) is None
    assert archive.tracker.series.points("job", "tail").values[-1] == 7.0
    assert archive.tracker.seals.due(1e12) == ["job"]


def test_a_failure_behind_the_file_loses_nothing(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    archive.run()
    before = archive.seen()
    write = archive.sealer._write

    def fail(job: StoredJob) -> str:
        write(job)
        raise OSError("the machine fails")

    monkeypatch.setattr(archive.sealer, "_write", fail)
    assert archive.sealer.seal_due(1e12) == 0
    assert archive.seen() == before
    monkeypatch.undo()
    assert archive.sealer.seal_due(1e12) == 1
    assert archive.seen() == before


def test_parquet_has_every_point(archive: Archive) -> None:
    archive.run()
    archive.sealer.seal("job")
    file = pq.ParquetFile(archive.root / "job" / PARQUET)
    assert file.schema_arrow.metadata[b"job_id"] == b"job"
    rows = file.read().to_pylist()
    assert len(rows) == 40_000 + 4 + 100 + 22
    assert [row["value"] for row in rows if row["key"] == "tail"] == [float(step) for step in range(100)]
    odd = [row for row in rows if row["key"] == "odd"]
    assert [row["other"] for row in odd[:3]] == ['"fine\\n"', str(HUGE), None]
    assert [row["value"] for row in odd[:3]] == [None, None, 0.0]
    assert [row["step"] for row in odd[:3]] == [1, 1, None]


def test_deletion_leaves_nothing_of_a_sealed_job(archive: Archive) -> None:
    archive.run()
    archive.sealer.seal("job")
    archive.tracker.jobs.delete("job", 700.0)
    assert list(archive.tracker.client.scan_iter("*{job:job}*")) == []
    assert archive.tracker.client.zcard(keys.UNSEALED) == 0


def test_a_job_that_is_deleted_while_it_is_sealed_leaves_no_files(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive.run()
    write = archive.sealer._write

    def delete(job: StoredJob) -> str:
        name = write(job)
        archive.tracker.jobs.delete("job", 700.0)
        return name

    monkeypatch.setattr(archive.sealer, "_write", delete)
    assert not archive.sealer.seal("job")
    assert not (archive.root / "job").exists()


def test_jobs_that_run_are_left_alone(archive: Archive) -> None:
    archive.send(START)
    archive.log("m", [1.0] * 100)
    assert not archive.sealer.seal("job")
    assert archive.tracker.seals.due(1e12) == []


def test_jobs_that_ended_before_there_was_sealing_are_found(archive: Archive) -> None:
    archive.run()
    archive.tracker.client.delete(keys.UNSEALED, keys.UNSEALED_WHOLE)
    assert archive.tracker.seals.due(499.0) == []
    assert archive.tracker.seals.due(501.0) == ["job"]


def test_one_seals_at_a_time(archive: Archive) -> None:
    archive.run()
    assert archive.tracker.seals.take_turn("somebody", 60.0)
    assert archive.sealer.seal_due(1e12) == 0
    archive.tracker.seals.end_turn("somebody")
    assert archive.sealer.seal_due(1e12) == 1


def test_a_lost_file_is_said_to_be_lost(archive: Archive) -> None:
    archive.run()
    archive.sealer.seal("job")
    for path in (archive.root / "job").glob("*.series"):
        path.unlink()
    with pytest.raises(NotFound, match="is not in the archive"):
        archive.tracker.series.points("job", "long")
    with pytest.raises(NotFound, match="is not in the archive"):
        archive.tracker.drawing.drawn("job", "tail", Window(100))
    assert archive.tracker.series.points("job", "short").values[:2] == [1, 2.5]
    assert archive.tracker.jobs.get("job").status is JobStatus.COMPLETED


@pytest.mark.parametrize("kept", [5, 40, 2_000])
def test_a_file_that_breaks_off_is_said_to_be_damaged(archive: Archive, kept: int) -> None:
    archive.run()
    archive.sealer.seal("job")
    for path in (archive.root / "job").glob("*.series"):
        path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(NotFound, match="is damaged"):
        archive.tracker.series.points("job", "long")
    with pytest.raises(NotFound, match="is damaged"):
        archive.tracker.drawing.drawn("job", "tail", Window(100))


def test_a_file_with_another_head_is_said_to_be_damaged(archive: Archive) -> None:
    archive.run()
    archive.sealer.seal("job")
    for path in (archive.root / "job").glob("*.series"):
        path.write_bytes(path.read_bytes().replace(b'{"series"', b'}"series"', 1))
    with pytest.raises(NotFound, match="is damaged"):
        archive.tracker.series.points("job", "long")
