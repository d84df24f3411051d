"""Changing many jobs in one request; the answer says of each what became of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from flask import Blueprint

from atlas_core.client import Connection
from atlas_core.errors import AtlasError, InvalidInput, InvalidTransition
from atlas_core.ids import check_job_id, now
from atlas_services.changes import note_changed
from atlas_services.openapi import Answer, Body, Operation, describes
from atlas_services.openapi.schema import TEXT, Named, list_of, map_of, members
from atlas_services.rest_api.query import parse_filter
from atlas_services.rest_api.selection import Query, matching_ids
from atlas_services.rest_api.tags import TAG_VALUE, check_tag
from atlas_services.tracker import Tracker
from atlas_services.web import json_body

#: Jobs of one request.
MOST = 10_000

_WHICH = {"job_ids": list_of(TEXT, maxItems=MOST), "project": TEXT, "filter": TEXT}
_CHANGE = members({}, {**_WHICH, "set": map_of(TAG_VALUE), "remove": list_of(TEXT)})
_FAILED = members({"job_id": TEXT, "code": TEXT, "detail": TEXT})
_REPORT = Answer(
    "To which jobs it was done; and of the others, why not.",
    Named("BulkReport", members({"done": list_of(TEXT), "failed": list_of(_FAILED)})),
)
_TAG = Operation(
    "Set and remove tags of many jobs: by job_ids, or by project and filter",
    {200: _REPORT},
    (400, 404),
    body=Body(_CHANGE),
)
_DELETE = Operation(
    "Delete many ended jobs with their files: by job_ids, or by project and filter",
    {200: _REPORT},
    (400, 404),
    body=Body(members({}, _WHICH)),
)


def routes(tracker: Tracker, archive: Connection) -> Blueprint:
    """Return the blueprint."""
    blueprint = Blueprint("bulk", __name__)

    @blueprint.post("/jobs/tags")
    @describes(_TAG)
    def tag() -> dict[str, Any]:
        body = json_body()
        values, removed = _mapping(body.get("set", {})), _names(body.get("remove", []), "remove")
        pairs = dict(check_tag({"key": key, "value": value}) for key, value in values.items())
        return _report(_ids(tracker, body), lambda job_id: tracker.tags.change(job_id, pairs, removed))

    @blueprint.post("/jobs/delete")
    @describes(_DELETE)
    def delete() -> dict[str, Any]:
        return _report(_ids(tracker, json_body()), lambda job_id: delete_job(tracker, archive, job_id))

    return blueprint


def delete_job(tracker: Tracker, archive: Connection, job_id: str) -> None:
    """Delete an ended job: its files first, so that a deletion that fails half-way can be asked for again.

    Raises `JobNotFound`, `InvalidTransition` for a job that has not ended, or what keeps the archive from it.
    """
    record = tracker.jobs.get(check_job_id(job_id))
    if not record.status.is_finished:
        status = record.status.value
        raise InvalidTransition(f"Job `{job_id}` is {status}; stop it first.", job_id=job_id, current=status)
    archive.request("DELETE", f"/archive/{quote(job_id, safe='')}/").close()
    tracker.jobs.delete(job_id, now())


def _report(job_ids: list[str], act: Callable[[str], None]) -> dict[str, Any]:
    """Return which jobs it was done to, and of the others why not."""
    done, failed = [], []
    for job_id in job_ids:
        try:
            act(job_id)
            done.append(job_id)
        except AtlasError as error:
            failed.append({"job_id": job_id, "code": error.code, "detail": error.message})
    note_changed(done)
    return {"done": done, "failed": failed}


def _ids(tracker: Tracker, body: Mapping[str, Any]) -> list[str]:
    """Return the jobs that a body names: by their ids, or by a project and a filter."""
    if ("job_ids" in body) == ("filter" in body):
        raise InvalidInput(
            "job_ids: say which jobs, either by `job_ids` or by `project` and `filter`.", field="job_ids"
        )
    if "job_ids" in body:
        found = list(dict.fromkeys(_names(body["job_ids"], "job_ids")))
    else:
        project, text, time = body.get("project"), body["filter"], now()
        if not isinstance(project, str) or not isinstance(text, str):
            raise InvalidInput("filter: it goes with a `project`; both are texts.", field="filter")
        tracker.projects.require(project)
        condition = parse_filter(text, time)
        if condition is None:  # what somebody forgot to fill in must not reach every job
            raise InvalidInput(
                "filter: it is empty; say which jobs, or `exists(job_id)` for all of the project.", field="filter"
            )
        found = matching_ids(tracker, Query(project, condition), time)
    if len(found) > MOST:
        raise InvalidInput(f"job_ids: {len(found)} jobs are too many; the limit is {MOST}.", field="job_ids")
    return found


def _names(value: object, field: str) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(name, str) and name for name in value):
        raise InvalidInput(f"{field}: {str(value)[:60]!r} is no list of texts.", field=field)
    return value


def _mapping(value: object) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise InvalidInput(f'set: {str(value)[:60]!r} is no object of tags; send {{"key": "value"}}.', field="set")
    return value
