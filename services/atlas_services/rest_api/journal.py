"""The door through which jobs log: batches of their journals, applied exactly once."""

from __future__ import annotations

import re
import zlib

from flask import Blueprint, request
from werkzeug.exceptions import RequestEntityTooLarge

from atlas_core.errors import InvalidInput, PayloadTooLarge
from atlas_core.ids import check_job_id, now
from atlas_services.gate import identity
from atlas_services.json_requests import bounded_body
from atlas_services.openapi import Answer, Body, Header, Operation, Param, describes
from atlas_services.openapi.schema import COUNT, members, one_of, text
from atlas_services.rest_api.journal_schema import FRAMES
from atlas_services.tracker import Tracker
from atlas_services.web import bearer_token, query_int

#: A larger batch is refused with 413. The longest frame that there can be fits.
MAX_BATCH = 32 * 1024 * 1024

_WRITER = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}")

_APPLY = Operation(
    "Log: the next part of a journal. What is applied already is skipped",
    {200: Answer("Up to which byte the journal is applied.", members({"applied": COUNT}))},
    (400, 401, 403, 404, 409, 413),
    query=(Param("offset", "Where in the journal the part begins.", COUNT),),
    headers=(Header("Content-Encoding", "How the batch is packed, if it is.", one_of(("gzip", "identity"))),),
    body=Body(FRAMES, media="application/octet-stream", required=False),
    path={"writer": text(f"^{_WRITER.pattern}$")},
    takes_token=True,
)


def routes(tracker: Tracker) -> Blueprint:
    """Return the blueprint."""
    blueprint = Blueprint("journal", __name__)

    @blueprint.post("/jobs/<job_id>/journal/<writer>")
    @describes(_APPLY)
    def apply(job_id: str, writer: str) -> dict[str, int]:
        if not _WRITER.fullmatch(writer):
            raise InvalidInput(
                f"writer: {writer!r} names no writer; use letters, digits, '.', '_', '-'.", field="writer"
            )
        frames = _frames()
        offset = query_int("offset", 0)
        applied = tracker.journals.apply(
            check_job_id(job_id), writer, offset, frames, bearer_token(), now(), identity()
        )
        return {"applied": applied}

    return blueprint


def _frames() -> bytes:
    try:
        data = bounded_body(MAX_BATCH)
    except RequestEntityTooLarge:
        raise _too_large() from None
    encoding = request.headers.get("Content-Encoding", "identity").lower()
    if encoding == "identity":
        return data
    if encoding != "gzip":
        raise InvalidInput(
            f"Content-Encoding: {encoding!r} is not known; send gzip, or none.", field="Content-Encoding"
        )
    return _unpacked(data)


def _unpacked(data: bytes) -> bytes:
    """Return what was packed. Raises `PayloadTooLarge` as soon as it is more than a batch, and `InvalidInput`."""
    unpacking = zlib.decompressobj(16 + zlib.MAX_WBITS)
    try:
        frames = unpacking.decompress(data, MAX_BATCH + 1)
    except zlib.error:
        raise InvalidInput("The batch is said to be packed by gzip, and is not.", field="Content-Encoding") from None
    if len(frames) > MAX_BATCH:
        raise _too_large()
    if not unpacking.eof:
        raise InvalidInput("The packed batch is cut off.", field="Content-Encoding")
    return frames


def _too_large() -> PayloadTooLarge:
    return PayloadTooLarge(f"The batch is larger than {MAX_BATCH} bytes; send less at once.", limit=MAX_BATCH)
