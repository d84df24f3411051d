"""Sending the present request on to a service, and its answer back, both as they come."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import IO, cast

from flask import Response, g, request
from werkzeug.exceptions import ClientDisconnected
from werkzeug.wsgi import LimitedStream

from atlas_core.errors import InvalidInput
from atlas_services.forwarded_headers import request_headers, response_headers
from atlas_services.upstream import AnswerBody, Upstream


def forward(
    upstream: Upstream, target: str, without: Iterable[str] = (), added: Mapping[str, str] | None = None
) -> Response:
    """Return the service's answer to the present request. Headers named in `without`, in lower case, pass neither way.

    `added` are headers of our own for the service. Raises `ServerUnreachable`.
    """
    kept_back = frozenset(without)
    received = [(name, value) for name, value in request.headers.items() if name.lower() not in kept_back]
    headers = request_headers(received, request.remote_addr or "unknown", request.scheme, g.request_id)
    answer = upstream.request(request.method, target, {**headers, **(added or {})}, _body())
    client = request.environ.get("gunicorn.socket") if upstream.is_plain else None
    response = Response(AnswerBody(answer, client), answer.status, direct_passthrough=True)
    response.headers.clear()
    passed = response_headers(answer.headers.items())
    response.headers.extend((name, value) for name, value in passed if name.lower() not in kept_back)
    return response


def request_target() -> str:
    """Return path and query as the client wrote them: decoding and encoding again could make another path of them."""
    target = str(request.environ.get("RAW_URI") or request.environ.get("REQUEST_URI") or request.full_path)
    if not target.startswith("/"):
        raise InvalidInput(f"`{target}` is no path; ask for the path alone.", field="path")
    return target.partition("#")[0]


class _Chunks:
    """A body that does not tell its length."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def read(self, size: int) -> bytes:
        try:
            return self._stream.read(size)
        except OSError:
            raise ClientDisconnected() from None


def _body() -> IO[bytes] | None:
    """Return the request's body, to be read once; None when it has none.

    It raises `ClientDisconnected` when the client leaves before its end: a service that was promised more must not take
    what came for the whole, and is not to blame.
    """
    if request.headers.get("Transfer-Encoding"):
        return cast("IO[bytes]", _Chunks(request.stream))
    length = request.content_length
    return cast("IO[bytes]", LimitedStream(request.environ["wsgi.input"], length)) if length else None
