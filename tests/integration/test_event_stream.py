"""Events over a real connection that is cut, by a server that is killed: who comes back misses nothing."""

from __future__ import annotations

import http.client
import itertools
import json
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.redis_server import free_port
from tests.served import serving

from atlas_core.states import JobStatus
from atlas_services.tracker import Tracker, open_tracker


@pytest.fixture
def tracker(redis_url: str) -> Iterator[Tracker]:
    """A tracker that knows nothing yet."""
    tracker = open_tracker(redis_url)
    yield tracker
    tracker.client.close()


class Reader:
    """A reader of the stream, as a browser is: it remembers the id of the last event that it saw whole."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.seen: list[str] = []
        self.place = ""

    def read(self, until: str) -> None:
        """Read events until that of a job, or until the connection breaks."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        try:
            headers = {"Last-Event-ID": self.place} if self.place else {}
            connection.request("GET", "/api/v3/events?project=p", headers=headers)
            answer = connection.getresponse()
            assert answer.status == 200
            while until not in self.seen and (line := answer.readline()):
                self._take(line.decode().rstrip("\n"))
        except (OSError, http.client.HTTPException):
            pass  # as a cable that is pulled
        finally:
            connection.close()

    def _take(self, line: str) -> None:
        name, _, value = line.partition(": ")
        if name == "id":
            self.place = value
        elif name == "data":
            self.seen.append(json.loads(value)["job_id"])


def create(tracker: Tracker, *job_ids: str, project: str = "p") -> None:
    """Have something happen."""
    for job_id in job_ids:
        tracker.jobs.create(job_id, project, JobStatus.QUEUED, time.time(), "t")


def test_a_reader_whose_server_is_killed_misses_nothing(redis_url: str, tracker: Tracker, tmp_path: Path) -> None:
    port = free_port()
    environment = {"ATLAS_REDIS_URL": redis_url, "FOUNDATIONS_HOME": str(tmp_path)}
    reader, numbers = Reader(port), itertools.count()
    create(tracker, "before", project="q")
    reader.place = tracker.events.last_id()
    expected: list[str] = []
    for _ in range(3):
        with serving("rest_api", environment, port) as process:
            live = [f"job-{next(numbers)}" for _ in range(3)]
            create(tracker, *live)
            reader.read(until=live[-1])
            process.send_signal(signal.SIGKILL)
            process.wait(30)
        missed = [f"job-{next(numbers)}" for _ in range(3)]
        create(tracker, *missed)
        create(tracker, f"other-{missed[0]}", project="q")
        expected += [*live, *missed]
    with serving("rest_api", environment, port):
        reader.read(until=expected[-1])
    assert reader.seen == expected


def test_a_connection_that_is_cut_in_the_midst_is_taken_up(redis_url: str, tracker: Tracker, tmp_path: Path) -> None:
    port = free_port()
    with serving("rest_api", {"ATLAS_REDIS_URL": redis_url, "FOUNDATIONS_HOME": str(tmp_path)}, port):
        reader = Reader(port)
        reader.place = tracker.events.last_id()
        expected = [f"job-{number}" for number in range(30)]
        create(tracker, *expected)
        for stop in ("job-4", "job-5", "job-17", expected[-1]):
            reader.read(until=stop)
        assert reader.seen == expected
