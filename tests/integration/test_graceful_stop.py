"""A service that is told to stop while it works: what it has begun is answered, streams end, and it is gone in time."""

from __future__ import annotations

import contextlib
import signal
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from tests.integration.stack import RunningStack, eventually, living, running_stack
from tests.redis_server import free_port
from tests.served import serving

from atlas_core.records import operation_frame, point_frame
from atlas_services.connections import MOST_AWAITED

#: Seconds that a service may take to end: what it grants to requests in flight, and what a busy machine adds.
MOST = 30.0
#: Requests that each service is asked for all the time, and a stream of those that have any.
LOAD = {
    "scheduler": "/api/v3/queue",
    "rest_api": "/api/v3/projects/p/jobs",
    "archive": "/archive/run/",
    "proxy": "/api/v3/projects",
}
STREAMS = {"rest_api": "/api/v3/events", "proxy": "/api/v3/events"}


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStack]:
    with running_stack(tmp_path_factory.mktemp("stack") / "home") as stack:
        frames = operation_frame("start", project="p", user="ann", time=time.time())
        stack.rest.send_journal("run", "w", 0, frames, "token")
        (stack.home / "job_data" / "archive" / "run").mkdir(parents=True, exist_ok=True)
        yield stack


def connected(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=60)


def ask(port: int, path: str) -> str | None:
    """Return the status line of an answer, None where the service takes no connection any more."""
    try:
        with connected(port) as http:
            http.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
            answer = b"".join(iter(lambda: http.recv(65536), b""))
    except ConnectionError:
        return None
    return answer.partition(b"\r\n")[0].decode()


class Load:
    """Asks a service for something, again and again, from several threads."""

    def __init__(self, port: int, path: str) -> None:
        self.answers: list[str | None] = []
        self._ended = threading.Event()
        self._threads = [threading.Thread(target=self._ask, args=(port, path), daemon=True) for _ in range(4)]

    def _ask(self, port: int, path: str) -> None:
        while not self._ended.is_set():
            self.answers.append(ask(port, path))

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        eventually(lambda: len(self.answers) > 8)
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join(60)


@contextlib.contextmanager
def open_stream(port: int, path: str | None) -> Iterator[socket.socket | None]:
    """Read a stream of events, if there is one."""
    if path is None:
        yield None
        return
    with connected(port) as reader:
        reader.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
        assert b" 200 " in reader.recv(4096)
        yield reader


def last_words(reader: socket.socket) -> bytes:
    """Read up to the end, and return what came last."""
    words = b""
    with contextlib.suppress(ConnectionResetError):
        while received := reader.recv(65536):
            words = (words + received)[-100:]
    return words


@pytest.mark.parametrize("service", LOAD)
def test_a_service_that_is_told_to_stop_lets_go_of_its_streams_and_ends(stack: RunningStack, service: str) -> None:
    port = stack.facts()["services"][service]["port"]
    eventually(lambda: ask(port, "/healthz") == "HTTP/1.1 200 OK")
    process = psutil.Process(stack.pid_of(service))
    family = [process, *process.children(recursive=True)]
    with Load(port, LOAD[service]) as load, open_stream(port, STREAMS.get(service)) as stream:
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        if stream is not None:
            said = last_words(stream)
            assert service != "rest_api" or said.endswith(b"0\r\n\r\n")  # it ends, rather than being cut
        eventually(lambda: not living(family), 60.0)
        took = time.monotonic() - began
    assert took <= MOST, f"{service} took {took:.1f} s"
    assert set(load.answers) <= {"HTTP/1.1 200 OK", "", None}
    eventually(lambda: ask(port, "/healthz") == "HTTP/1.1 200 OK", 60.0)  # the stack brings it back


def test_a_batch_that_is_on_its_way_is_taken_in_and_answered(stack: RunningStack) -> None:
    port = stack.facts()["services"]["rest_api"]["port"]
    eventually(lambda: ask(port, "/healthz") == "HTTP/1.1 200 OK")
    points = (point_frame("m", float(number), 2.0) or b"" for number in range(2000))
    batch = operation_frame("start", project="p", user="ann", time=1.0) + b"".join(points)
    assert len(batch) > MOST_AWAITED  # so that its reading begins before it is there
    head = (
        "POST /api/v3/jobs/late/journal/w?offset=0 HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer token\r\n"
        f"Content-Type: application/octet-stream\r\nContent-Length: {len(batch)}\r\n\r\n"
    )
    process = psutil.Process(stack.pid_of("rest_api"))
    family = [process, *process.children(recursive=True)]
    with connected(port) as http:
        http.sendall(head.encode() + batch[:-3])
        eventually(lambda: has_read_all(http))
        process.send_signal(signal.SIGTERM)
        http.sendall(batch[-3:])
        answer = http.recv(65536)
    assert answer.startswith(b"HTTP/1.1 200"), answer
    eventually(lambda: not living(family), 60.0)
    eventually(lambda: ask(port, "/healthz") == "HTTP/1.1 200 OK", 60.0)
    assert stack.rest.job("late")["metrics"]["m"]["count"] == 2000


def test_the_tensorboard_service_answers_what_is_on_its_way(tmp_path: Path) -> None:
    port, body = free_port(), b'{"tensorboard_locations": "none"}' + MOST_AWAITED * b" " + b"  \n"
    head = f"POST /create_sym_links HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n\r\n"
    with serving("tensorboard_api", {"FOUNDATIONS_HOME": str(tmp_path)}, port) as process, connected(port) as http:
        http.sendall(head.encode() + body[:-3])
        eventually(lambda: has_read_all(http))
        process.send_signal(signal.SIGTERM)
        http.sendall(body[-3:])
        answer = b"".join(iter(lambda: http.recv(65536), b""))
        assert answer.startswith(b"HTTP/1.1 400"), answer
        assert answer.endswith(b"Expecting a json object with key 'tensorboard_locations'")
        assert process.wait(60) == 0


def has_read_all(sender: socket.socket) -> bool:
    """Whether the other end has taken everything from its socket."""
    port = f":{sender.getsockname()[1]:04X}"
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    waiting = [words[4] for words in lines if words[2].endswith(port)]
    return bool(waiting) and all(int(queues.partition(":")[2], 16) == 0 for queues in waiting)
