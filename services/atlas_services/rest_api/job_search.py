"""Jobs by the beginning of their id, as people write it."""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, request

from atlas_core.errors import InvalidInput
from atlas_services.gate import identity, sees
from atlas_services.openapi import Answer, Operation, Param, describes
from atlas_services.openapi.job_words import STATUS
from atlas_services.openapi.schema import COUNT, TEXT, list_of, members, text
from atlas_services.tracker import Tracker
from atlas_services.web import query_int

#: Jobs that are found at most, unless the query says otherwise.
_LIMIT = 20
_BEGINNING = re.compile(r"[A-Za-z0-9._-]{0,128}")

_FOUND = Operation(
    "Jobs by the beginning of their id, newest first",
    {
        200: Answer(
            schema=members(
                {"total": COUNT, "jobs": list_of(members({"job_id": TEXT, "project": TEXT, "status": STATUS}))}
            )
        )
    },
    (400,),
    query=(
        Param("prefix", "The beginning.", text("^[A-Za-z0-9._-]{0,128}$")),
        Param("limit", f"Jobs at most; {_LIMIT} by default.", COUNT),
    ),
)


def routes(tracker: Tracker) -> Blueprint:
    """Return the blueprint."""
    blueprint = Blueprint("job_search", __name__)

    @blueprint.get("/jobs")
    @describes(_FOUND)
    def found() -> dict[str, Any]:
        prefix = request.args.get("prefix", "")
        if not _BEGINNING.fullmatch(prefix):
            raise InvalidInput(f"prefix: {prefix!r} begins no job's id.", field="prefix")
        ids, limit = tracker.jobs.ids_beginning(prefix), query_int("limit", _LIMIT)
        if identity().projects is None:
            total, records = len(ids), tracker.jobs.records(ids[:limit])
        else:
            seen = [record for record in tracker.jobs.records(ids) if sees(record.project)]
            total, records = len(seen), seen[:limit]
        return {
            "total": total,
            "jobs": [
                {"job_id": record.job_id, "project": record.project, "status": record.status.value}
                for record in records
            ],
        }

    return blueprint
