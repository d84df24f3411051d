"""The body of a large request, in the pieces in which it comes.

Read as a file, each byte of it would be copied half a dozen times between gunicorn and werkzeug.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Any, cast

from flask import request
from gunicorn.http.body import Body, ChunkedReader, LengthReader
from werkzeug.exceptions import ClientDisconnected


def request_body() -> IO[bytes]:
    """Return the body of the present request; each `read` returns as much as there is at once, and nothing at the end.

    Its length is not limited where it does not say how long it is. Reading raises `ClientDisconnected` when the client
    leaves before its end, or is silent for too long.
    """
    body = request.environ["wsgi.input"]
    reader = body.reader if isinstance(body, Body) else None
    if isinstance(reader, LengthReader):
        return cast("IO[bytes]", _Pieces(body, _of_length(reader)))
    if isinstance(reader, ChunkedReader) and reader.parser:
        return cast("IO[bytes]", _Pieces(body, reader.parser))
    return request.stream


class _Pieces:
    """What nobody has read of before."""

    def __init__(self, body: Any, pieces: Iterator[bytes]) -> None:
        self._body = body
        self._pieces = pieces
        self._rest = b""

    def read(self, size: int) -> bytes:
        data = self._rest or self._next()
        self._rest = data[size:]
        return data[:size]

    def _next(self) -> bytes:
        try:
            return next((piece for piece in self._pieces if piece), b"")
        except Exception as error:
            self._body.failed = True  # where the next request begins is not known
            if isinstance(error, (OSError, ValueError)):
                raise ClientDisconnected() from None
            raise


def _of_length(reader: Any) -> Iterator[bytes]:
    while reader.length:
        data = reader.unreader.read(None, read_ahead=reader.length)
        if not data:
            raise OSError("it ends too early")
        if len(data) > reader.length:  # the next request follows
            reader.unreader.unread(data[reader.length :])
            data = data[: reader.length]
        reader.length -= len(data)
        yield data
