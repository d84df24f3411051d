"""JSON that comes with a request: bounded, and whatever it holds, no more than wrong."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from flask import request

from atlas_core.errors import InvalidInput
from atlas_services.openapi.undeclared import refuse_undeclared_members

#: Bytes of a JSON body: ten thousand ids of jobs are a twentieth of it.
MOST_JSON = 16 * 1024 * 1024


def bounded_body(limit: int) -> bytes:
    """Return the body of the request. Raises `RequestEntityTooLarge` for more than `limit` bytes."""
    request.max_content_length = limit
    data = request.get_data()
    request.stream.read(1)  # one that did not tell its length was cut there without a word: this raises
    return data


def json_body() -> Mapping[str, Any]:
    """Return the JSON object in the request's body, whatever its content type.

    Raises `InvalidInput`, also for a member that the route does not declare.
    """
    data = bounded_body(request.max_content_length or MOST_JSON)
    try:
        body = json.loads(data or b"null")
        json.dumps(body, ensure_ascii=False).encode()  # half a surrogate pair could not be stored
    except (ValueError, RecursionError) as error:
        packed = request.headers.get("Content-Encoding")
        hint = f", and this route unpacks nothing; send it without `Content-Encoding: {packed}`" if packed else ""
        raise InvalidInput(f"The body of the request is no JSON{hint}.") from error
    if not isinstance(body, dict):
        raise InvalidInput("The body of the request must be a JSON object.")
    refuse_undeclared_members(body)
    return body
