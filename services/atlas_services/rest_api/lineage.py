"""Where a job comes from, and which jobs belong to it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import Blueprint

from atlas_core.ids import check_job_id
from atlas_services.gate import identity, sees
from atlas_services.openapi import Answer, Operation, Param, describes
from atlas_services.openapi.job_words import STATUS
from atlas_services.openapi.schema import COUNT, TEXT, TIME, Named, list_of, members, nullable
from atlas_services.tracker import JobRecord, Tracker
from atlas_services.web import query_int

#: Jobs of each kind, unless the query says otherwise.
_LIMIT = 20
#: Jobs of each kind that are looked at, the newest first, for whoever sees some projects alone.
_LOOKED_AT = 1000

_RELATIVE = Named(
    "Relative",
    members({"job_id": TEXT, "project": TEXT, "status": STATUS, "user": nullable(TEXT), "creation_time": TIME}),
)
_RELATIVES = members({"total": COUNT, "jobs": list_of(_RELATIVE)})
_LINEAGE = Named(
    "Lineage",
    members(
        {
            "parent_id": nullable(TEXT),
            "parent": nullable(_RELATIVE),
            "children": _RELATIVES,
            "bundle_id": nullable(TEXT),
            "same_code": _RELATIVES,
        }
    ),
)
_READ = Operation(
    "Which job submitted this one, which jobs it submitted, and which others run the same code; newest first",
    {200: Answer(schema=_LINEAGE)},
    (400, 404),
    query=(Param("limit", f"Jobs of each kind at most; {_LIMIT} by default.", COUNT),),
)


def routes(tracker: Tracker) -> Blueprint:
    """Return the blueprint."""
    blueprint = Blueprint("lineage", __name__)

    @blueprint.get("/jobs/<job_id>/lineage")
    @describes(_READ)
    def lineage(job_id: str) -> dict[str, Any]:
        job, limit = tracker.jobs.get(check_job_id(job_id)), query_int("limit", _LIMIT)
        parents = [] if job.parent is None else _seen(tracker, [job.parent])
        same = [] if job.bundle_id is None else tracker.jobs.ids_of_bundle(job.bundle_id)
        return {
            "parent_id": job.parent if parents or identity().projects is None else None,
            "parent": _relative(parents[0]) if parents else None,
            "children": _relatives(tracker, tracker.jobs.children(job_id), limit),
            "bundle_id": job.bundle_id,
            "same_code": _relatives(tracker, [each for each in same if each != job_id], limit),
        }

    return blueprint


def _relatives(tracker: Tracker, job_ids: list[str], limit: int) -> dict[str, Any]:
    if identity().projects is None:
        return {"total": len(job_ids), "jobs": [_relative(record) for record in tracker.jobs.records(job_ids[:limit])]}
    seen = _seen(tracker, job_ids[:_LOOKED_AT])
    return {"total": len(seen), "jobs": [_relative(record) for record in seen[:limit]]}


def _seen(tracker: Tracker, job_ids: Iterable[str]) -> list[JobRecord]:
    """Return those of the jobs that are there and that the asker sees."""
    return [record for record in tracker.jobs.records(job_ids) if sees(record.project)]


def _relative(record: JobRecord) -> dict[str, Any]:
    return {
        "job_id": record.job_id,
        "project": record.project,
        "status": record.status.value,
        "user": record.user or None,
        "creation_time": record.creation_time,
    }
