"""Queries over a project of ten thousand jobs, each with 20 parameters, 20 metrics and 3 tags, through the REST API.

The jobs are seeded through the tracker, in the way in which jobs log. Each query is asked over HTTP, first when a REST
API and a Redis were just started again, then again and again. The floor beside them is a request that reads nothing;
then come MLflow, trackio and Aim, which are asked the same of a hundred runs.
"""

from __future__ import annotations

import gzip
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from urllib.parse import urlencode

import requests
from tests.benchmarks.query_peers import ask_peers
from tests.redis_server import free_port, running_redis
from tests.served import cpu_seconds, serving

from atlas_core.records import operation_frame, point_frame
from atlas_services.tracker import Tracker, open_tracker

JOBS, NAMES, TAGS = 10_000, 20, 3
REPEATS = 20
BUDGET_MS, BUDGET_BYTES = 40.0, 60 * 1024
#: Jobs and milliseconds of the whole listing of the older routes.
LISTED, LISTING_BUDGET = 1_000, 300.0
_SHOWN = [f"params.p{index}" for index in range(6)] + [f"metrics.m{index}" for index in range(6)]
_FIELDS = ",".join(["status", "user", "creation_time", "duration", "tags", *_SHOWN])
_PAGE = {"limit": 100, "fields": _FIELDS}
_CHOSEN = "metrics.m3.max > 0.5 and params.p2 < 0.5"

QUERIES: dict[str, dict[str, object]] = {
    "newest 100": _PAGE,
    "filter on metric and parameter": {**_PAGE, "filter": _CHOSEN},
    "order by a metric": {**_PAGE, "sort": "-metrics.m7"},
    "page 50": {**_PAGE, "sort": "-metrics.m7", "offset": 4900},
    "count": {"limit": 0, "filter": 'params.p19 == "adam" and status == "completed"'},
}


def job_frames(number: int, chance: random.Random) -> bytes:
    """Return the journal of one job."""
    began = 1.6e9 + number
    frames = [operation_frame("start", project=f"size{_size(number)}", user=f"user{number % 7}", time=began)]
    frames += [operation_frame("param", name=f"p{index}", value=chance.random()) for index in range(NAMES - 1)]
    frames.append(operation_frame("param", name=f"p{NAMES - 1}", value=chance.choice(["adam", "sgd", "lion"])))
    frames += [operation_frame("tag", key=f"t{index}", value=f"v{number % 10}") for index in range(TAGS)]
    for step in range(3):
        points = (point_frame(f"m{index}", chance.random(), began + step, step) for index in range(NAMES))
        frames += [point for point in points if point]
    return b"".join([*frames, operation_frame("end", status="completed", exit_code=0, time=began + 60)])


def _size(number: int) -> int:
    return LISTED if number < LISTED else JOBS


def seed(url: str) -> None:
    """Fill the tracker. What is lost if the machine fails now is made again: Redis need not sync each job to disk."""
    tracker, chance = open_tracker(url), random.Random(1)
    tracker.client.config_set("appendfsync", "no")
    for number in range(JOBS + LISTED):
        tracker.journals.apply(f"job-{number:06}", "w", 0, job_frames(number, chance), "token", time.time())
    compact(tracker)
    tracker.close()


def compact(tracker: Tracker) -> None:
    """Have Redis write its file anew, so that a restart does not repeat every step of the seeding."""
    tracker.client.bgrewriteaof()
    while tracker.client.info("persistence")["aof_rewrite_in_progress"]:
        time.sleep(0.1)


@contextmanager
def service(directory: Path) -> Iterator[tuple[str, int]]:
    """Run a Redis over `directory` and a REST API; yield the address and the process group of this."""
    port = free_port()
    with ExitStack() as running:
        redis_url = running.enter_context(running_redis(directory))
        environment = {"FOUNDATIONS_HOME": str(directory), "ATLAS_REDIS_URL": redis_url}
        process = running.enter_context(serving("rest_api", environment, port))
        yield f"http://127.0.0.1:{port}", process.pid


def measured(ask: Callable[[], requests.Response]) -> tuple[float, int, int]:
    """Return the milliseconds of an answer, its bytes, and those it would have if compressed."""
    began = time.perf_counter()
    answer = ask()
    took = (time.perf_counter() - began) * 1000
    answer.raise_for_status()
    return took, len(answer.content), len(gzip.compress(answer.content, 1))


def report(
    group: int,
    medians: dict[str, float],
    name: str,
    ask: Callable[[], requests.Response],
    budget: float,
    bytes_budget: int | None,
) -> bool:
    """Print one line; returns whether the budgets are kept. `group` is that of the service's processes.

    The median is added to `medians`, of which the first is the floor.
    """
    cold, size, packed = measured(ask)
    began = cpu_seconds(group)
    times = sorted(measured(ask)[0] for _ in range(REPEATS))
    cpu = (cpu_seconds(group) - began) * 1000 / REPEATS
    median, p95 = times[len(times) // 2], times[int(len(times) * 0.95)]
    medians[name] = median
    ratio = median / next(iter(medians.values()))
    times_shown = f"cold {cold:7.1f}  median {median:7.1f}  p95 {p95:7.1f}  CPU {cpu:6.1f} ms  {ratio:6.1f} x the floor"
    print(f"{name:32} {times_shown}  {size:9,} bytes ({packed:,} packed)")
    return max(cold, p95) <= budget and (bytes_budget is None or size <= bytes_budget)


def main() -> int:
    """Print the figures; returns 1 when a budget is missed."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        with running_redis(directory) as redis_url:
            began = time.perf_counter()
            seed(redis_url)
            tracker = open_tracker(redis_url)
            used = tracker.client.info("memory")["used_memory"] / (JOBS + LISTED)
            tracker.close()
            print(f"{JOBS + LISTED:,} jobs seeded in {time.perf_counter() - began:.0f} s; {used / 1024:.1f} kB a job")
        with service(directory) as (url, group), requests.Session() as http:
            medians: dict[str, float] = {}
            say = partial(report, group, medians)
            say("floor: a request", partial(http.get, f"{url}/healthz"), BUDGET_MS, None)
            kept = []
            for title, query in QUERIES.items():
                address = f"{url}/api/v3/projects/size{JOBS}/jobs?{urlencode(query)}"
                kept.append(say(title, partial(http.get, address), BUDGET_MS, BUDGET_BYTES))
            facets = f"{url}/api/v3/projects/size{JOBS}/facets"
            say("facets", partial(http.get, facets), BUDGET_MS, None)
            listing = f"{url}/api/v2beta/projects/size{LISTED}/job_listing"
            kept.append(say(f"older listing of {LISTED} jobs", partial(http.get, listing), LISTING_BUDGET, None))
    ask_peers(medians)
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())
