"""What a service answers to what is no request, so that no application is asked: a problem, as to any other mistake."""

from __future__ import annotations

import contextlib
import json
import logging
import socket
import uuid
from collections.abc import Mapping
from typing import Any

from gunicorn.http import errors
from gunicorn.workers.gthread import ThreadWorker

from atlas_core.errors import AtlasError
from atlas_services.logs import REQUEST_ID

_log = logging.getLogger("atlas.web")

#: Bytes of the first line of a request: two hundred ids of jobs fit.
LONGEST_LINE = 8190
#: Headers of a request, and bytes of each.
MOST_HEADERS, LONGEST_HEADER = 100, 8190

#: What the server's HTTP raises: status and title, and what to do about it.
_REFUSALS: tuple[tuple[type[Exception], int, str, str], ...] = (
    (
        errors.LimitRequestLine,
        414,
        "URI too long",
        f"Method and address have {LONGEST_LINE} bytes at most; ask for less at once, or by a route that takes a body.",
    ),
    (
        errors.LimitRequestHeaders,
        431,
        "Request header fields too large",
        f"A request has {MOST_HEADERS} headers at most, each of {LONGEST_HEADER} bytes at most; send fewer or shorter "
        "ones.",
    ),
    (errors.ExpectationFailed, 417, "Expectation failed", "`Expect` can be `100-continue` alone; leave it out."),
    (
        errors.UnsupportedTransferCoding,
        501,
        "Not implemented",
        "`Transfer-Encoding` can be `chunked` alone; send the body so, or with its length.",
    ),
    (errors.InvalidHTTPVersion, 505, "HTTP version not supported", "This server speaks HTTP/1.1 and HTTP/1.0."),
)
#: Errors of the server's HTTP that are faults of the application.
_OURS = (errors.InvalidResponseHeader, errors.InvalidResponseHeaderName, errors.ConfigurationProblem)


def problem_of(error: Exception) -> Mapping[str, Any]:
    """Return the problem object for what the server's HTTP raised."""
    for kind, status, title, remedy in _REFUSALS:
        if isinstance(error, kind):
            return early_problem(status, title, remedy)
    if isinstance(error, errors.ParseException) and not isinstance(error, _OURS):
        detail = f"This is no request of HTTP. {str(error)[:200]}."
        return early_problem(400, "Invalid input", detail)
    return AtlasError("Internal error; the server's log has the details.").to_problem()


def early_problem(status: int, title: str, detail: str) -> Mapping[str, Any]:
    """Return a problem object whose code is its title."""
    code = title.lower().replace(" ", "_")
    return {"type": "about:blank", "title": title, "status": status, "code": code, "detail": detail}


def send_refusal(client: socket.socket, problem: Mapping[str, Any], request_id: str = "") -> None:
    """Send a problem over a connection that is about to be closed; nothing, if nobody is there to take it."""
    body = json.dumps(problem) + "\n"
    head = (
        f"HTTP/1.1 {problem['status']} {problem['title']}",
        "Connection: close",
        "Content-Type: application/problem+json",
        f"Content-Length: {len(body)}",
        f"X-Request-Id: {request_id or uuid.uuid4().hex}",
    )
    with contextlib.suppress(OSError):
        client.send("\r\n".join([*head, "", body]).encode(), socket.MSG_DONTWAIT)


class Refuser(ThreadWorker):  # type: ignore[misc]
    """gunicorn's worker with threads, which refuses in our words."""

    def handle_error(self, req: Any, client: socket.socket, addr: Any, exc: Exception) -> None:
        """Answer what could not be read as a request, or failed outside of the application."""
        problem, request_id = problem_of(exc), uuid.uuid4().hex
        REQUEST_ID.set(request_id)
        if problem["status"] == AtlasError.status:
            _log.error("A request failed outside of the application", exc_info=exc)
        else:
            _log.info("Refused what %s sent: %s", addr[0] if addr else "somebody", exc)
        REQUEST_ID.set(None)
        send_refusal(client, problem, request_id)
