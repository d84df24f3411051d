"""Jobs in containers: what our engine adds to Docker's own times, and how much memory the scheduler holds.

Run with `python -m tests.benchmarks.bench_docker`. Each figure stands beside the same done by bare `docker run` with
the same image and command in the same run.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import psutil
from tests.benchmarks.bench_scheduler import submit, upload
from tests.docker_engine import network_of_jobs, remove_containers, require_docker
from tests.redis_server import running_redis
from tests.scheduler_service import scheduler_process, wait_for

from atlas_core.client import Connection, SchedulerClient
from atlas_core.states import JobStatus
from atlas_services.scheduler.engines.docker_images import default_image
from atlas_services.tracker import Tracker, open_tracker

ROUNDS = 12
CONTAINERS = 20
WORKERS = 2
BUDGET_FIRST_LINE, BUDGET_RATIO, BUDGET_MEMORY = 100, 1.2, 80


@contextmanager
def server(workers: int) -> Iterator[tuple[SchedulerClient, Tracker, int]]:
    """Run Redis and a scheduler that runs jobs in containers; yields the process id of the scheduler, too."""
    docker = require_docker()
    with (
        tempfile.TemporaryDirectory() as directory,
        running_redis(Path(directory)) as redis_url,
        network_of_jobs(docker) as network,
    ):
        home = Path(directory) / "home"
        variables = {"NUM_WORKERS": str(workers), "ATLAS_ENGINE": "docker", "ATLAS_JOB_NETWORK": network}
        with scheduler_process(home, redis_url, None, **variables) as (process, url):
            tracker = open_tracker(redis_url)
            yield SchedulerClient(Connection(url)), tracker, process.pid
            tracker.close()
        remove_containers(docker, home)
    docker.close()


def first_line(client: SchedulerClient, bundle_id: str, tracker: Tracker) -> float:
    """Return the seconds from the submission of a job to the first line of its own output."""
    begin = time.perf_counter()
    job_id = submit(client, bundle_id, "print('here')")
    received = b""
    with client.log_stream(job_id) as chunks:
        while b"here" not in received:
            received += next(chunks)
    seconds = time.perf_counter() - begin
    wait_for(lambda: tracker.jobs.get(job_id).status.is_finished)
    return seconds


def bare_first_line() -> float:
    """Return the seconds from a bare `docker run` to the first line of the command's output."""
    begin = time.perf_counter()
    command = ["docker", "run", "--init", "--rm", default_image(), "-c", "print('here')"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line == b"here\n":
                seconds = time.perf_counter() - begin
    return seconds


def no_ops(client: SchedulerClient, bundle_id: str, tracker: Tracker) -> float:
    """Return the seconds that it takes to see jobs through that do nothing."""
    before = len(tracker.jobs.ids_in(JobStatus.COMPLETED))
    begin = time.perf_counter()
    for _ in range(CONTAINERS):
        submit(client, bundle_id)
    wait_for(lambda: len(tracker.jobs.ids_in(JobStatus.COMPLETED)) == before + CONTAINERS, 120)
    return time.perf_counter() - begin


def bare_no_ops() -> float:
    """Return the seconds of as many bare `docker run`, as many at a time."""
    command = ["docker", "run", "--init", "--rm", default_image(), "-c", "pass"]
    begin = time.perf_counter()
    with ThreadPoolExecutor(WORKERS) as hands:
        for done in [
            hands.submit(subprocess.run, command, check=True, stdout=subprocess.DEVNULL) for _ in range(CONTAINERS)
        ]:
            done.result()
    return time.perf_counter() - begin


def memory(pid: int) -> float:
    """Return the MB that a process and its children hold, what they share counted once."""
    processes = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    return sum(each.memory_full_info().pss for each in processes) / 1e6


def main() -> None:
    """Print all figures."""
    with server(WORKERS) as (client, tracker, pid):
        bundle_id = upload(client)
        first_line(client, bundle_id, tracker)
        pairs = [(first_line(client, bundle_id, tracker), bare_first_line()) for _ in range(ROUNDS)]
        ours, bare = (statistics.median(times) * 1000 for times in zip(*pairs, strict=True))
        sys.stdout.write(
            f"{os.cpu_count()} CPUs\n"
            f"first line of a job    {ours:8.0f} ms    bare docker run {bare:.0f}, over it {ours - bare:.0f}, "
            f"budget {BUDGET_FIRST_LINE}\n"
        )
        rounds = [(no_ops(client, bundle_id, tracker), bare_no_ops()) for _ in range(3)]
        ours, bare = (statistics.median(times) for times in zip(*rounds, strict=True))
        sys.stdout.write(
            f"{CONTAINERS} no-op jobs, {WORKERS} workers {ours:5.2f} s     bare docker run {bare:.2f}, "
            f"ratio {ours / bare:.2f}, budget {BUDGET_RATIO}\n"
            f"memory of the scheduler{memory(pid):8.0f} MB    budget {BUDGET_MEMORY}\n"
        )


if __name__ == "__main__":
    main()
