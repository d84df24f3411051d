"""How a service says no: each refusal is a problem object (RFC 9457) with a code, and a sentence that names the remedy.

Older routes have plain sentences of their own for what went wrong with a job; what is common to all routes is here.
"""

from __future__ import annotations

import errno
import json
import logging
from collections.abc import Callable, Mapping
from typing import Any

from flask import Flask, Response, g, request
from gunicorn.http.errors import NoMoreData, ParseException
from werkzeug.exceptions import (
    ClientDisconnected,
    HTTPException,
    MethodNotAllowed,
    RequestedRangeNotSatisfiable,
    RequestTimeout,
)

from atlas_core.errors import AtlasError, DiskFull, InvalidInput, PayloadTooLarge, ServerUnreachable
from atlas_services.early_refusals import problem_of
from atlas_services.slow_bodies import TooSlow
from atlas_services.tracker import UNAVAILABLE

_log = logging.getLogger("atlas.web")

_TYPE = "application/problem+json"
#: Statuses of what is to be tried again, after so many seconds unless the error says it.
_LATER, _SECONDS = frozenset({429, 503}), 1
#: Codes of errors of HTTP for which there is one of ours; the others are called by their names.
_CODES = {400: InvalidInput.code}


def problem(error: AtlasError) -> Response:
    """Return the answer for an error."""
    answer = _answer(error.to_problem(), error.status)
    if error.status in _LATER:
        answer.headers["Retry-After"] = str(error.details.get("retry_after", _SECONDS))
    if error.status == 401:
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


def _answer(body: Mapping[str, Any], status: int, headers: Mapping[str, str] | None = None) -> Response:
    return Response(json.dumps(body) + "\n", status, headers, content_type=_TYPE)


def add_errors(app: Flask) -> None:
    """Have each error that a request ends with answered as a problem."""
    app.register_error_handler(AtlasError, problem)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(ParseException, _unreadable)
    app.register_error_handler(NoMoreData, lambda _: _http(ClientDisconnected()))
    app.register_error_handler(TooSlow, lambda _: _http(RequestTimeout()))  # the rest of it did not come
    app.register_error_handler(OSError, _no_room)
    for kind in UNAVAILABLE:
        app.register_error_handler(kind, _unavailable)
    app.register_error_handler(Exception, _unknown)


def _http(error: HTTPException) -> Response:
    """Answer with an error of HTTP itself, and what belongs to it, such as `Allow`."""
    if isinstance(error, ClientDisconnected) and isinstance(error.__context__, TooSlow):
        error = RequestTimeout()
    if error.code == PayloadTooLarge.status:
        return problem(_too_large())
    status, name = error.code or 500, error.name
    code = _CODES.get(status, name.lower().replace(" ", "_").replace("-", "_"))
    body = {"type": "about:blank", "title": name.capitalize(), "status": status, "code": code, "detail": _detail(error)}
    facts = {name: value for name, value in error.get_headers() if name.lower() != "content-type"}
    return _answer(body, status, facts)


def _detail(error: HTTPException) -> str:
    """Return what whoever raised it says, or else what to do about it."""
    said = error.description or ""
    if said != type(error).description:
        return said
    remedy = _REMEDIES.get(error.code or 500)
    return remedy(error) if remedy else said


def _other_method(error: HTTPException) -> str:
    methods = error.valid_methods if isinstance(error, MethodNotAllowed) else None
    return f"`{request.path}` does not take {request.method[:20]}, but {', '.join(sorted(methods or ()))}."


def _other_range(error: HTTPException) -> str:
    size = error.length if isinstance(error, RequestedRangeNotSatisfiable) else None
    asked = request.headers.get("Range", "")[:60]
    return f"Range: {asked!r} is no part of the {size} bytes that there are."


_REMEDIES: Mapping[int, Callable[[HTTPException], str]] = {
    404: lambda _: f"`{request.path[:200]}` is no address of this service; `/docs` shows those that it has.",
    405: _other_method,
    408: lambda _: "The rest of the request did not come in time; send it again.",
    416: _other_range,
}


def _too_large() -> PayloadTooLarge:
    limit = request.max_content_length
    most = "it takes" if limit is None else f"{limit} bytes, which is the most that it takes"
    return PayloadTooLarge(
        f"The body of `{request.method} {request.path}` is larger than {most}; send less at once.", limit=limit
    )


def _unreadable(error: ParseException) -> Response:
    """Answer a request whose body, or what follows it, is no HTTP."""
    found = problem_of(error)
    return _answer(found, int(found["status"]))


def _no_room(error: OSError) -> Response:
    if error.errno not in {errno.ENOSPC, errno.EDQUOT}:
        return _unknown(error)
    _log.error("%s %s: the disk is full: %s", request.method, request.path, error)
    return problem(DiskFull("The disk of the server is full; free some space there, then try again."))


def _unavailable(error: Exception) -> Response:
    _log.warning("Redis does not answer: %s", error)
    return problem(ServerUnreachable("The tracker's database does not answer; try again shortly."))


def _unknown(error: Exception) -> Response:
    _log.error("%s %s failed (request %s)", request.method, request.path, g.get("request_id"), exc_info=error)
    return problem(AtlasError("Internal error; the server's log has the details.", request_id=g.get("request_id")))
