"""The routes of scheduled jobs, in the form of the original.

They answer plain sentences. A client that accepts `application/problem+json` by name gets the reason in full.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, jsonify, request

from atlas_core.errors import AtlasError, InvalidInput, NotFound
from atlas_services import web
from atlas_services.gate import identity, sees
from atlas_services.openapi import Answer, Body, Operation, Param, describes
from atlas_services.openapi.schema import TEXT, map_of, members, one_of, open_members
from atlas_services.scheduler.fire_times import BadSchedule
from atlas_services.scheduler.replies import NOTHING, text
from atlas_services.scheduler.schedules import ENTRY, NeverFires, NoBundle, ScheduledJobs
from atlas_services.scheduler.submissions import SUBMISSION

_PROBLEM = "application/problem+json"

#: Waits for the end of a job, for some seconds at most.
Wait = Callable[[str], object]

_REFUSAL = Answer("A sentence; or a problem, for who accepts one by name.", media="*/*")
_SCHEDULE = open_members({})
_ADD = Operation(
    "Queue a job again and again",
    {201: Answer("Its id.", TEXT), 400: _REFUSAL, 409: _REFUSAL},
    body=Body({**SUBMISSION, "properties": {**SUBMISSION["properties"], "schedule": _SCHEDULE}}),
    is_old=True,
)
_ALL = Operation(
    "All schedules",
    {200: Answer(schema=map_of(ENTRY))},
    query=(Param("project", "Those of this project alone."),),
    is_old=True,
)
_ONE = Operation("One schedule, by its id", {200: Answer(schema=map_of(ENTRY)), 404: _REFUSAL}, is_old=True)
_REMOVE = Operation("Remove a schedule and stop its runs", {204: NOTHING, 404: _REFUSAL}, is_old=True)
_SET = Operation(
    "Pause a schedule, or let it fire",
    {204: NOTHING, 400: _REFUSAL, 404: _REFUSAL},
    body=Body(members({"status": one_of(("paused", "active"))})),
    is_old=True,
)
_CHANGE = Operation(
    "Change when a schedule fires, and let it fire",
    {204: NOTHING, 400: _REFUSAL, 404: _REFUSAL},
    body=Body(members({"schedule": _SCHEDULE})),
    is_old=True,
)


def cron_routes(scheduled: ScheduledJobs, wait_until_ended: Wait) -> Blueprint:
    """Return the routes."""
    routes = Blueprint("scheduled_jobs", __name__)
    _add_errors(routes)
    _add_coming_and_going(routes, scheduled, wait_until_ended)
    _add_looking(routes, scheduled)
    _add_changing(routes, scheduled)
    return routes


def _add_errors(routes: Blueprint) -> None:
    @routes.errorhandler(NotFound)
    def no_such_schedule(error: NotFound) -> Response:
        return _refusal(error)

    @routes.errorhandler(NoBundle)
    def no_bundle(error: NoBundle) -> Response:
        return _refusal(error)


def _add_coming_and_going(routes: Blueprint, scheduled: ScheduledJobs, wait_until_ended: Wait) -> None:
    @routes.post("/scheduled_jobs")
    @describes(_ADD)
    def schedule_job() -> tuple[Response, int] | Response:
        body = _body()
        if "job_id" not in body or "spec" not in body:
            return text("Job must contain 'job_id', 'spec'", 400)
        of_types = isinstance(body["spec"], dict) and isinstance(body.get("schedule", {}), (dict, type(None)))
        if body["job_id"] is None or not of_types:
            return text("Job must contain valid 'job_id', 'spec'", 400)
        return jsonify(scheduled.add(body)), 201

    @routes.delete("/scheduled_jobs/<job_id>")
    @describes(_REMOVE)
    def remove_scheduled(job_id: str) -> Response:
        for run_id in scheduled.remove(job_id):
            wait_until_ended(run_id)
        return Response(status=204)


def _add_looking(routes: Blueprint, scheduled: ScheduledJobs) -> None:
    @routes.get("/scheduled_jobs")
    @describes(_ALL)
    def all_scheduled() -> dict[str, Any]:
        project = _wanted_project()
        if project is None:
            return scheduled.entries(identity().projects)
        return scheduled.entries([project] if sees(project) else [])

    @routes.get("/scheduled_jobs/<job_id>")
    @describes(_ONE)
    def one_scheduled(job_id: str) -> dict[str, Any]:
        return {job_id: scheduled.entry(job_id)}


def _add_changing(routes: Blueprint, scheduled: ScheduledJobs) -> None:
    @routes.put("/scheduled_jobs/<job_id>")
    @describes(_SET)
    def set_status(job_id: str) -> Response:
        scheduled.entry(job_id)
        status = _body().get("status")
        if status is None:
            return text("Missing status key", 400)
        if status not in ("paused", "active"):
            return text("Invalid status", 400)
        try:
            (scheduled.pause if status == "paused" else scheduled.resume)(job_id)
        except NeverFires as error:
            return _refusal(error)
        return Response(status=204)

    @routes.patch("/scheduled_jobs/<job_id>")
    @describes(_CHANGE)
    def set_schedule(job_id: str) -> Response:
        scheduled.entry(job_id)
        schedule = _body().get("schedule")
        if not schedule:
            return text("Bad job schedule", 400)
        try:
            scheduled.reschedule(job_id, schedule)
        except BadSchedule as error:
            sentence = f"Cannot process schedule update: invalid schedule provided for job {job_id}"
            return _refusal(error, sentence)
        except NeverFires as error:
            return _refusal(error, f"Unable to process schedule update for job {job_id}")
        return Response(status=204)


def _body() -> dict[str, Any]:
    """Return the JSON object in the body; an empty one for anything else, which then lacks what is needed."""
    try:
        return dict(web.json_body())
    except InvalidInput:
        return {}


def _wanted_project() -> str | None:
    """Return the project from the query, or from a body, as the original's client sends it."""
    project = request.args.get("project", _body().get("project"))
    return None if project is None else str(project)


def _refusal(error: AtlasError, sentence: str | None = None) -> Response:
    """Return why not: `sentence` (default: the error's own) for old clients, else the error itself."""
    if _PROBLEM in request.accept_mimetypes.values():
        return web.problem(error)
    return text(sentence or error.message, error.status)
