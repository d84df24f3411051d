"""The routes around a project's table of jobs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import quote

from flask import Blueprint, Response, jsonify, request

from atlas_core.client import Connection
from atlas_core.errors import AtlasError, InvalidInput, InvalidTransition, JobNotFound, NotFound, ProjectNotFound
from atlas_core.ids import now
from atlas_services.openapi import JSON_TYPE, Answer, Operation, Param, describes
from atlas_services.openapi.schema import TEXT, map_of, members, nullable
from atlas_services.rest_api.bulk import delete_job
from atlas_services.rest_api.columns import all_columns
from atlas_services.rest_api.filters import filter_jobs
from atlas_services.rest_api.listing import LISTING, SORTED_LISTING, job_listing
from atlas_services.rest_api.sorting import newest_first, sort_by_names, sort_by_path
from atlas_services.tracker import ListedJob, StoredView, Tracker

_TABLE = "/projects/<project>/job_listing"

_FILTERS = Param("filters", "name=value, name_starts with name_ends, name_contains, name_isnull.", map_of(TEXT))
_SORT = Param("sort", "Names with commas between; - before one means descending.")
_ABSENT = Answer("A sentence.", TEXT)

_LISTED = Operation(
    "The jobs of a project, with every point of their metrics",
    {200: Answer(schema=LISTING), 404: _ABSENT},
    (400,),
    query=(_SORT, _FILTERS),
    is_old=True,
)
_ORDERED = Operation(
    "The jobs of a project, sorted: order is <column>/asc or <column>/desc",
    {200: Answer(schema=SORTED_LISTING), 404: _ABSENT},
    is_old=True,
)
_DELETED = Operation(
    "Delete an ended job with its files",
    {status: Answer("A sentence.", TEXT) for status in (200, 404, 409, 503)},
    (400,),
    is_old=True,
)
_LOGGED = Operation(
    "The log of a job; null when it has not begun, or nobody keeps its output",
    {200: Answer(schema=members({"log": nullable(TEXT)}))},
    (503,),
    is_old=True,
)


def routes(tracker: Tracker, scheduler: Connection, archive: Connection, base: str) -> Blueprint:
    """Return the blueprint; `base` is the address at which clients reach the archive."""
    blueprint = Blueprint("job_listing", __name__)

    @blueprint.get(_TABLE)
    @describes(_LISTED)
    def listing(project: str) -> Response:
        query = {key: ",".join(values) for key, values in request.args.lists()}
        time = now()
        try:
            jobs = _chosen(tracker, project, query, time) if query else _all(tracker, project)
        except ProjectNotFound:
            return _text("This project was not found", 404)
        return _json(job_listing(project, jobs, time, base).json())

    @blueprint.get(f"{_TABLE}/<path:order>")
    @describes(_ORDERED)
    def sorted_listing(project: str, order: str) -> Response:
        column, _, direction = order.rpartition("/")  # the name of a metric may hold slashes
        time = now()
        try:
            views = sort_by_path(_views(tracker, project), column, direction, time)
        except NotFound:
            return _text("This project or sort detail was not found", 404)
        return _json(job_listing(project, _listed(tracker, views), time, base).json(is_sorted=True))

    @blueprint.delete(f"{_TABLE}/<job_id>")
    @describes(_DELETED)
    def delete(project: str, job_id: str) -> Response:
        return _text(*_delete(tracker, archive, job_id))

    @blueprint.get(f"{_TABLE}/<job_id>/logs")
    @describes(_LOGGED)
    def logs(project: str, job_id: str) -> dict[str, str | None]:
        return {"log": _log(tracker, scheduler, job_id)}

    return blueprint


def _all(tracker: Tracker, project: str) -> list[ListedJob]:
    tracker.projects.require(project)
    return newest_first(tracker.listed_jobs.of(tracker.jobs.ids_of_project(project)))


def _chosen(tracker: Tracker, project: str, query: Mapping[str, str], time: float) -> list[ListedJob]:
    """Return the jobs that a query asks for, in its order. Only of these are the values of the metrics read."""
    views = _views(tracker, project)
    columns = all_columns(views, time)
    views = filter_jobs(newest_first(views), query, columns)
    return _listed(tracker, sort_by_names(views, query["sort"], columns) if "sort" in query else views)


def _listed(tracker: Tracker, views: Iterable[StoredView]) -> list[ListedJob]:
    return tracker.listed_jobs.of(view.record.job_id for view in views)


def _views(tracker: Tracker, project: str) -> list[StoredView]:
    tracker.projects.require(project)
    return tracker.jobs.stored_views(tracker.jobs.ids_of_project(project))


def _delete(tracker: Tracker, archive: Connection, job_id: str) -> tuple[str, int]:
    try:
        delete_job(tracker, archive, job_id)
    except (JobNotFound, InvalidInput):  # the latter: no job can have this id
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


def _json(text: bytes) -> Response:
    return Response(text, content_type=JSON_TYPE)


def _text(text: str, status: int = 200) -> Response:
    response = jsonify(text)
    response.status_code = status
    return response
