"""The routes around a project's table of jobs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, jsonify, request

from atlas_core.client import Connection
from atlas_core.errors import AtlasError, InvalidTransition, JobNotFound, NotFound, ProjectNotFound
from atlas_core.ids import now
from atlas_services.rest_api.bulk import delete_job
from atlas_services.rest_api.columns import all_columns
from atlas_services.rest_api.filters import filter_jobs
from atlas_services.rest_api.listing import job_listing, long_series
from atlas_services.rest_api.sorting import newest_first, sort_by_names, sort_by_path
from atlas_services.tracker import JobView, Tracker

_TABLE = "/projects/<project>/job_listing"


def routes(tracker: Tracker, scheduler: Connection, archive: Connection, base: str) -> Blueprint:
    """Return the blueprint; `base` is the address at which clients reach the archive."""
    blueprint = Blueprint("job_listing", __name__)

    @blueprint.get(_TABLE)
    def listing(project: str) -> Response:
        try:
            views = _views(tracker, project)
        except ProjectNotFound:
            return _text("This project was not found", 404)
        time = now()
        query = {key: ",".join(values) for key, values in request.args.lists()}
        columns = all_columns(views, time)
        views = filter_jobs(newest_first(views), query, columns)
        if "sort" in query:
            views = sort_by_names(views, query["sort"], columns)
        return jsonify(_listing(tracker, project, views, time, base))

    @blueprint.get(f"{_TABLE}/<path:order>")
    def sorted_listing(project: str, order: str) -> Response:
        column, _, direction = order.rpartition("/")  # the name of a metric may hold slashes
        time = now()
        try:
            views = sort_by_path(_views(tracker, project), column, direction, time)
        except NotFound:
            return _text("This project or sort detail was not found", 404)
        shown = _listing(tracker, project, views, time, base)
        del shown["parameters"]
        return jsonify(shown)

    @blueprint.delete(f"{_TABLE}/<job_id>")
    def delete(project: str, job_id: str) -> Response:
        return _text(*_delete(tracker, archive, job_id))

    @blueprint.get(f"{_TABLE}/<job_id>/logs")
    def logs(project: str, job_id: str) -> dict[str, str | None]:
        return {"log": _log(tracker, scheduler, job_id)}

    return blueprint


def _views(tracker: Tracker, project: str) -> list[JobView]:
    tracker.projects.require(project)
    return tracker.jobs.views(tracker.jobs.ids_of_project(project))


def _listing(tracker: Tracker, project: str, views: Sequence[JobView], time: float, base: str) -> dict[str, Any]:
    wanted = long_series(views)
    points = [series.values for series in tracker.series.of_many(wanted)]
    return job_listing(project, views, dict(zip(wanted, points, strict=True)), time, base)


def _delete(tracker: Tracker, archive: Connection, job_id: str) -> tuple[str, int]:
    try:
        delete_job(tracker, archive, job_id)
    except JobNotFound:
        return f"Job {job_id} is in an unknown state", 404
    except InvalidTransition:
        return f"Job {job_id} is not completed or failed", 409
    except AtlasError:
        return f"Job {job_id} could not be deleted", 503
    return f"Job {job_id} successfully deleted", 200


def _log(tracker: Tracker, scheduler: Connection, job_id: str) -> str | None:
    """Return what the job has written so far; None for a job that has not begun, or whose output was not kept."""
    try:
        record = tracker.jobs.get(job_id)
        if record.status.is_waiting:
            return None
        answer = scheduler.request("GET", f"/api/v3/jobs/{quote(job_id, safe='')}/log")
    except NotFound:
        return None
    log = answer.content.decode("utf-8", "replace")
    return None if record.mode == "execution" and not log else log


def _text(text: str, status: int = 200) -> Response:
    response = jsonify(text)
    response.status_code = status
    return response
