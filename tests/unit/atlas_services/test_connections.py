"""Connections over which requests come slowly, or not at all, beside those of people who ask for something."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Iterator

import pytest
from tests.served import small_service

from atlas_services.connections import LONGEST_HEAD, MOST_AWAITED, is_too_long, is_whole
from atlas_services.slow_bodies import SlowBodies, TooSlow

HEAD = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n"
POST = b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\n"


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """The port of a service with four threads and room for forty connections."""
    route = 'app.get("/long", endpoint="long")(lambda: 100_000 * "x")'
    with small_service("web.THREADS, web.CONNECTIONS = 4, 40", route) as (port, process):
        yield port
        assert process.poll() is None


def connected(port: int, source: str = "127.0.0.1") -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=25, source_address=(source, 0))


def answer(connection: socket.socket, request: bytes) -> bytes:
    """Return what comes until the service closes the connection, or has said that it is well."""
    connection.sendall(request)
    came = b""
    while b'{"status":"ok"}' not in came and (chunk := connection.recv(4096)):
        came += chunk
    return came


def is_answered(port: int) -> bool:
    with connected(port) as connection:
        return answer(connection, HEAD + b"\r\n").startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize(
    "begun",
    [
        b"",
        HEAD + b"X-Slow: ",
        POST + b"Content-Length: 1000\r\n\r\n1",
        POST + b"X-Long: " + 30_000 * b"x" + b"\r\nContent-Length: 000%d\r\n\r\n1" % MOST_AWAITED,
        HEAD + b"\r\n" + HEAD,
        b"\r\n\r\n\r\n",
        MOST_AWAITED * b"\r\n",
        HEAD + b"Connection: close\r\n\r\n",
        b"nonsense\r\n\r\n",
    ],
    ids=["nothing", "head", "body", "long", "second-head", "blank", "blanks", "unclosed", "nonsense"],
)
def test_those_who_keep_a_service_waiting_hold_no_thread_of_it(port: int, begun: bytes) -> None:
    with contextlib.ExitStack() as opened:
        slow = [opened.enter_context(connected(port, "127.0.0.2")) for _ in range(20)]
        for connection in slow:
            connection.sendall(begun)
        for _ in range(5):
            for connection in slow:
                with contextlib.suppress(OSError):
                    connection.send(b"a")
            assert is_answered(port)


def test_those_who_take_no_answer_hold_no_thread(port: int) -> None:
    request = b"GET /long HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    with contextlib.ExitStack() as opened:
        for _ in range(20):
            deaf = opened.enter_context(socket.socket())
            deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
            deaf.bind(("127.0.0.2", 0))
            deaf.connect(("127.0.0.1", port))
            deaf.settimeout(1)
            with contextlib.suppress(OSError):
                deaf.sendall(400 * request)
        time.sleep(1)  # so that there is much to take
        for _ in range(5):
            assert is_answered(port)


def test_when_there_is_no_room_the_address_that_takes_most_of_it_gives_some_up(port: int) -> None:
    with connected(port) as kept, contextlib.ExitStack() as opened:
        assert b" 200 " in answer(kept, HEAD + b"\r\n")
        for _ in range(100):
            opened.enter_context(connected(port, "127.0.0.2"))
        assert is_answered(port)
        assert b" 200 " in answer(kept, HEAD + b"\r\n")


def test_a_request_that_comes_in_pieces_is_answered(port: int) -> None:
    with connected(port) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        request = POST + b"Content-Length: 12\r\n\r\nin twelve by" + HEAD + b"Connection: close\r\n\r\n"
        for position in range(len(request)):
            connection.sendall(request[position : position + 1])
        came = answer(connection, b"")
    assert came.count(b"HTTP/1.1 200 ") == 2
    assert b"\r\n\r\n12" in came


def test_requests_that_come_at_once_are_all_answered(port: int) -> None:
    with connected(port) as connection:
        came = answer(connection, 3 * (POST + b"Content-Length: 2\r\n\r\nab") + HEAD + b"Connection: close\r\n\r\n")
    assert came.count(b"HTTP/1.1 200 ") == 4


def test_a_request_that_ends_half_way_ends_its_connection(port: int) -> None:
    with connected(port) as connection:
        connection.sendall(HEAD)
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(4096) == b""


@pytest.mark.parametrize("length", [MOST_AWAITED, 3 * MOST_AWAITED, 40 * MOST_AWAITED])
def test_a_body_of_any_size_comes_whole(port: int, length: int) -> None:
    head = POST + f"Connection: close\r\nContent-Length: {length}\r\n\r\n".encode()
    with connected(port) as connection:
        assert answer(connection, head + b"x" * length).endswith(f"\r\n\r\n{length}".encode())


def test_who_brings_nothing_delays_no_stop_and_whose_request_comes_meanwhile_is_answered() -> None:
    settings = "connections.SILENCE, web.THREADS, web.CONNECTIONS = 600.0, 4, 40"
    with (
        small_service(settings, grace=600) as (port, process),
        connected(port),
        connected(port) as late,
    ):
        late.sendall(HEAD)
        assert is_answered(port)  # so that both have been taken
        process.terminate()
        time.sleep(0.2)
        assert answer(late, b"Connection: close\r\n\r\n").startswith(b"HTTP/1.1 200 ")
        assert process.wait(60) == 0  # well before anybody loses patience


def test_a_head_that_does_not_end_is_refused(port: int) -> None:
    with connected(port) as connection:
        came = answer(connection, HEAD + b"X-Long: " + b"x" * 2 * MOST_AWAITED)
    assert came.startswith(b"HTTP/1.1 431 ")
    assert b"application/problem+json" in came


def test_whoever_still_sends_what_nobody_reads_hears_the_answer(port: int) -> None:
    head = POST.replace(b"POST / ", b"POST /nowhere ") + f"Content-Length: {30 * MOST_AWAITED}\r\n\r\n".encode()
    with connected(port) as connection:
        connection.sendall(head)
        for _ in range(20):
            connection.sendall(b"x" * MOST_AWAITED)
        assert connection.recv(4096).startswith(b"HTTP/1.1 404 ")


@pytest.mark.parametrize(
    ("begun", "is_enough"),
    [
        (b"", False),
        (b"\r\n\r\n", False),
        (b"GET / HTTP/1.1\r\n", False),
        (b"GET / HTTP/1.1\r\n\r\n", True),
        (b"\r\n\r\nGET / HTTP/1.1\r\n\r\n", True),
        (b"POST / HTTP/1.1\r\ncontent-length:2\r\n\r\na", False),
        (b"POST / HTTP/1.1\r\nContent-Length: 2\r\nA: b\r\n\r\nab", True),
        (b"POST / HTTP/1.1\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n", True),
        (b"POST / HTTP/1.1\r\nContent-Length: 00000002\r\n\r\na", False),
        (b"POST / HTTP/1.1\r\nContent-Length: 32768\r\n\r\n", False),
        (b"POST / HTTP/1.1\r\nContent-Length: 32769\r\n\r\n", True),
        (b"POST / HTTP/1.1\r\nContent-Length: 9999999999\r\n\r\n", True),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", True),
        (b"GET / HTTP/1.1\r\nA: b\r\n\r\nContent-Length: 2\r\n", True),
    ],
)
def test_a_thread_is_due_when_nothing_small_is_missing(begun: bytes, is_enough: bool) -> None:
    assert is_whole(begun) is is_enough


@pytest.mark.parametrize(
    ("begun", "is_so"),
    [
        (LONGEST_HEAD * b"\n", True),
        (LONGEST_HEAD * b"x", True),
        ((LONGEST_HEAD - 1) * b"x", False),
        ((LONGEST_HEAD - 4) * b"x" + b"\r\n\r\n" + LONGEST_HEAD * b"y", False),
        ((LONGEST_HEAD - 3) * b"x" + b"\r\n\r\n", True),
    ],
)
def test_a_head_has_a_longest_length(begun: bytes, is_so: bool) -> None:
    assert is_too_long(begun) is is_so


def test_what_comes_too_slowly_is_given_up_and_the_next_request_is_not() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(b"one")
        given_up: list[str] = []
        patient, impatient = (SlowBodies(ours, seconds, lambda: given_up.append("it")) for seconds in (30.0, -1.0))
        assert patient.chunk() == b"one"
        theirs.sendall(b"two")
        with pytest.raises(TooSlow):
            impatient.chunk()
        assert given_up == ["it"]
        theirs.sendall(2000 * b"x")
        impatient.begin()
        assert len(impatient.chunk()) == 2000


def test_a_room_is_filled_up_to_the_end_of_what_comes() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        patient, impatient, room = SlowBodies(ours, 30.0), SlowBodies(ours, -1.0), memoryview(bytearray(4))
        theirs.sendall(b"abcdef")
        assert (patient.fill(room), bytes(room)) == (4, b"abcd")
        with pytest.raises(BlockingIOError):
            impatient.fill(room[:1])
        theirs.shutdown(socket.SHUT_WR)
        assert [patient.fill(room), bytes(room[:1]), patient.fill(room)] == [1, b"f", 0]
