"""What a stranger may send: a body so small, and so announced, that it was there before a thread came to it."""

from __future__ import annotations

from flask import request
from werkzeug.exceptions import ExpectationFailed, LengthRequired, RequestEntityTooLarge

from atlas_services.connections import MOST_AWAITED


def refuse_to_wait() -> None:
    """Check the present request before anybody reads it: no thread is to wait for somebody whom nobody knows yet.

    Raises what is answered with 411, 413 or 417.
    """
    if "Expect" in request.headers:
        raise ExpectationFailed(f"Expect: `{request.path}` takes none; send the body at once.")
    if "Transfer-Encoding" in request.headers:
        raise LengthRequired(f"Transfer-Encoding: `{request.path}` takes none; send a body with its `Content-Length`.")
    request.max_content_length = MOST_AWAITED
    if (request.content_length or 0) > MOST_AWAITED:
        raise RequestEntityTooLarge
