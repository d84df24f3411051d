"""The body of a large request, read from gunicorn's own readers."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from flask import Flask
from gunicorn.http.body import Body, ChunkedReader, LengthReader
from gunicorn.http.errors import InvalidChunkSize
from werkzeug.exceptions import ClientDisconnected

from atlas_services.request_body import request_body
from atlas_services.slow_bodies import SlowBodies


@pytest.fixture
def connection() -> Iterator[tuple[socket.socket, SlowBodies]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield theirs, SlowBodies(ours, 20.0)


def read(body: Body, size: int = 4) -> bytes:
    with Flask("test").test_request_context("/", environ_overrides={"wsgi.input": body}):
        stream, pieces = request_body(), []
        while piece := stream.read(size):
            assert len(piece) <= size
            pieces.append(piece)
    return b"".join(pieces)


def test_a_body_of_a_known_length_ends_before_the_next_request(
    connection: tuple[socket.socket, SlowBodies],
) -> None:
    client, unreader = connection
    unreader.unread(b"01234")
    client.sendall(b"56789GET /")
    assert read(Body(LengthReader(unreader, 10))) == b"0123456789"
    assert unreader.read() == b"GET /"


def test_a_body_in_chunks_is_read_to_its_last(connection: tuple[socket.socket, SlowBodies]) -> None:
    client, unreader = connection
    client.sendall(b"6\r\n012345\r\n4\r\n6789\r\n0\r\n\r\nGET /")
    assert read(Body(ChunkedReader(SimpleNamespace(), unreader))) == b"0123456789"
    assert unreader.read() == b"GET /"


def test_a_client_that_leaves_before_the_end_has_sent_nothing_whole(
    connection: tuple[socket.socket, SlowBodies],
) -> None:
    client, unreader = connection
    client.sendall(b"01234")
    client.shutdown(socket.SHUT_WR)
    body = Body(LengthReader(unreader, 10))
    with pytest.raises(ClientDisconnected):
        read(body)
    assert body.failed


def test_after_a_damaged_chunk_the_connection_is_not_used_again(
    connection: tuple[socket.socket, SlowBodies],
) -> None:
    client, unreader = connection
    client.sendall(b"3\r\nabc\r\nsurprise\r\n")
    body = Body(ChunkedReader(SimpleNamespace(), unreader))
    with pytest.raises(InvalidChunkSize):
        read(body)
    assert body.failed


def test_any_other_server_gives_its_own_stream() -> None:
    with Flask("test").test_request_context("/", method="PUT", data=b"0123456789"):
        assert request_body().read(100) == b"0123456789"
