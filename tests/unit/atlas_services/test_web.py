"""What all services have in common, over real sockets where that matters."""

from __future__ import annotations

import errno
import socket
import threading
from collections.abc import Iterator

import pytest
from flask import Flask, Response
from tests.served import small_service

from atlas_core.settings import Settings
from atlas_services import json_requests, web


@pytest.fixture(scope="module")
def impatient() -> Iterator[int]:
    """The port of a service that waits 0.3 seconds for the rest of a request."""
    with small_service("connections.SILENCE = 0.3") as (port, _):
        yield port


def answer_to(port: int, text: bytes) -> bytes:
    """Return all that comes, until the service closes the connection."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(text)
        return b"".join(iter(lambda: connection.recv(4096), b""))


@pytest.mark.parametrize(
    "rest", [b"Content-Length: 10\r\n\r\n12345", b"Transfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n"]
)
def test_a_request_whose_body_stops_coming_is_given_up(impatient: int, rest: bytes) -> None:
    answer = answer_to(impatient, b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\n" + rest)
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"application/problem+json" in answer
    assert b"\r\nConnection: close\r\n" in answer


def test_a_request_whose_head_stops_coming_is_given_up(impatient: int) -> None:
    assert b" 200 " not in answer_to(impatient, b"POST / HTTP/1.1\r\nHost:")


def test_streams_leave_threads_for_other_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    def endless() -> Iterator[str]:
        while True:
            yield "x"

    monkeypatch.setattr(web, "_streams", threading.Semaphore(2))
    app = Flask("test")
    app.get("/")(lambda: web.stream(endless(), "text/plain", {}))
    client = app.test_client()
    open_ones: list[Response] = [client.get("/", buffered=False) for _ in range(2)]  # type: ignore[misc]
    refused = client.get("/")
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
    open_ones.pop().close()
    again = client.get("/", buffered=False)
    assert again.status_code == 200
    again.close()
    open_ones.pop().close()


def test_methods_that_nobody_knows_are_counted_as_one() -> None:
    app = web.new_app("test", Settings.from_environment({}), lambda: None)
    client = app.test_client()
    for method in ("GET", "BREW", "WHEN"):
        client.open("/healthz", method=method)
    counted = [line for line in client.get("/metrics").text.splitlines() if line.startswith("atlas_http_requests")]
    assert [line.partition(",")[2] for line in counted] == [
        'method="GET",status="2xx"} 1',
        'method="other",status="4xx"} 2',
    ]


@pytest.mark.parametrize(
    ("number", "status", "code"), [(errno.ENOSPC, 507, "disk_full"), (errno.EACCES, 500, "internal")]
)
def test_a_full_disk_is_told_apart_from_a_fault_of_ours(number: int, status: int, code: str) -> None:
    def write() -> str:
        raise OSError(number, "no")

    app = web.new_app("test", Settings.from_environment({}), lambda: None)
    app.post("/write")(write)
    answer = app.test_client().post("/write")
    assert (answer.status_code, answer.get_json()["code"]) == (status, code)


def test_a_body_of_json_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_requests, "MOST_JSON", 1000)
    app = web.new_app("test", Settings.from_environment({}), lambda: None)
    app.post("/")(lambda: dict(web.json_body()))
    client = app.test_client()
    assert client.post("/", json={"a": "x" * 100}).status_code == 200
    answer = client.post("/", json={"a": "x" * 1000})
    assert (answer.status_code, answer.get_json()["code"]) == (413, "payload_too_large")
