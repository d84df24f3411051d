"""The door through which jobs log: batches of their journals, applied exactly once."""

from __future__ import annotations

import re

from flask import Blueprint, request
from werkzeug.exceptions import RequestEntityTooLarge

from atlas_core.errors import InvalidInput, PayloadTooLarge
from atlas_core.ids import check_job_id, now
from atlas_services.gate import identity
from atlas_services.openapi import Answer, Body, Operation, Param, describes
from atlas_services.openapi.schema import COUNT, members, text
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
    body=Body(media="application/octet-stream", required=False),
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
    request.max_content_length = MAX_BATCH
    try:
        return request.get_data(cache=False)
    except RequestEntityTooLarge:
        raise PayloadTooLarge(
            f"The batch is larger than {MAX_BATCH} bytes; send less at once.", limit=MAX_BATCH
        ) from None
