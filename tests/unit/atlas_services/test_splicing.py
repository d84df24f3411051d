"""Bytes that the kernel passes on from one real socket to another."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from atlas_services.splicing import CAN_SPLICE, splice

pytestmark = pytest.mark.skipif(not CAN_SPLICE, reason="This system cannot splice.")

CONTENT = os.urandom(1024) * 3 * 1024


@dataclass
class Road:
    """From `far`, which writes, over `source` and `target`, to `reader`."""

    far: socket.socket
    source: socket.socket
    target: socket.socket
    reader: socket.socket

    def splice(self, count: int, patience: float = 20.0) -> None:
        splice(self.source.fileno(), self.target.fileno(), count, patience)


@pytest.fixture
def road() -> Iterator[Road]:
    with ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))

        def connected() -> tuple[socket.socket, socket.socket]:
            near = stack.enter_context(socket.create_connection(listener.getsockname()))
            return near, stack.enter_context(listener.accept()[0])

        (far, source), (target, reader) = connected(), connected()
        source.settimeout(20)  # as the sockets of a client library are: it returns instead of waiting
        yield Road(far, source, target, reader)


def read(reader: socket.socket, count: int) -> bytes:
    found = b""
    while len(found) < count and (chunk := reader.recv(65536)):
        found += chunk
    return found


def test_what_comes_is_passed_on_and_no_more_than_was_asked_for(road: Road) -> None:
    threads = [threading.Thread(target=road.far.sendall, args=(CONTENT + b"the next message",), daemon=True)]
    threads.append(threading.Thread(target=road.splice, args=(len(CONTENT),), daemon=True))
    for thread in threads:
        thread.start()
    assert read(road.reader, len(CONTENT)) == CONTENT
    for thread in threads:
        thread.join(20)
    assert road.source.recv(100) == b"the next message"


def test_a_source_that_ends_too_early_is_told_of(road: Road) -> None:
    road.far.sendall(b"half")
    road.far.close()
    with pytest.raises(ConnectionResetError):
        road.splice(8)
    assert read(road.reader, 4) == b"half"


def test_a_silent_source_is_given_up(road: Road) -> None:
    with pytest.raises(TimeoutError):
        road.splice(8, patience=0.01)


def test_a_reader_that_left_is_told_of(road: Road) -> None:
    road.reader.close()
    sender = threading.Thread(target=lambda: _send_until_refused(road.far), daemon=True)
    sender.start()
    with pytest.raises(OSError, match=r"Broken pipe|reset"):
        road.splice(1024 * len(CONTENT))
    road.source.close()
    sender.join(20)


def test_nothing_stays_open(road: Road) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    with pytest.raises(TimeoutError):
        road.splice(8, patience=0.01)
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def _send_until_refused(far: socket.socket) -> None:
    try:
        for _ in range(1024):
            far.sendall(CONTENT)
    except OSError:
        pass  # the other side has heard enough
