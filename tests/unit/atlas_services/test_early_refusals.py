"""What is no request is refused like any other mistake, over real sockets."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator

import pytest
from tests.served import small_service

HOST = b"Host: 127.0.0.1\r\n"


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """The port of a service that takes a POST."""
    route = 'app.post("/json", endpoint="json")(lambda: dict(web.json_body()))'
    with small_service("json_requests.MOST_JSON = 100", route) as (port, _):
        yield port


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        (b"rubbish\r\n\r\n", 400, "invalid_input"),
        (b"GET / HTTP/1.1\r\n" + HOST + b"X Y: a\r\n\r\n", 400, "invalid_input"),
        (b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: x\r\n\r\n", 400, "invalid_input"),
        (b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400, "invalid_input"),
        (b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\n" + HOST + b"\r\n", 414, "uri_too_long"),
        (b"POST / HTTP/1.1\r\n" + HOST + b"Expect: more\r\n\r\n", 417, "expectation_failed"),
        (b"GET / HTTP/1.1\r\n" + HOST + b"X: " + b"a" * 9000 + b"\r\n\r\n", 431, "request_header_fields_too_large"),
        (b"GET / HTTP/1.1\r\n" + HOST + b"X: a\r\n" * 120 + b"\r\n", 431, "request_header_fields_too_large"),
        (b"GET / HTTP/1.1\r\n" + HOST + b"X: " + b"a" * 40_000, 431, "request_header_fields_too_large"),
        (b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: br\r\n\r\n", 501, "not_implemented"),
        (b"GET / HTTP/3.0\r\n" + HOST + b"\r\n", 505, "http_version_not_supported"),
    ],
)
def test_what_is_no_request_is_answered_with_a_problem(port: int, sent: bytes, status: int, code: str) -> None:
    head, body = answer_to(port, sent)
    assert head.startswith(b"HTTP/1.1 %d " % status)
    assert b"content-type: application/problem+json" in head.lower()
    assert b"x-request-id: " in head.lower()
    problem = json.loads(body)
    assert (problem["status"], problem["code"]) == (status, code)
    assert problem["detail"]


@pytest.mark.parametrize(("spaces", "status"), [(10, 200), (200, 413)])
def test_a_body_that_does_not_tell_its_length_has_a_limit_too(port: int, spaces: int, status: int) -> None:
    chunk = b'{"a": 1}' + b" " * spaces
    framed = b"%x\r\n%s\r\n0\r\n\r\n" % (len(chunk), chunk)
    head, _ = answer_to(port, b"POST /json HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n" + framed)
    assert head.startswith(b"HTTP/1.1 %d " % status)


def answer_to(port: int, sent: bytes) -> tuple[bytes, bytes]:
    """Return head and body of the answer."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    head, _, body = answer.partition(b"\r\n\r\n")
    return head, body
