"""Many jobs in one answer, each with all that is known of it: what a comparison is made of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint

from atlas_core.errors import InvalidInput
from atlas_core.ids import is_job_id, now
from atlas_services.gate import sees
from atlas_services.openapi import Answer, Body, Operation, describes
from atlas_services.openapi.schema import TEXT, Named, list_of, members
from atlas_services.rest_api.description import JOB
from atlas_services.rest_api.jobs import everything_of
from atlas_services.tracker import Tracker
from atlas_services.web import json_body

#: Jobs of one request.
MOST = 200

_MANY = Operation(
    f"All that is known of many jobs: {MOST} at most",
    {
        200: Answer(
            "Those that there are, in the order in which they were named.",
            Named("ManyJobs", members({"jobs": list_of(JOB), "missing": list_of(TEXT)})),
        )
    },
    (400, 413),
    body=Body(members({"job_ids": list_of(TEXT, maxItems=MOST)})),
)


def routes(tracker: Tracker, base: str) -> Blueprint:
    """Return the blueprint; `base` is the address at which clients reach the archive."""
    blueprint = Blueprint("many_jobs", __name__)

    @blueprint.post("/jobs/read")
    @describes(_MANY)
    def read() -> dict[str, Any]:
        ids, time = _ids(json_body()), now()
        views = {
            view.record.job_id: view for view in tracker.jobs.views(filter(is_job_id, ids)) if sees(view.record.project)
        }
        jobs = [everything_of(tracker, views[job_id], time, base) for job_id in ids if job_id in views]
        return {"jobs": jobs, "missing": [job_id for job_id in ids if job_id not in views]}

    return blueprint


def _ids(body: Mapping[str, Any]) -> list[str]:
    """Return the jobs that a body names, each once."""
    named = body.get("job_ids")
    if not isinstance(named, list) or not all(isinstance(each, str) for each in named):
        raise InvalidInput(
            f'job_ids: {str(named)[:60]!r} is no list of ids; send {{"job_ids": ["…"]}}.', field="job_ids"
        )
    if len(named) > MOST:
        raise InvalidInput(f"job_ids: these are {len(named)} jobs; {MOST} is the most of one request.", field="job_ids")
    return list(dict.fromkeys(named))
