"""Two writers and twenty readers, while jobs are sealed and Redis is killed three times: no wrong page, nothing lost.

`READERS_AND_WRITERS_SECONDS` says for how long: 600 is the run of ten minutes.
"""

from __future__ import annotations

import contextlib
import os
import random
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import requests
from tests.redis_server import find_redis_server, free_port, require
from tests.served import serving, wait_for_port

from atlas_core.records import operation_frame, point_frame
from atlas_services.sealing.sealer import Sealer
from atlas_services.sealing.series_file import SeriesFiles
from atlas_services.storage.local import LocalStorage
from atlas_services.tracker import UNAVAILABLE, open_tracker

SECONDS = float(os.environ.get("READERS_AND_WRITERS_SECONDS", "24"))
WRITERS, READERS, KILLS = 2, 20, 3
PARAMS = 5
POINTS, BATCHES = 150, 6
_PAGE = "projects/p/jobs?limit=50&fields=status,params,metrics.m.count&sort=-creation_time"

pytestmark = [pytest.mark.redis, pytest.mark.timeout(SECONDS + 240)]


class KilledRedis:
    """A Redis that syncs every write, and can be killed."""

    def __init__(self, directory: Path) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._directory = directory
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        server = find_redis_server()
        require(server, "redis-server")
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", str(self._directory)]
        words = [str(server), *options, "--appendonly", "yes", "--appendfsync", "always"]
        self._process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for_port(self.port, self._process)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)


@dataclass
class Scene:
    """What all threads share: the address of the API, what was acknowledged, and what went wrong."""

    url: str
    ending: threading.Event = field(default_factory=threading.Event)
    acknowledged: dict[str, int] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    pages: int = 0

    def get(self, http: requests.Session, path: str) -> Any:
        """Return an answer, None while Redis is away."""
        answer = http.get(f"{self.url}/api/v3/{path}", timeout=60)
        if answer.status_code == 503:
            self.ending.wait(0.05)
            return None
        assert answer.status_code in {200, 404}, answer.text
        return answer.json() if answer.ok else None

    def guarded(self, act: Callable[[], None]) -> Callable[[], None]:
        """Return what notes why `act` failed, and ends the rest."""

        def run() -> None:
            try:
                act()
            except Exception as error:  # each thread's failure is the test's
                self.failures.append(repr(error)[:500])
                self.ending.set()

        return run

    def write(self, writer: int) -> None:
        """Log one job after the other, each in batches that are repeated until they are acknowledged."""
        with requests.Session() as http:
            for number in range(1_000_000):
                job_id, sent = f"w{writer}-{number:05}", 0
                for batch in range(BATCHES):
                    if self.ending.is_set() and batch == 0:
                        return
                    data = _batch(batch)
                    self._send(http, job_id, sent, data)
                    sent += len(data)
                    self.acknowledged[job_id] = (batch + 1) * POINTS

    def _send(self, http: requests.Session, job_id: str, offset: int, data: bytes) -> None:
        deadline = time.monotonic() + 120
        while True:
            address = f"{self.url}/api/v3/jobs/{job_id}/journal/w?offset={offset}"
            answer = http.post(address, data=data, headers={"Authorization": "Bearer t"}, timeout=60)
            if answer.ok:
                assert answer.json()["applied"] == offset + len(data)
                return
            assert answer.status_code == 503, answer.text
            assert time.monotonic() < deadline, "Redis did not come back"
            time.sleep(0.05)

    def read(self, reader: int) -> None:
        """Read pages and series in turn; nothing that was seen once is ever gone or changed."""
        chance, total, counts = random.Random(reader), 0, dict[str, int]()
        with requests.Session() as http:
            while not self.ending.is_set():
                page = self.get(http, _PAGE)
                if page is None:
                    continue
                assert page["total"] >= total, f"{page['total']} jobs after {total}"
                total = page["total"]
                assert len(page["jobs"]) == min(50, total), "a page has gaps"
                for row in page["jobs"]:
                    _check_row(row, counts)
                if page["jobs"]:
                    self._read_series(http, chance.choice(page["jobs"])["job_id"], counts)
                self.pages += 1

    def _read_series(self, http: requests.Session, job_id: str, counts: dict[str, int]) -> None:
        whole = self.get(http, f"jobs/{job_id}/series/m")
        if whole is None:
            return
        assert whole["values"] == [float(step) for step in range(len(whole["values"]))], f"{job_id}: a wrong series"
        assert len(whole["values"]) >= counts[job_id], f"{job_id}: points are gone"
        drawn = self.get(http, f"jobs/{job_id}/series/m?width=20")
        if drawn is not None:
            assert drawn["values"][-1] >= whole["values"][-1], f"{job_id}: the end of the chart is gone"
            assert drawn["values"] == [float(step) for step in drawn["steps"]], f"{job_id}: a wrong chart"


