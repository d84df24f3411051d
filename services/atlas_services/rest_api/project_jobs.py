"""The jobs of a project, page by page: one row a job, from what is known without reading a point of its metrics."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request

from atlas_core.errors import InvalidInput
from atlas_core.ids import now
from atlas_core.values import to_public
from atlas_services.rest_api.description import seconds_of
from atlas_services.tracker import JobView, Tracker
from atlas_services.web import query_int

#: Jobs of a page, unless the query says otherwise.
_LIMIT = 1000


def routes(tracker: Tracker) -> Blueprint:
    """Return the blueprint."""
    blueprint = Blueprint("project_jobs", __name__)

    @blueprint.get("/projects/<project>/jobs")
    def page(project: str) -> dict[str, Any]:
        tracker.projects.require(project)
        newest_first = tracker.jobs.ids_of_project(project)[::-1]
        start = _start(newest_first, request.args.get("before"))
        views = tracker.jobs.views(newest_first[start : start + query_int("limit", _LIMIT)])
        time = now()
        return {"jobs": [_row(view, time) for view in views]}

    return blueprint


def _start(job_ids: list[str], before: str | None) -> int:
    """Return where the page begins: behind the job `before`, the last one of the page before it."""
    if before is None:
        return 0
    try:
        return job_ids.index(before) + 1
    except ValueError:
        raise InvalidInput(
            f"before: the project has no job {before!r}; leave it out to begin with the newest.", field="before"
        ) from None


def _row(view: JobView, time: float) -> dict[str, Any]:
    record = view.record
    return {
        "job_id": record.job_id,
        "status": record.status.value,
        "user": record.user or None,
        "creation_time": record.creation_time,
        "start_time": record.start_time,
        "completed_time": record.completed_time,
        "duration": seconds_of(record, time),
        "parameters": to_public(view.params),
        "metrics": {name: to_public(summary["last"]) for name, summary in view.metrics.items()},
        "tags": to_public(view.tags),
    }
