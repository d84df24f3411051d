"""Series: sixteen processes that log at once, the memory that points take, and charts of long series.

The floors stand beside them, measured in the same run: the same bytes appended to one key of the same Redis, the 25
bytes of a packed point, and a request that reads nothing.
"""

from __future__ import annotations

import gzip
import math
import multiprocessing
import sys
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from urllib.parse import urlencode

import redis
import requests
from tests.benchmarks.bench_ingest import BATCH, into_redis, stack

from atlas_core.client import Connection, RestClient
from atlas_core.records import POINT, operation_frame, point_frame
from atlas_services.sealing.sealer import Sealer
from atlas_services.sealing.series_file import SeriesFiles
from atlas_services.storage.local import LocalStorage
from atlas_services.tracker import Tracker, open_tracker

PROCESSES, POINTS_EACH, METRICS = 16, 60_000, 10
INGEST_BUDGET, P99_BUDGET = 60_000, 250.0
LONG, WIDTH, CHART_BUDGET, CHART_BYTES = 1_000_000, 800, 40.0, 30 * 1024
MANY, EACH, MANY_BUDGET = 50, 20_000, 150.0
POINT_BUDGET, JOB_BUDGET = 30.0, 20 * 1024
#: Points of a running job, and metrics that they are of.
SHAPES = {
    "1000": (1_000, 1),
    "10000": (10_000, 1),
    "100000": (100_000, 1),
    "long": (LONG, 1),
    "wide": (1_000_000, 200),
}
JOB_METRICS, JOB_POINTS = 20, 1000
REPEATS = 20
#: Seconds between two batches of a process that has no backlog, and bytes of a point in a journal.
PAUSE, BYTES = 0.5, 42


def batches(count: int, metrics: int, size: int = BATCH) -> Iterator[bytes]:
    """Yield the journal of a job that logs `count` points, in pieces."""
    buffer = bytearray(operation_frame("start", project="bench", user="bench", time=1.6e9))
    for index in range(count):
        buffer += point_frame(f"metric {index % metrics}", math.sin(index), 1.6e9 + index, index) or b""
        if len(buffer) >= size:
            yield bytes(buffer)
            buffer.clear()
    yield bytes(buffer)


def log_job(url: str, begin: float, job_id: str, pause: float, answers: multiprocessing.Queue[list[float]]) -> None:
    """Send a job's journal from `begin` on, a batch each `pause` seconds; report the milliseconds of each request."""
    size = int(INGEST_BUDGET / PROCESSES * pause * BYTES) if pause else BATCH
    journal, client, offset, took = list(batches(POINTS_EACH, METRICS, size)), RestClient(Connection(url)), 0, []
    for number, batch in enumerate(journal):
        time.sleep(max(0.0, begin + number * pause - time.time()))
        sent = time.perf_counter()
        offset = client.send_journal(job_id, "w", offset, batch, "token")
        took.append((time.perf_counter() - sent) * 1000)
    answers.put(took)


def ingest(url: str, name: str, pause: float = 0.0) -> tuple[float, float]:
    """Return the points per second of all processes together, and the p99 of their requests in milliseconds.

    Without a pause they send as fast as they are answered; with one, as much as the budget asks for.
    """
    context = multiprocessing.get_context("fork")
    answers: multiprocessing.Queue[list[float]] = context.Queue()
    begin = time.time() + 15.0  # each makes its journal first
    jobs = [f"{name}{number}" for number in range(PROCESSES)]
    shifts = [pause * number / PROCESSES for number in range(PROCESSES)]
    made = [
        context.Process(target=log_job, args=(url, begin + shift, job_id, pause, answers))
        for job_id, shift in zip(jobs, shifts, strict=True)
    ]
    for process in made:
        process.start()
    took = sorted(each for _ in made for each in answers.get(timeout=300))
    seconds = time.time() - begin
    for process in made:
        process.join()
    assert not any(process.exitcode for process in made)
    counted = sum(
        metric["count"] for job_id in jobs for metric in RestClient(Connection(url)).job(job_id)["metrics"].values()
    )
    assert counted == PROCESSES * POINTS_EACH, f"{counted} points arrived"
    return counted / seconds, took[int(len(took) * 0.99)]


def memory(tracker: Tracker, job_id: str) -> int:
    """Return what the keys of a job take in Redis."""
    keys = tracker.client.scan_iter(f"atlas:{{job:{job_id}}}*", count=10_000)
    return sum(tracker.client.memory_usage(key, samples=0) for key in keys)


def fill(tracker: Tracker, job_id: str, count: int, metrics: int) -> None:
    """Log a job directly."""
    offset = 0
    for batch in batches(count, metrics, 4 * BATCH):
        offset = tracker.journals.apply(job_id, "w", offset, batch, "token", time.time())