def _batch(number: int) -> bytes:
    """Return a batch of a job's journal: the first begins it and has all parameters, the last ends it."""
    frames = []
    if number == 0:
        frames.append(operation_frame("start", project="p", user="u", time=time.time()))
        frames += [operation_frame("param", name=f"p{place}", value=place) for place in range(PARAMS)]
    steps = range(number * POINTS, (number + 1) * POINTS)
    frames += [point_frame("m", float(step), 1.6e9 + step, step) or b"" for step in steps]
    if number == BATCHES - 1:
        frames.append(operation_frame("end", status="completed", exit_code=0, time=time.time()))
    return b"".join(frames)


def _check_row(row: dict[str, Any], counts: dict[str, int]) -> None:
    job_id = row["job_id"]
    count = row.get("summaries", {}).get("m", {}).get("count", 0)
    assert row["parameters"] == {f"p{place}": place for place in range(PARAMS)} or count == 0, f"{job_id}: half a row"
    assert count % POINTS == 0, f"{job_id}: {count} points are half a batch"
    assert count >= counts.get(job_id, 0), f"{job_id}: {count} points after {counts[job_id]}"
    assert count == POINTS * BATCHES or row["status"] == "running", f"{job_id}: ended before its last batch"
    counts[job_id] = count


def _seal(url: str, home: Path, ending: threading.Event) -> None:
    """Seal every job as soon as it has ended."""
    storage = LocalStorage(home / "job_data" / "archive")
    tracker = open_tracker(url, SeriesFiles(storage))
    sealer = Sealer(tracker, storage, home / "job_data" / "archive" / ".sealing")
    while not ending.wait(0.2):
        with contextlib.suppress(*UNAVAILABLE):
            sealer.seal_due(time.time() + 60)
    tracker.close()


@contextlib.contextmanager
def _running(threads: list[threading.Thread], ending: threading.Event) -> Iterator[None]:
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        ending.set()
        for thread in threads:
            thread.join(180)


def test_no_page_is_wrong_and_nothing_is_lost_while_redis_is_killed(tmp_path: Path) -> None:
    redis, home, port = KilledRedis(tmp_path), tmp_path / "home", free_port()
    redis.start()
    try:
        environment = {"FOUNDATIONS_HOME": str(home), "ATLAS_REDIS_URL": redis.url}
        with serving("rest_api", environment, port):
            scene = Scene(f"http://127.0.0.1:{port}")
            acts: list[Callable[[], None]] = [partial(scene.write, number) for number in range(WRITERS)]
            acts += [partial(scene.read, number) for number in range(READERS)]
            acts.append(partial(_seal, redis.url, home, scene.ending))
            with _running([threading.Thread(target=scene.guarded(act)) for act in acts], scene.ending):
                for _ in range(KILLS):
                    scene.ending.wait(SECONDS / (KILLS + 1))
                    redis.kill()
                    scene.ending.wait(1.0)
                    redis.start()
                scene.ending.wait(SECONDS / (KILLS + 1))
            assert scene.failures == []
            _check_all(scene)
    finally:
        redis.kill()


def _check_all(scene: Scene) -> None:
    """Everything that was acknowledged is there."""
    assert scene.pages > READERS
    with requests.Session() as http:
        page = scene.get(http, "projects/p/jobs?limit=10000&fields=metrics.m.count")
        found = {row["job_id"]: row["summaries"]["m"]["count"] for row in page["jobs"]}
        assert found == scene.acknowledged
        for job_id, count in scene.acknowledged.items():
            assert len(scene.get(http, f"jobs/{job_id}/series/m")["values"]) == count
