"""JSON that comes with a request: bounded, and whatever it holds, no more than wrong."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from flask import request

from atlas_core.errors import InvalidInput

#: Bytes of a JSON body: ten thousand ids of jobs are a twentieth of it.
MOST_JSON = 16 * 1024 * 1024


def json_body() -> Mapping[str, Any]:
    """Return the JSON object in the request's body, whatever its content type. Raises `InvalidInput`."""
    if request.max_content_length is None:
        request.max_content_length = MOST_JSON
    try:
        body = json.loads(request.get_data() or b"null")
        json.dumps(body, ensure_ascii=False).encode()  # half a surrogate pair could not be stored
    except (ValueError, RecursionError) as error:
        raise InvalidInput("The body of the request is no JSON.") from error
    if not isinstance(body, dict):
        raise InvalidInput("The body of the request must be a JSON object.")
    return body
