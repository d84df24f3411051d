"""The scheduler: jobs taken in, jobs run to their end, and how soon a job speaks.

Run with `python -m tests.benchmarks.bench_scheduler`. Each figure stands beside a floor measured in the same run: a
bare fork and exec of the same interpreter, as many at a time, and a bare round trip to the same server.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests
from tests.redis_server import running_redis
from tests.scheduler_service import packed_project, scheduler_process, wait_for

from atlas_core.client import Connection, SchedulerClient
from atlas_core.jobs import JobSpec, Submission
from atlas_core.states import JobStatus
from atlas_services.tracker import Tracker, open_tracker

JOBS = 200
SUBMISSIONS = 500
ROUNDS = 20
#: Jobs at a time: one for each core, and what else a machine with spare memory would be given.
WORKERS = 4
BUDGET_JOBS, BUDGET_SUBMISSIONS = 30, 200


@contextmanager
def server(workers: int) -> Iterator[tuple[SchedulerClient, Tracker, str]]:
    """Run Redis and a scheduler with so many workers in a directory of their own."""
    with (
        tempfile.TemporaryDirectory() as directory,
        running_redis(Path(directory)) as redis_url,
        scheduler_process(Path(directory) / "home", redis_url, NUM_WORKERS=str(workers)) as (_, url),
    ):
        tracker = open_tracker(redis_url)
        yield SchedulerClient(Connection(url)), tracker, url
        tracker.close()


def upload(client: SchedulerClient) -> str:
    """Store the bundle of an empty project."""
    with tempfile.TemporaryDirectory() as directory:
        bundle_id, content = packed_project(Path(directory), {"main.py": "pass\n"})
        path = Path(directory) / "bundle"
        path.write_bytes(content)
        with path.open("rb") as file:
            client.upload_bundle(bundle_id, file)
    return bundle_id


def submit(client: SchedulerClient, bundle_id: str, code: str = "pass") -> str:
    """Queue a job that runs `code`."""
    spec = JobSpec(bundle_id=bundle_id, command=("-c", code))
    return client.submit(Submission(str(uuid.uuid4()), "bench", "bench", spec))


def submissions() -> float:
    """Return how many jobs one client gets into the queue in a second."""
    with server(workers=0) as (client, tracker, _):
        bundle_id = upload(client)
        begin = time.perf_counter()
        for _ in range(SUBMISSIONS):
            submit(client, bundle_id)
        seconds = time.perf_counter() - begin
        assert len(tracker.queue) == SUBMISSIONS
        return SUBMISSIONS / seconds


def finished_jobs() -> float:
    """Return how many jobs that do nothing go from the queue to the archive in a second."""
    with server(workers=WORKERS) as (client, tracker, _):
        bundle_id = upload(client)
        begin = time.perf_counter()
        jobs = [submit(client, bundle_id) for _ in range(JOBS)]
        wait_for(lambda: len(tracker.jobs.ids_in(JobStatus.COMPLETED)) == len(jobs), 120)
        return JOBS / (time.perf_counter() - begin)


def bare_processes() -> float:
    """Return how many processes of the same interpreter that do nothing end in a second, as many at a time."""
    running: list[subprocess.Popen[bytes]] = []
    begin = time.perf_counter()
    for _ in range(JOBS):
        if len(running) == WORKERS:
            running.pop(0).wait()
        running.append(subprocess.Popen([sys.executable, "-c", "pass"]))
    for process in running:
        process.wait()
    return JOBS / (time.perf_counter() - begin)


def first_byte() -> tuple[float, float, float]:
    """Return median milliseconds from the submission to a job's first byte, of a bare process, and of a round trip."""
    ours, process, trip = [], [], []
    marker = b"here"
    with server(workers=1) as (client, tracker, url), requests.Session() as session:
        bundle_id = upload(client)
        for _ in range(ROUNDS):
            begin = time.perf_counter()
            job_id = submit(client, bundle_id, f"print({marker.decode()!r})")
            with client.log_stream(job_id) as chunks:
                received = b""
                while marker not in received:
                    received += next(chunks)
            ours.append(time.perf_counter() - begin)
            wait_for(lambda job_id=job_id: tracker.jobs.get(job_id).status.is_finished)  # type: ignore[misc]
            begin = time.perf_counter()
            subprocess.run([sys.executable, "-c", "print('here')"], stdout=subprocess.PIPE, check=True)
            process.append(time.perf_counter() - begin)
            begin = time.perf_counter()
            session.get(f"{url}/healthz")
            trip.append(time.perf_counter() - begin)
    return tuple(sorted(times)[ROUNDS // 2] * 1000 for times in (ours, process, trip))  # type: ignore[return-value]


def main() -> None:
    """Print all figures."""
    sys.stdout.write(f"{os.cpu_count()} CPUs, {WORKERS} workers\n")
    rate = submissions()
    sys.stdout.write(f"submissions            {rate:8.0f} /s    budget {BUDGET_SUBMISSIONS}\n")
    rate, floor = finished_jobs(), bare_processes()
    sys.stdout.write(
        f"finished no-op jobs    {rate:8.1f} /s    budget {BUDGET_JOBS}, bare processes {floor:.1f}, "
        f"ratio {rate / floor:.2f}\n"
    )
    ours, process, trip = first_byte()
    sys.stdout.write(
        f"first byte of a job    {ours:8.1f} ms    bare process {process:.1f}, round trip {trip:.1f}, "
        f"over both {ours - process - trip:.1f}\n"
    )


if __name__ == "__main__":
    main()
