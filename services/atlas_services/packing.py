"""Answers as small as the client takes them: not at all when it has them already, else compressed."""

from __future__ import annotations

import gzip
import hashlib
import re

from flask import Response, request

#: A shorter answer is one packet, compressed or not.
_LEAST = 1024
#: JSON is a fifth of its size then; a higher level takes three times as long for a few percent.
_LEVEL = 1
_JSON = re.compile(r"application/(\w+\+)?json")


def pack(response: Response) -> Response:
    """Give a whole answer in JSON its `ETag`, and answer 304 or compress it if the client says that it may."""
    if not _JSON.fullmatch(response.mimetype or "") or response.is_streamed or response.direct_passthrough:
        return response
    data = response.get_data()
    if len(data) < _LEAST or "Content-Encoding" in response.headers:
        return response
    if request.method == "GET" and response.status_code == 200:
        if "ETag" not in response.headers:
            response.set_etag(hashlib.blake2b(data, digest_size=12).hexdigest(), weak=True)
        response.headers.setdefault("Cache-Control", "private, no-cache")  # keep it, and ask whether it has changed
        response.make_conditional(request)
    if response.status_code != 304:
        _compress(response, data)
    return response


def _compress(response: Response, data: bytes) -> None:
    response.vary.add("Accept-Encoding")
    if request.accept_encodings["gzip"] > 0:
        response.set_data(gzip.compress(data, _LEVEL, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
