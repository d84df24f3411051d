"""Reading a project back: `get_metrics_for_all_jobs` of 10,000 jobs with twenty parameters and twenty metrics each."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path

from tests.redis_server import free_port, running_redis
from tests.served import serving

from atlas_core.client import Connection, RestClient
from atlas_core.errors import NotFound
from atlas_core.records import operation_frame, point_frame
from atlas_services.tracker import Tracker, open_tracker

JOBS, NAMES = int(os.environ.get("ATLAS_BENCH_JOBS", "10000")), 20
#: Clients that make the jobs at the same time: Redis syncs to the disk for all of them at once.
CLIENTS = 8
#: Seconds.
BUDGET = 10.0


def journal(number: int) -> bytes:
    """Return what one job logs."""
    frames = [operation_frame("start", project="bench", user="bench", time=1.6e9 + number)]
    frames += [operation_frame("param", name=f"parameter {name}", value=number * name) for name in range(NAMES)]
    frames += [point_frame(f"metric {name}", name / (number + 1), 1.6e9, 1) or b"" for name in range(NAMES)]
    frames.append(operation_frame("end", status="completed", exit_code=0, time=1.6e9 + number + 60))
    return b"".join(frames)


def fill(tracker: Tracker) -> None:
    """Make the jobs."""
    with ThreadPoolExecutor(CLIENTS) as pool:
        for _ in pool.map(lambda number: make_job(tracker, number), range(JOBS)):
            pass


def make_job(tracker: Tracker, number: int) -> None:
    """Make one job."""
    tracker.journals.apply(f"job-{number}", "w", 0, journal(number), "token", 1.6e9 + number)


def measured(url: str) -> float:
    """Return the seconds of the table."""
    os.environ.update(FOUNDATIONS_SERVER_URL=url, FOUNDATIONS_COMMAND_LINE="True")
    import foundations  # noqa: PLC0415 - it looks at the environment

    __import__("pandas")  # is not what is measured
    begin = time.perf_counter()
    table = foundations.get_metrics_for_all_jobs("bench")
    taken = time.perf_counter() - begin
    assert table.shape == (JOBS, 8 + 2 * NAMES), table.shape
    return taken


def main() -> int:
    """Measure; the exit status says whether the budget was kept."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        Path(folder, "redis").mkdir()
        redis_url = stack.enter_context(running_redis(Path(folder, "redis")))
        port = free_port()
        stack.enter_context(serving("rest_api", {"ATLAS_REDIS_URL": redis_url, "FOUNDATIONS_HOME": folder}, port))
        url = f"http://127.0.0.1:{port}"
        with suppress(NotFound):  # somebody has looked before: the index of jobs is kept from then on
            next(RestClient(Connection(url)).project_jobs("bench"))
        tracker = open_tracker(redis_url)
        fill(tracker)
        tracker.client.close()
        taken = measured(url)
    sys.stdout.write(
        f"{JOBS:,} jobs x {NAMES} parameters x {NAMES} metrics\n"
        f"  get_metrics_for_all_jobs  {taken:5.1f} s   (budget {BUDGET:.0f} s)\n"
    )
    return int(taken > BUDGET)


if __name__ == "__main__":
    sys.exit(main())
