"""What jobs logged, as files: what comes is what pandas and pyarrow read, whether a job has ended or not."""

from __future__ import annotations

import io
import json
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pandas  # type: ignore[import-untyped]
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from flask.testing import FlaskClient

from atlas_core.records import operation_frame, point_frame
from atlas_core.settings import Settings
from atlas_services.rest_api.app import make_app
from atlas_services.rest_api.exporting.project import write_project
from atlas_services.sealing import PARQUET
from atlas_services.sealing.sealer import Sealer
from atlas_services.sealing.series_file import SeriesFiles
from atlas_services.storage.local import LocalStorage
from atlas_services.tracker import Note, Tracker, open_tracker


@pytest.fixture
def tracker(redis_url: str) -> Iterator[Tracker]:
    """A tracker with a job that runs, one that has ended, and one of another project."""
    tracker = open_tracker(redis_url)
    log(tracker, "a", "p", *(point_frame("train/loss", float(n), 10.0 + n, n) for n in range(300)))
    text = operation_frame("metric", name="note", value="begun", time=5.0)
    ended = operation_frame("end", status="completed", exit_code=0, time=9.0)
    big = operation_frame("metric", name="big", value=2**80, time=7.0)
    log(tracker, "b", "p", text, point_frame("note", float("nan"), 6.0), big, ended)
    log(tracker, "other", "q", point_frame("x", 1.0, 1.0))
    yield tracker
    tracker.client.close()


def log(tracker: Tracker, job_id: str, project: str, *frames: bytes | None) -> None:
    """Have a job log something."""
    begin = operation_frame("start", project=project, user="ann", time=1.0)
    tracker.journals.apply(job_id, "w", 0, begin + b"".join(each or b"" for each in frames), "token", 1.0)


@pytest.fixture
def http(tracker: Tracker, redis_url: str, tmp_path: Path) -> FlaskClient:
    """The REST API."""
    environment = {"ATLAS_REDIS_URL": redis_url, "FOUNDATIONS_HOME": str(tmp_path)}
    return make_app(Settings.from_environment(environment)).test_client()


def table(http: FlaskClient, job_id: str) -> pa.Table:
    """Return the metrics of a job."""
    answer = http.get(f"/api/v3/jobs/{job_id}/metrics.parquet")
    assert answer.status_code == 200, answer.text
    assert answer.content_type == "application/vnd.apache.parquet"
    assert answer.headers["Content-Disposition"] == f"attachment; filename*=UTF-8''{job_id}.parquet"
    return pq.read_table(io.BytesIO(answer.data))


def test_the_metrics_of_a_running_job_come_as_far_as_it_is(http: FlaskClient) -> None:
    found = table(http, "a").to_pydict()
    assert found["key"] == ["train/loss"] * 300
    assert found["step"] == list(range(300))
    assert found["value"] == [float(n) for n in range(300)]
    assert found["time"][-1] == 309.0


def test_what_no_double_holds_is_kept_as_json(http: FlaskClient) -> None:
    rows = {(row["key"], row["time"]): row for row in table(http, "b").to_pylist()}
    assert (rows["note", 5.0]["value"], rows["note", 5.0]["other"]) == (None, '"begun"')
    assert str(rows["note", 6.0]["value"]) == "nan"
    assert json.loads(rows["big", 7.0]["other"]) == 2**80


