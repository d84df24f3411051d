"""The body of a large request, received into the memory of who reads it.

Read as gunicorn and werkzeug give it, each byte of it would be copied half a dozen times on its way.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import Any, cast

from flask import request
from gunicorn.http.body import Body, ChunkedReader, LengthReader
from werkzeug.exceptions import ClientDisconnected

from atlas_services.slow_bodies import SlowBodies

#: Receives into a room; returns how many bytes, 0 at the end.
_Fill = Callable[[memoryview], int]


def request_body() -> io.RawIOBase:
    """Return the body of the present request; each `readinto` takes what is there, and nothing at the end.

    Its length is not limited where it does not say how long it is. Reading raises `ClientDisconnected` when the client
    leaves before its end, or is silent for too long.
    """
    body = request.environ["wsgi.input"]
    reader = body.reader if isinstance(body, Body) else None
    if isinstance(reader, LengthReader) and isinstance(reader.unreader, SlowBodies):
        return _Received(body, _OfLength(reader).fill)
    if isinstance(reader, ChunkedReader) and reader.parser:
        return _Received(body, _InChunks(reader.parser).fill)
    return cast("io.RawIOBase", request.stream)


class _Received(io.RawIOBase):
    """What nobody has read of before."""

    def __init__(self, body: Any, fill: _Fill) -> None:
        self._body = body
        self._fill = fill

    def readable(self) -> bool:
        return True

    def readinto(self, room: Any) -> int:
        try:
            return self._fill(memoryview(room))
        except Exception as error:
            self._body.failed = True  # where the next request begins is not known
            if isinstance(error, (OSError, ValueError)):
                raise ClientDisconnected() from None
            raise


class _OfLength:
    """A body that says how long it is. The next request may have come behind it already."""

    def __init__(self, reader: Any) -> None:
        self._reader = reader

    def fill(self, room: memoryview) -> int:
        reader = self._reader
        room = room[: reader.length]
        if not room:
            return 0
        begun = reader.unreader.take_buffered()
        if begun:
            size = min(len(begun), len(room))
            room[:size] = begun[:size]
            reader.unreader.unread(begun[size:])
        elif not (size := reader.unreader.fill(room)):
            raise OSError("it ends too early")
        reader.length -= size
        return size


class _InChunks:
    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._rest = memoryview(b"")

    def fill(self, room: memoryview) -> int:
        if not self._rest:
            self._rest = memoryview(next((chunk for chunk in self._chunks if chunk), b""))
        size = min(len(self._rest), len(room))
        room[:size], self._rest = self._rest[:size], self._rest[size:]
        return size
