"""The auth proxy in front of real servers: what passes, how it passes, and what a failure looks like."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import io
import json
import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from tests.redis_server import as_user, free_port
from tests.served import serving

from atlas_core.client import ArchiveClient, Connection, RestClient
from atlas_core.errors import InvalidConfig
from atlas_core.records import operation_frame, point_frame
from atlas_core.settings import Settings
from atlas_core.states import JobStatus
from atlas_services.auth_proxy.exposure import refuse_open_proxy
from atlas_services.tracker import open_tracker

START = operation_frame("start", project="p", user="ann", time=1.0)


class Upstream(ThreadingHTTPServer):
    """Stands for the scheduler, at the scheduler's routes: each test says what it answers."""

    daemon_threads = True

    def __init__(self) -> None:
        self.answer: Callable[[Handler], None] = Handler.echo
        self.requests = 0
        super().__init__(("127.0.0.1", 0), Handler)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    """Answers as the test says."""

    protocol_version = "HTTP/1.1"
    server: Upstream

    def answer(self) -> None:
        """Hand over to the test."""
        self.server.requests += 1
        self.server.answer(self)

    def __getattr__(self, name: str) -> Callable[[], None]:
        if name.startswith("do_"):
            return self.answer
        raise AttributeError(name)

    def echo(self) -> None:
        """Answer with what was received."""
        received = {
            "method": self.command,
            "target": self.path,
            "headers": dict(self.headers.items()),
            "body": self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode(),
        }
        self.whole(json.dumps(received).encode(), {"Connection": "X-Private", "X-Private": "1", "X-Public": "2"})

    def whole(self, body: bytes, headers: dict[str, str] | None = None) -> None:
        """Answer with a length."""
        self.send_response(200)
        for name, value in {**(headers or {}), "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        with contextlib.suppress(ConnectionError):  # the client broke off, and the proxy with it
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

    def chunk(self, data: bytes) -> None:
        """Send a chunk of an answer without a length."""
        self.wfile.write(b"%x\r\n%b\r\n" % (len(data), data))

    def begin_chunks(self) -> None:
        """Begin an answer without a length."""
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Stay silent."""


@pytest.fixture(scope="module")
def scheduler() -> Iterator[Upstream]:
    """The server behind the scheduler's routes."""
    server = Upstream()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@dataclass
class Stack:
    """A proxy with a REST API and an archive server behind it, and a Redis behind them."""

    url: str
    proxy: subprocess.Popen[bytes]
    environment: dict[str, str]
    rest_port: int
    home: Path

    @property
    def port(self) -> int:
        """The proxy's."""
        return int(self.url.rpartition(":")[2])


@pytest.fixture(scope="module")
def stack(redis_server: str, scheduler: Upstream, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Real processes behind real sockets; the scheduler is the test's own."""
    home = tmp_path_factory.mktemp("home")
    rest, archive, tensorboard, proxy = free_port(), free_port(), free_port(), free_port()
    environment = {
        "FOUNDATIONS_HOME": str(home),
        "ATLAS_REDIS_URL": as_user(redis_server, "rest_api"),
        "ATLAS_SCHEDULER_URL": scheduler.url,
        "ATLAS_REST_API_URL": f"http://127.0.0.1:{rest}",
        "ATLAS_ARCHIVE_URL": f"http://127.0.0.1:{archive}",
        "ATLAS_TENSORBOARD_API_URL": f"http://127.0.0.1:{tensorboard}",
        "ATLAS_PROXY_URL": f"http://127.0.0.1:{proxy}",
    }
    with (
        serving("rest_api", environment, rest),
        serving("archive_server", environment, archive),
        serving("tensorboard_api", environment, tensorboard),
        serving("auth_proxy", environment, proxy) as process,
    ):
        yield Stack(environment["ATLAS_PROXY_URL"], process, environment, rest, home)


@pytest.fixture
def echo(scheduler: Upstream) -> Upstream:
    """The scheduler, echoing."""
    scheduler.answer = Handler.echo
    scheduler.requests = 0
    return scheduler


def test_the_proxy_answers_for_itself(stack: Stack) -> None:
    assert requests.get(stack.url).text == "Welcome to the Foundations authentication proxy"
    assert requests.post(f"{stack.url}/heartbeat").text == "Alive"
    assert requests.get(f"{stack.url}/healthz").json() == {"status": "ok"}


def test_a_request_passes_as_it_was_written(stack: Stack, echo: Upstream) -> None:
    headers = {"X-Request-Id": "r1", "Authorization": "Bearer t", "Connection": "X-Hop", "X-Hop": "1", "TE": "x"}
    target = "/jobs/a%20b%C3%A9?x=1&x=%2F%20&y"
    connection = http.client.HTTPConnection("127.0.0.1", stack.port, timeout=10)
    connection.request("GET", target, headers={**headers, "X-Forwarded-For": "9.9.9.9"})
    answer = connection.getresponse()
    received = json.loads(answer.read())
    connection.close()
    assert (received["method"], received["target"]) == ("GET", target)
    seen = received["headers"]
    assert (seen["Authorization"], seen["X-Request-Id"], seen["X-Forwarded-Proto"]) == ("Bearer t", "r1", "http")
    assert seen["X-Forwarded-For"] == "9.9.9.9, 127.0.0.1"
    assert seen["Host"] == f"127.0.0.1:{echo.server_port}"
    assert not {"X-Hop", "TE", "Te"} & set(seen)
    assert (answer.getheader("X-Public"), answer.getheader("X-Private")) == ("2", None)
    assert answer.getheader("X-Request-Id") == "r1"


@pytest.mark.parametrize("path", ["//jobs/x", "/jobs/../workers", "/jobs/%2e%2e", "/running_jobs/x%2Flogs"])
def test_a_path_is_never_made_into_another_one(stack: Stack, echo: Upstream, path: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", stack.port, timeout=10)
    connection.request("GET", path)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    assert answer.status == 404 or json.loads(body)["target"].lower() == path.lower()


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("GET", "/jobs", 404),
        ("GET", "/jobs/x/", 404),
        ("GET", "/archive/x", 404),
        ("DELETE", "/archive/x/", 405),
        ("POST", "/jobs/x", 405),
        ("OPTIONS", "/jobs/x", 405),
        ("GET", "/queued_jobs/first", 404),
        ("GET", "/api/v2beta/projects/login/nothing", 404),
    ],
)
def test_what_is_not_in_the_table_does_not_exist(
    stack: Stack, echo: Upstream, method: str, path: str, status: int
) -> None:
    answer = requests.request(method, stack.url + path)
    assert (answer.status_code, answer.json()["status"], echo.requests) == (status, status, 0)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert ("Allow" in answer.headers) == (status == 405)


@pytest.mark.parametrize(
    ("headers", "field"),
    [
        ({"Host": "rebound.example"}, "Host"),
        ({"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site", "Content-Type": "text/plain"}, "Origin"),
        ({"Origin": "null"}, "Origin"),
    ],
)
def test_a_page_of_another_site_cannot_run_anything(
    stack: Stack, echo: Upstream, headers: dict[str, str], field: str
) -> None:
    for url in (f"{stack.url}/queued_jobs", f"{stack.url}/job_bundle", f"http://127.0.0.1:{stack.rest_port}/x"):
        answer = requests.post(url, data=b"{}", headers=headers, timeout=10)
        assert (answer.status_code, answer.json()["field"]) == (403, field)
    assert echo.requests == 0


def test_the_page_of_this_server_reaches_the_services(stack: Stack, echo: Upstream) -> None:
    headers = {"Origin": stack.url, "Sec-Fetch-Site": "same-origin"}
    answer = requests.post(f"{stack.url}/queued_jobs", data=b"{}", headers=headers, timeout=10)
    assert (answer.status_code, answer.json()["body"]) == (200, "{}")
    path = f"{stack.url}/api/v2beta/projects/p/job_listing/nobody/tags"
    answer = requests.post(path, json={"tag": {"key": "a", "value": "b"}}, headers=headers, timeout=10)
    assert answer.json()["code"] == "job_not_found"


def test_a_head_request_has_the_headers_of_the_file_and_no_body(stack: Stack, echo: Upstream) -> None:
    echo.answer = lambda handler: handler.whole(b"x" * 100)
    with requests.Session() as session:
        for _ in range(3):
            answer = session.head(f"{stack.url}/api/v3/bundles/{'0' * 64}")
            assert (answer.status_code, answer.headers["Content-Length"], answer.content) == (200, "100", b"")


def test_a_stream_arrives_chunk_by_chunk_as_it_is_written(stack: Stack, echo: Upstream) -> None:
    go_on = threading.Event()

    def answer(handler: Handler) -> None:
        handler.begin_chunks()
        for number in range(3):
            handler.chunk(b"chunk %d" % number)
            assert go_on.wait(10)
            go_on.clear()
        handler.chunk(b"")

    echo.answer = answer
    with requests.get(f"{stack.url}/api/v3/jobs/a/log?follow=1", stream=True, timeout=10) as response:
        chunks = response.raw.read_chunked()
        for number in range(3):
            assert next(chunks) == b"chunk %d" % number  # the next one is not written before this one is here
            go_on.set()
        assert list(chunks) == []


def test_the_service_hears_that_the_client_is_gone(stack: Stack, echo: Upstream) -> None:
    gone = threading.Event()

    def answer(handler: Handler) -> None:
        handler.begin_chunks()
        try:
            while True:
                handler.chunk(b"x" * 65536)
        except OSError:
            gone.set()
            handler.close_connection = True

    echo.answer = answer
    response = requests.get(f"{stack.url}/api/v3/jobs/a/log", stream=True, timeout=10)
    next(response.raw.read_chunked())
    response.raw.close()
    response.close()
    assert gone.wait(10)


@pytest.mark.parametrize("chunked", [True, False])
def test_an_answer_that_breaks_off_is_seen_to_be_broken(stack: Stack, echo: Upstream, chunked: bool) -> None:
    def answer(handler: Handler) -> None:
        if chunked:
            handler.begin_chunks()
            handler.chunk(b"half")
        else:
            handler.send_response(200)
            handler.send_header("Content-Length", "8")
            handler.end_headers()
            handler.wfile.write(b"half")
        handler.wfile.flush()
        handler.connection.shutdown(socket.SHUT_RDWR)
        handler.close_connection = True

    echo.answer = answer
    with pytest.raises(requests.RequestException):
        requests.get(f"{stack.url}/jobs/a", timeout=10)


def test_a_large_answer_comes_whole_and_one_that_breaks_off_is_seen_to_be_broken(stack: Stack, echo: Upstream) -> None:
    content = os.urandom(1024) * 20 * 1024

    def broken(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(content) + 1))
        handler.end_headers()
        handler.wfile.write(content)
        handler.close_connection = True

    with requests.Session() as session:
        echo.answer = lambda handler: handler.whole(content)
        for _ in range(2):
            assert session.get(f"{stack.url}/jobs/a", timeout=60).content == content
        echo.answer = broken
        with pytest.raises(requests.RequestException):
            session.get(f"{stack.url}/jobs/a", timeout=60)
        echo.answer = Handler.echo
        assert session.get(f"{stack.url}/jobs/a", timeout=60).status_code == 200


