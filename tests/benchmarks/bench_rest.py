"""The REST API: the whole listing of the older routes beside its JSON alone, and a table beside open streams."""

from __future__ import annotations

import json
import multiprocessing
import selectors
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from multiprocessing.sharedctypes import Synchronized
from multiprocessing.synchronize import Event
from pathlib import Path
from random import Random

import requests
from tests.benchmarks.bench_queries import LISTED, job_frames
from tests.redis_server import free_port, running_redis
from tests.served import cpu_seconds, serving

from atlas_core.records import operation_frame, point_frame
from atlas_services.tracker import open_tracker

#: The service computes so many times as long for the listing as `json.dumps` of it does, at most.
LISTING_RATIO = 5.0
LISTINGS = 10
#: The table's p95 with open streams, in times of that without.
STREAMS, STREAMS_RATIO = 200, 1.2
REPEATS, TURNS = 40, 5
#: Seconds for which nobody asks for anything, and the service has the streams alone.
ALONE = 5.0
#: Batches a second that a job logs meanwhile: each is an event that every stream is told.
BATCHES = 20.0


def seed(redis_url: str) -> None:
    """Make the jobs."""
    tracker, chance = open_tracker(redis_url), Random(1)
    for number in range(LISTED):
        tracker.journals.apply(f"job-{number:06}", "w", 0, job_frames(number, chance), "token", time.time())
    tracker.close()


def times_of(http: requests.Session, url: str, repeats: int) -> list[float]:
    """Return the milliseconds of each answer, ascending."""
    times = []
    for _ in range(repeats):
        began = time.perf_counter()
        http.get(url).raise_for_status()
        times.append((time.perf_counter() - began) * 1000)
    return sorted(times)


def p95(times: list[float]) -> float:
    """Return what nineteen of twenty do not exceed."""
    return times[int(len(times) * 0.95)]


@contextmanager
def logging_job(redis_url: str) -> Iterator[None]:
    """Have a job log all the time."""
    ended = threading.Event()
    thread = threading.Thread(target=_log, args=(redis_url, ended), daemon=True)
    thread.start()
    yield
    ended.set()
    thread.join()


def _log(redis_url: str, ended: threading.Event) -> None:
    tracker = open_tracker(redis_url)
    offset, job_id = 0, f"live-{time.time_ns()}"
    frames = operation_frame("start", project=f"size{LISTED}", user="live", time=time.time())
    while not ended.wait(1 / BATCHES):
        tracker.journals.apply(job_id, "w", offset, frames, "token", time.time())
        offset += len(frames)
        frames = point_frame("m0", 1.0, time.time()) or b""
    tracker.close()


@contextmanager
def open_streams(port: int, count: int) -> Iterator[Callable[[], int]]:
    """Have another process read so many streams of events; yields what says how many bytes came."""
    context = multiprocessing.get_context("fork")
    ready, came = context.Event(), context.Value("q", 0)
    process = context.Process(target=_drain, args=(port, count, ready, came), daemon=True)
    process.start()
    assert ready.wait(60)
    try:
        yield lambda: int(came.value)
    finally:
        process.kill()
        process.join()


def _drain(port: int, count: int, ready: Event, came: Synchronized[int]) -> None:
    selector, opened = selectors.DefaultSelector(), 0
    while opened < count:
        reader = socket.create_connection(("127.0.0.1", port))
        reader.sendall(b"GET /api/v3/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        if b"200 OK" in reader.recv(200):
            selector.register(reader, selectors.EVENT_READ)
            opened += 1
        else:  # those of the turn before have not all been found closed
            reader.close()
            time.sleep(0.1)
    ready.set()
    while True:
        for key, _ in selector.select():
            assert isinstance(key.fileobj, socket.socket)
            came.value += len(key.fileobj.recv(65536))


def bench_listing(http: requests.Session, base: str, group: int) -> bool:
    """Print the listing beside its floor; returns whether the budget is kept. `group` is that of the service."""
    url = f"{base}/api/v2beta/projects/size{LISTED}/job_listing"
    body = http.get(url).json()
    began = cpu_seconds(group)
    fastest = times_of(http, url, LISTINGS)[0]
    computed = (cpu_seconds(group) - began) * 1000 / LISTINGS
    began = time.process_time()
    for _ in range(LISTINGS):
        json.dumps(body)
    floor = (time.process_time() - began) * 1000 / LISTINGS
    print(f"older listing of {LISTED:,} jobs: {fastest:7.1f} ms, of which the service computes {computed:.1f}")
    print(f"  json.dumps of it {floor:.1f} ms; ratio {computed / floor:.1f}")
    return computed <= floor * LISTING_RATIO


def bench_streams(http: requests.Session, base: str, port: int, redis_url: str, group: int) -> bool:
    """Print the table without streams and with them, in turns; returns whether the budget is kept."""
    url = f"{base}/api/v3/projects/size{LISTED}/jobs?limit=100"
    times_of(http, url, 10)
    alone, beside, came = list[float](), list[float](), 0
    with logging_job(redis_url):
        for _ in range(TURNS):
            alone += times_of(http, url, REPEATS)
            with open_streams(port, STREAMS) as read:
                beside += times_of(http, url, REPEATS)
                came += read()
        with open_streams(port, STREAMS):
            began = cpu_seconds(group)
            time.sleep(ALONE)
            idle = (cpu_seconds(group) - began) / ALONE
    alone.sort()
    beside.sort()
    print(f"table, p95: alone {p95(alone):6.1f} ms; with {STREAMS} streams {p95(beside):6.1f} ms")
    print(f"  medians {alone[len(alone) // 2]:.1f} and {beside[len(beside) // 2]:.1f} ms; {came:,} bytes of events")
    print(f"  the streams alone take {idle:.0%} of a core")
    return came > 0 and p95(beside) <= p95(alone) * STREAMS_RATIO


def main() -> int:
    """Print the figures; returns 1 when a budget is missed."""
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        redis_url = stack.enter_context(running_redis(directory))
        seed(redis_url)
        port = free_port()
        environment = {"FOUNDATIONS_HOME": str(directory), "ATLAS_REDIS_URL": redis_url}
        service = stack.enter_context(serving("rest_api", environment, port))
        http, base = stack.enter_context(requests.Session()), f"http://127.0.0.1:{port}"
        kept = [bench_listing(http, base, service.pid), bench_streams(http, base, port, redis_url, service.pid)]
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())
