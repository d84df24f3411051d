"""The REST API with curl, as people use it from a shell: whole series and parts, files, facets, and a stream."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import pyarrow.parquet as pq
import pytest
from tests.redis_server import free_port, require
from tests.served import serving

from atlas_core.records import operation_frame, point_frame
from atlas_services.tracker import Tracker, open_tracker

pytestmark = pytest.mark.redis

JOBS, POINTS = 200, 300
Curl = Callable[..., bytes]


@pytest.fixture(scope="module")
def tracker(redis_server: str) -> Iterator[Tracker]:
    """A tracker with as many jobs as one request compares."""
    tracker = open_tracker(redis_server)
    tracker.client.flushall()
    for number in range(JOBS):
        log(tracker, f"job-{number:03}", number)
    yield tracker
    tracker.close()


def log(tracker: Tracker, job_id: str, number: int) -> None:
    """Have a job log a parameter, a tag and a metric."""
    begin = operation_frame("start", project="p", user="ann", time=1000.0 + number)
    begin += operation_frame("param", name="lr", value=number / 10) + operation_frame("tag", key="kind", value="any")
    points = (point_frame("loss", float(number + step), 1000.0 + step, step) or b"" for step in range(POINTS))
    tracker.journals.apply(job_id, "w", 0, begin + b"".join(points), "token", 1.0)


@pytest.fixture(scope="module")
def address(tracker: Tracker, redis_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the REST API answers."""
    require(shutil.which("curl"), "curl")
    port, home = free_port(), tmp_path_factory.mktemp("home")
    with serving("rest_api", {"FOUNDATIONS_HOME": str(home), "ATLAS_REDIS_URL": redis_server}, port):
        yield f"http://127.0.0.1:{port}/api/v3"


@pytest.fixture
def curl(address: str) -> Curl:
    """Runs curl with a path of the REST API, and words before it."""

    def run(path: str, *words: str, fails: int = 0) -> bytes:
        command = ["curl", "-sSf", "--max-time", "120", *words, f"{address}{path}"]
        ended = subprocess.run(command, capture_output=True, timeout=180)
        assert ended.returncode == fails, ended.stderr
        return ended.stdout

    return run


def test_a_series_comes_whole_in_part_and_as_lines(curl: Curl) -> None:
    whole = json.loads(curl("/jobs/job-007/series/loss"))
    assert whole["values"] == [7.0 + step for step in range(POINTS)]
    assert json.loads(curl("/jobs/job-007/series/loss?x=step&from=5&to=6"))["values"] == [12.0, 13.0]
    lines = [json.loads(line) for line in curl("/jobs/job-007/series/loss?format=jsonl").splitlines()]
    assert [line["value"] for line in lines] == whole["values"]
    assert curl("/jobs/job-007/series/none?format=jsonl", fails=22) == b""


def test_metrics_come_as_parquet_and_packed(curl: Curl) -> None:
    rows = pq.read_table(io.BytesIO(curl("/jobs/job-003/metrics.parquet"))).to_pylist()
    assert [row["value"] for row in rows] == [3.0 + step for step in range(POINTS)]
    assert json.loads(curl("/projects/p/jobs?limit=100", "--compressed"))["total"] == JOBS


def test_two_hundred_jobs_are_compared_in_one_request(curl: Curl) -> None:
    ids = [f"job-{number:03}" for number in range(JOBS)]
    drawn = json.loads(curl(f"/series?metric=loss&width=50&jobs={','.join(ids)}"))["series"]
    assert [series["job_id"] for series in drawn] == ids
    assert [max(series["values"]) for series in drawn] == [number + POINTS - 1.0 for number in range(JOBS)]
    body = json.dumps({"jobs": ids, "metrics": ["loss"], "width": 50})
    assert json.loads(curl("/series", "--json", body))["series"] == drawn
    curl(f"/series?metric=loss&metric=accuracy&jobs={','.join(ids)}", fails=22)


def test_facets_have_counts_and_ranges(curl: Curl) -> None:
    facets: dict[str, Any] = json.loads(curl("/projects/p/facets"))
    (lr,), (loss,), (kind,) = facets["parameters"], facets["metrics"], facets["tags"]
    assert (lr["name"], lr["jobs"], lr["min"], lr["max"]) == ("lr", JOBS, 0.0, (JOBS - 1) / 10)
    assert (loss["name"], loss["min"], loss["max"]) == ("loss", POINTS - 1.0, POINTS + JOBS - 2.0)
    assert kind["values"] == [{"value": "any", "jobs": JOBS}]


def test_a_stream_of_events_goes_on_where_it_broke_off(address: str, tracker: Tracker) -> None:
    place = tracker.events.last_id()
    log(tracker, "later-0", 0)
    log(tracker, "later-1", 1)
    log(tracker, "later-2", 2)
    told = heard(address, place, until="later-2")
    assert {json.loads(line.removeprefix("data: "))["job_id"] for line in told.values()} == {
        "later-0",
        "later-1",
        "later-2",
    }
    ids = list(told)
    rest = heard(address, ids[2], until="later-2")
    assert rest == {event_id: told[event_id] for event_id in ids[3:]}


def heard(address: str, place: str, until: str) -> dict[str, str]:
    """Return the events behind a place, by their ids, up to the last that is known of the job `until`."""
    events: dict[str, str] = {}
    command = ["curl", "-sSfN", "--max-time", "120", "-H", f"Last-Event-ID: {place}", f"{address}/events"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        event_id = ""
        for line in process.stdout:
            if line.startswith("id: "):
                event_id = line[4:].strip()
            elif line.startswith("data: "):
                events[event_id] = line
                if until in line and '"job.logged"' in line:
                    break
        process.kill()
    return events