def end(tracker: Tracker, job_id: str, count: int, metrics: int) -> None:
    """End a job that was filled."""
    offset = sum(map(len, batches(count, metrics)))
    frame = operation_frame("end", status="completed", exit_code=0, time=time.time())
    tracker.journals.apply(job_id, "w", offset, frame, "token", time.time())


def bytes_a_point(tracker: Tracker, job_id: str, count: int, metrics: int) -> float:
    """Return what a point takes while its job runs, which logs so many."""
    fill(tracker, job_id, count, metrics)
    return memory(tracker, job_id) / count


def bytes_a_job(tracker: Tracker, directory: Path) -> float:
    """Return what a finished job takes once it is sealed."""
    storage = LocalStorage(directory / "job_data" / "archive")
    sealer = Sealer(tracker, storage, directory / "job_data" / "archive" / ".sealing")
    fill(tracker, "ended", JOB_POINTS * JOB_METRICS, JOB_METRICS)
    end(tracker, "ended", JOB_POINTS * JOB_METRICS, JOB_METRICS)
    assert sealer.seal("ended")
    return memory(tracker, "ended")


def chart(http: requests.Session, url: str) -> tuple[float, int]:
    """Return the p95 of a request in milliseconds, and the bytes of its answer on their way: compressed."""
    took = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        answer = http.get(url)
        took.append((time.perf_counter() - began) * 1000)
        answer.raise_for_status()
    return sorted(took)[int(REPEATS * 0.95)], len(gzip.compress(answer.content, 1))


def main() -> int:
    """Print the figures; returns 1 when a budget is missed."""
    kept = []

    def say(what: str, value: float, budget: float, unit: str, floor: float, at_least: bool = False) -> None:
        kept.append(value >= budget if at_least else value <= budget)
        print(f"{what:46} {value:12,.1f} {unit} (budget {budget:,.0f}; {value / floor:.2f} x the floor)")

    with tempfile.TemporaryDirectory() as name, stack(Path(name)) as (url, redis_url, _):
        directory = Path(name)
        tracker = open_tracker(redis_url, SeriesFiles(LocalStorage(directory / "job_data" / "archive")))
        with redis.Redis.from_url(redis_url) as client:
            floor = into_redis(redis_url)
            client.flushall()
        rate, busy = ingest(url, "busy")
        say(f"{PROCESSES} processes log all they can", rate, INGEST_BUDGET, "points/s", floor, at_least=True)
        rate, p99 = ingest(url, "paced", PAUSE)
        print(f"{'  they log what the budget asks for':46} {rate:12,.1f} points/s")
        say("  p99 of a request then", p99, P99_BUDGET, "ms", busy)
        tracker.client.config_set("appendfsync", "no")
        for job_id, (count, metrics) in SHAPES.items():
            what = f"memory of a point, {count // metrics:,} of {metrics} metrics"
            say(what, bytes_a_point(tracker, job_id, count, metrics), POINT_BUDGET, "bytes", POINT.size)
        packed = JOB_METRICS * JOB_POINTS * POINT.size
        say("memory of a finished job of 20 metrics", bytes_a_job(tracker, directory), JOB_BUDGET, "bytes", packed)
        for number in range(MANY):
            fill(tracker, f"many{number}", EACH, 1)
        measure_charts(url, say)
        for job_id, count in (("long", LONG), *((f"many{number}", EACH) for number in range(MANY))):
            end(tracker, job_id, count, 1)
            assert Sealer(tracker, LocalStorage(directory / "job_data" / "archive"), directory).seal(job_id)
        measure_charts(url, partial(say, at_least=False), ", sealed")
        tracker.close()
    return 0 if all(kept) else 1


def measure_charts(url: str, say: object, state: str = "") -> None:
    """Measure a long chart and many charts."""
    assert callable(say)
    many = urlencode({"jobs": ",".join(f"many{number}" for number in range(MANY)), "metric": "metric 0", "width": 400})
    with requests.Session() as http:
        floor, _ = chart(http, f"{url}/healthz")
        took, size = chart(http, f"{url}/api/v3/jobs/long/series/metric%200?width={WIDTH}")
        say(f"chart of {LONG:,} points{state}", took, CHART_BUDGET, "ms", floor)
        say("  its bytes, compressed", size, CHART_BYTES, "bytes", POINT.size * WIDTH * 2)
        took, _ = chart(http, f"{url}/api/v3/series?{many}")
        say(f"{MANY} series of {EACH:,} points{state}", took, MANY_BUDGET, "ms", floor)


if __name__ == "__main__":
    sys.exit(main())