def test_a_request_with_a_body_is_never_sent_twice(stack: Stack, echo: Upstream) -> None:
    def answer(handler: Handler) -> None:
        handler.connection.shutdown(socket.SHUT_RDWR)
        handler.close_connection = True

    echo.answer = answer
    response = requests.post(f"{stack.url}/queued_jobs", data=b"x" * 100, timeout=10)
    assert (response.status_code, response.json()["code"]) == (503, "server_unreachable")
    assert "scheduler" in response.json()["detail"]
    assert echo.requests == 1


def test_a_read_is_repeated_when_the_service_died_over_it(stack: Stack, echo: Upstream) -> None:
    def answer(handler: Handler) -> None:
        if echo.requests == 1:
            handler.connection.shutdown(socket.SHUT_RDWR)
            handler.close_connection = True
        else:
            handler.echo()

    echo.answer = answer
    assert requests.get(f"{stack.url}/jobs/a", timeout=10).status_code == 200
    assert echo.requests == 2


def test_a_service_that_is_down_is_named_and_found_again(stack: Stack, redis_server: str, tmp_path: Path) -> None:
    rest, proxy = free_port(), free_port()
    environment = {**stack.environment, "ATLAS_REST_API_URL": f"http://127.0.0.1:{rest}"}
    url = f"http://127.0.0.1:{proxy}/api/v3/projects"
    with serving("auth_proxy", environment, proxy):
        answer = requests.get(url, timeout=10)
        assert (answer.status_code, answer.json()["code"]) == (503, "server_unreachable")
        assert "rest_api" in answer.json()["detail"]
        with serving("rest_api", environment, rest):
            assert requests.get(url, timeout=10).status_code == 200