def test_the_file_of_a_sealed_job_is_what_was_written_then_until_more_is_logged(
    http: FlaskClient, tracker: Tracker, redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = table(http, "b")
    root = Settings.from_environment({"FOUNDATIONS_HOME": str(tmp_path)}).archive_root
    assert Sealer(tracker, LocalStorage(root), tmp_path / "made").seal("b")
    executable = sys.executable
    monkeypatch.setattr("sys.executable", "/bin/false")  # nothing is made anew
    assert str(table(http, "b").to_pylist()) == str(before.to_pylist())
    assert http.get("/api/v3/jobs/b/metrics.parquet").data == (root / "b" / PARQUET).read_bytes()
    reader = open_tracker(redis_url, SeriesFiles(LocalStorage(root)))
    reader.seals.open("b", 1.0)
    reader.close()
    assert http.get("/api/v3/jobs/b/metrics.parquet").status_code == 502
    monkeypatch.setattr("sys.executable", executable)
    (root / "b" / PARQUET).write_bytes(b"of before")
    assert table(http, "b").num_rows == before.num_rows


def test_pandas_and_duckdb_read_a_jobs_metrics(http: FlaskClient, tmp_path: Path) -> None:
    file, lines = tmp_path / "metrics.parquet", tmp_path / "loss.jsonl"
    file.write_bytes(http.get("/api/v3/jobs/a/metrics.parquet").data)
    lines.write_bytes(http.get("/api/v3/jobs/a/series/train/loss?format=jsonl").data)
    for frame in (pandas.read_parquet(file), pandas.read_json(lines, lines=True)):
        assert (list(frame["step"]), frame["value"].max(), frame["time"].iloc[-1]) == (list(range(300)), 299.0, 309.0)
    query = "select count(*), max(value), max(step) filter (value < 100) from"
    for source in (f"read_parquet('{file}')", f"read_json('{lines}')"):
        assert duckdb.execute(f"{query} {source}").fetchall() == [(300, 299.0, 99)]
    keys = duckdb.execute(f"select distinct key from read_parquet('{file}')").fetchall()
    assert keys == [("train/loss",)]


def test_a_job_without_metrics_has_a_file_without_rows(http: FlaskClient, tracker: Tracker) -> None:
    log(tracker, "silent", "p")
    found = table(http, "silent")
    assert (found.num_rows, found.column_names) == (0, ["key", "step", "time", "value", "other"])


def test_a_project_is_one_zip(http: FlaskClient, tracker: Tracker) -> None:
    tracker.projects.describe("p", "Über alles")
    tracker.projects.add_note("p", Note(3.0, "ann", "look"))
    answer = http.get("/api/v3/projects/p/export")
    assert (answer.status_code, answer.content_type) == (200, "application/zip")
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        assert archive.testzip() is None
        project = json.loads(archive.read("project.json"))
        jobs = [json.loads(line) for line in archive.read("jobs.jsonl").splitlines()]
        metrics = pq.read_table(io.BytesIO(archive.read("metrics.parquet"))).to_pydict()
    assert (project["name"], project["description"]) == ("p", "Über alles")
    assert project["notes"] == [{"time": 3.0, "author": "ann", "message": "look"}]
    assert jobs == [
        http.get(f"/api/v3/jobs/{job['job_id']}").get_json() | {"duration": job["duration"]} for job in jobs
    ]
    assert [job["job_id"] for job in jobs] == ["a", "b"]
    assert {key: metrics["job_id"].count(key) for key in set(metrics["job_id"])} == {"a": 300, "b": 3}


def test_an_export_takes_fewer_round_trips_than_it_has_jobs(tracker: Tracker) -> None:
    def round_trips(project: str, jobs: int) -> int:
        for number in range(jobs):
            name = f"{project}-{number}"
            log(tracker, name, project, *(point_frame(f"m{each}", 1.0, 2.0) for each in range(5)))
        before = tracker.client.info("stats")["total_reads_processed"]
        out = io.BytesIO()
        write_project(tracker, project, "http://proxy", out)
        with zipfile.ZipFile(out) as archive:
            assert pq.read_table(io.BytesIO(archive.read("metrics.parquet"))).num_rows == 5 * jobs
        return int(tracker.client.info("stats")["total_reads_processed"] - before)

    round_trips("first", 1)  # the connection is made here
    assert round_trips("many", 60) < 60  # not one for each; a long pipeline may take the server several reads


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/api/v3/jobs/nobody/metrics.parquet", "job_not_found"),
        ("/api/v3/projects/nothing/export", "project_not_found"),
    ],
)
def test_what_is_not_there_cannot_be_exported(http: FlaskClient, path: str, code: str) -> None:
    answer = http.get(path)
    assert (answer.status_code, answer.get_json()["code"]) == (404, code)


def test_an_export_that_fails_says_so(http: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/bin/false")
    answer = http.get("/api/v3/jobs/a/metrics.parquet")
    assert (answer.status_code, answer.get_json()["code"]) == (502, "server_error")
