"""Durable ingest: one client process logs through proxy, REST API and a Redis that syncs every write to disk.

Prints points per second beside two floors measured in the same run: the same bytes in the same batches appended to the
same Redis directly, and written to a file with an fsync a batch.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import redis
from tests.redis_server import free_port, running_redis
from tests.served import serving

from atlas_core.client import Connection, RestClient
from atlas_core.records import operation_frame, point_frame

POINTS = 300_000
METRICS = 10
#: Bytes of a batch; the sender of a job sends about as much when it has a backlog.
BATCH = 256 * 1024
BUDGET = 60_000
JOB = "bench"
SERVICES = ("rest_api", "auth_proxy")


def batches() -> Iterator[bytes]:
    """Yield the journal in pieces, made as a job makes it."""
    buffer = bytearray(operation_frame("start", project="bench", user="bench", time=time.time()))
    for index in range(POINTS):
        frame = point_frame(f"metric {index % METRICS}", index * 0.5, 1.6e9 + index, index)
        assert frame is not None
        buffer += frame
        if len(buffer) >= BATCH:
            yield bytes(buffer)
            buffer.clear()
    yield bytes(buffer)


def rate(send: Callable[[int, bytes], object]) -> float:
    """Return the points per second with which `send` takes the whole journal; encoding included."""
    begin, offset = time.perf_counter(), 0
    for batch in batches():
        send(offset, batch)
        offset += len(batch)
    return POINTS / (time.perf_counter() - begin)


def through_the_services(url: str) -> float:
    """Return points per second through proxy, REST API and Redis; every point is counted afterwards."""
    client = RestClient(Connection(url))
    result = rate(lambda offset, batch: client.send_journal(JOB, "w", offset, batch, "token"))
    counted = sum(metric["count"] for metric in client.job(JOB)["metrics"].values())
    assert counted == POINTS, f"{counted} points arrived, not {POINTS}"
    return result


def into_redis(url: str) -> float:
    """Return points per second when the batches are appended to one key."""
    with redis.Redis.from_url(url) as client:
        return rate(lambda _, batch: client.append("floor", batch))


def onto_disk(directory: Path) -> float:
    """Return points per second when the batches are written to a file, each synced."""
    with (directory / "floor").open("wb") as file:

        def write(_: int, batch: bytes) -> None:
            file.write(batch)
            file.flush()
            os.fsync(file.fileno())

        return rate(write)


def memory_of(group: int) -> float:
    """Return the proportional set size, in MB, of all processes of a group."""
    pids = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]
    total = 0
    for pid in pids:
        try:
            if os.getpgid(pid) == group:
                lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
                total += next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
        except OSError:
            continue
    return total / 1024


@contextmanager
def stack(directory: Path) -> Iterator[tuple[str, str, dict[str, int]]]:
    """Yield the proxy's address, Redis's address, and the process group of each service."""
    ports = {service: free_port() for service in SERVICES}
    with ExitStack() as running:
        redis_url = running.enter_context(running_redis(directory))
        environment = {
            "FOUNDATIONS_HOME": str(directory),
            "ATLAS_REDIS_URL": redis_url,
            "ATLAS_REST_API_URL": f"http://127.0.0.1:{ports['rest_api']}",
        }
        groups = {
            service: running.enter_context(serving(service, environment, port)).pid for service, port in ports.items()
        }
        yield f"http://127.0.0.1:{ports['auth_proxy']}", redis_url, groups


def main() -> int:
    """Print the comparison; returns 1 when the budget is missed."""
    with tempfile.TemporaryDirectory() as name, stack(Path(name)) as (url, redis_url, groups):
        RestClient(Connection(url)).projects()
        for service, group in groups.items():
            print(f"idle memory of {service:12} {memory_of(group):10.1f} MB PSS")
        ours = through_the_services(url)
        floors = {"Redis APPEND": into_redis(redis_url), "file with fsync": onto_disk(Path(name))}
    print(f"durable ingest, one process  {ours:10,.0f} points/s (budget {BUDGET:,})")
    for floor, points in floors.items():
        print(f"floor: {floor:21} {points:10,.0f} points/s (ours is 1/{points / ours:.1f})")
    return 0 if ours >= BUDGET else 1


if __name__ == "__main__":
    sys.exit(main())