def test_a_large_upload_passes_in_constant_memory(stack: Stack, redis_url: str) -> None:
    tracker = open_tracker(redis_url)
    tracker.jobs.create("big", "p", JobStatus.RUNNING, 1.0, "t")
    tracker.client.close()
    size = 64 * 1024 * 1024
    source = stack.home / "big"
    source.write_bytes(os.urandom(1024) * (size // 1024))
    digest = hashlib.sha256(source.read_bytes()).hexdigest()
    before = peak_memory(stack.proxy.pid)
    with source.open("rb") as file:
        ArchiveClient(Connection(stack.url)).put("big", "user_artifacts/big file", file, digest, "t")
    with requests.get(f"{stack.url}/archive/big/user_artifacts/big%20file", stream=True, timeout=30) as answer:
        read = hashlib.sha256()
        for chunk in answer.iter_content(1024 * 1024):
            read.update(chunk)
    assert read.hexdigest() == digest
    assert peak_memory(stack.proxy.pid) - before < 24 * 1024 * 1024


def test_an_upload_without_a_length_passes_too(stack: Stack, redis_url: str) -> None:
    tracker = open_tracker(redis_url)
    tracker.jobs.create("big", "p", JobStatus.RUNNING, 1.0, "t")
    tracker.client.close()
    content = os.urandom(300_000)
    headers = {"Authorization": "Bearer t", "X-Content-SHA256": hashlib.sha256(content).hexdigest()}
    parts = (content[start : start + 7000] for start in range(0, len(content), 7000))
    url = f"{stack.url}/archive/big/user_artifacts/parts"
    assert requests.put(url, data=parts, headers=headers, timeout=30).status_code == 201
    assert requests.get(url, timeout=30).content == content


@pytest.mark.parametrize("framing", ["Content-Length: 1000000\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\nf4240\r\n"])
def test_an_upload_that_breaks_off_leaves_nothing(stack: Stack, redis_url: str, framing: str) -> None:
    tracker = open_tracker(redis_url)
    tracker.jobs.create("cut", "p", JobStatus.RUNNING, 1.0, "t")
    tracker.client.close()
    uploads = stack.home / "job_data" / "archive" / ".uploads"
    with socket.create_connection(("127.0.0.1", stack.port), timeout=10) as connection:
        head = [
            "PUT /archive/cut/user_artifacts/f HTTP/1.1",
            "Host: localhost",
            "Authorization: Bearer t",
            f"X-Content-SHA256: {'0' * 64}",
            framing,
        ]
        connection.sendall("\r\n".join(head).encode() + b"x" * 500_000)
        wait_until(lambda: any(uploads.glob("*")))
    wait_until(lambda: not any(uploads.glob("*")))
    assert not (stack.home / "job_data" / "archive" / "cut").exists()


@pytest.mark.parametrize("body", ["-2\r\n", "zz\r\n", "5\r\nabcdeXX", "5\r\nab"])
def test_chunks_that_are_none_or_do_not_come_are_the_clients_fault(
    stack: Stack, echo: Upstream, body: str, capfd: pytest.CaptureFixture[str]
) -> None:
    address = urlsplit(stack.url)
    head = f"POST /queued_jobs HTTP/1.1\r\nHost: {address.netloc}\r\nTransfer-Encoding: chunked\r\n\r\n"
    with socket.create_connection((str(address.hostname), int(address.port or 0)), timeout=60) as client:
        client.sendall((head + body).encode())
        client.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: client.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 400"), answer
    logged = capfd.readouterr().err
    assert ("failed (request" in logged, "does not answer" in logged) == (False, False)


def test_a_job_logs_through_the_proxy_and_is_read_through_it(stack: Stack, redis_url: str) -> None:
    client = RestClient(Connection(stack.url))
    frames = START + b"".join(point_frame("loss", float(index), float(index)) or b"" for index in range(1000))
    assert client.send_journal("a", "w", 0, frames, "t") == len(frames)
    assert client.send_journal("a", "w", len(frames), b"", "t") == len(frames)
    assert len(client.series("a", "loss")["values"]) == 1000
    assert client.job("a")["metrics"]["loss"]["count"] == 1000
    assert [job["job_id"] for job in client.job_listing("p")["jobs"]] == ["a"]
    assert client.user_name() == "CE User"


def test_a_deleted_job_leaves_neither_records_nor_files(stack: Stack, redis_url: str) -> None:
    client = RestClient(Connection(stack.url))
    end = operation_frame("end", status="completed", exit_code=0, time=2.0)
    client.send_journal("gone", "w", 0, START + end, "t")
    digest = hashlib.sha256(b"abc").hexdigest()
    ArchiveClient(Connection(stack.url)).put("gone", "user_artifacts/f", io.BytesIO(b"abc"), digest, "t")
    directory = stack.home / "job_data" / "archive" / "gone"
    assert directory.exists()
    answer = requests.delete(f"{stack.url}/api/v2beta/projects/p/job_listing/gone", timeout=10)
    assert (answer.status_code, answer.json()) == (200, "Job gone successfully deleted")
    assert not directory.exists()
    assert client.job_listing("p")["jobs"] == []
    answer = requests.delete(f"{stack.url}/api/v2beta/projects/p/job_listing/gone", timeout=10)
    assert (answer.status_code, answer.json()) == (404, "Job gone is in an unknown state")


def test_the_log_of_a_job_is_the_schedulers(stack: Stack, echo: Upstream, redis_url: str) -> None:
    tracker = open_tracker(redis_url)
    tracker.jobs.create("logged", "p", JobStatus.RUNNING, 1.0, "t")
    tracker.client.close()
    echo.answer = lambda handler: handler.whole("Grüße\n".encode() + b"\xff")
    answer = requests.get(f"{stack.url}/api/v2beta/projects/p/job_listing/logged/logs", timeout=10)
    assert answer.json() == {"log": "Grüße\n\ufffd"}


def test_events_reach_a_reader_behind_the_proxy_at_once(stack: Stack, redis_url: str) -> None:
    with requests.get(f"{stack.url}/api/v3/events", stream=True, timeout=20) as response:
        chunks = response.raw.read_chunked()
        assert next(chunks).startswith(b"retry: ")
        RestClient(Connection(stack.url)).send_journal("b", "w", 0, START, "t")
        begin = time.monotonic()
        assert b"job.created" in next(chunks)
        assert time.monotonic() - begin < 2


def test_an_open_proxy_is_not_for_everybody(stack: Stack) -> None:
    for bind in ("127.0.0.1:1", "[::1]:1", "localhost:1", "127.0.0.1:1,127.0.0.2:2"):
        refuse_open_proxy(bind)
    for bind in ("0.0.0.0:1", "[::]:1", "10.0.0.1:1", "example.org:1", "127.0.0.1:1,0.0.0.0:2", ":80"):
        with pytest.raises(InvalidConfig, match="ATLAS_ALLOW_OPEN_PROXY"):
            refuse_open_proxy(bind)
    with socket.socket() as inherited:
        inherited.bind(("0.0.0.0", 0))
        with pytest.raises(InvalidConfig):
            refuse_open_proxy(f"fd://{inherited.fileno()}")


def test_everybody_is_let_in_when_the_host_says_so(stack: Stack) -> None:
    assert not Settings.from_environment({}).allow_open_proxy
    assert Settings.from_environment({"ATLAS_ALLOW_OPEN_PROXY": "1"}).allow_open_proxy


def test_the_proxy_stops_when_it_is_told_to(stack: Stack) -> None:
    with serving("auth_proxy", stack.environment) as process:
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0


def peak_memory(pid: int) -> int:
    """Return the peak of resident bytes of the largest process of the service's group."""
    group = [
        int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit() and _group(int(path.name)) == pid
    ]
    return max(_peak(each) for each in group)


def _group(pid: int) -> int:
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return -1


def _peak(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


def wait_until(condition: Callable[[], bool]) -> None:
    """Return as soon as it holds; fail after ten seconds."""
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_the_health_of_each_service_is_told_through_the_proxy(stack: Stack, echo: Upstream) -> None:
    health = requests.get(f"{stack.url}/api/v3/health").json()
    assert health["version"]
    assert {name: facts["healthy"] for name, facts in health["services"].items()} == {
        "scheduler": True,
        "rest_api": True,
        "archive_server": True,
        "tensorboard_api": True,
    }
    echo.answer = lambda handler: handler.send_error(503)
    scheduler = requests.get(f"{stack.url}/api/v3/health").json()["services"]["scheduler"]
    assert (scheduler["healthy"], scheduler["problem"]) == (False, "it answers with an error")
