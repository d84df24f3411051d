"""The routes of the queue: jobs join, are looked at, move and leave."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

from flask import Blueprint, Response, jsonify, request

from atlas_core.errors import BundleNotFound, InvalidInput, InvalidTransition, JobNotFound, NotFound
from atlas_core.ids import now
from atlas_core.states import Cause, JobStatus
from atlas_services import web
from atlas_services.scheduler.archive import Archive
from atlas_services.scheduler.bundles import BundleStore
from atlas_services.scheduler.entries import queued_entry
from atlas_services.scheduler.replies import text
from atlas_services.scheduler.submissions import MissingBundle, Submissions
from atlas_services.tracker import Tracker

#: How often to look again when the dispatcher took the job that was to be removed.
_TRIES = 10


def queue_routes(tracker: Tracker, submissions: Submissions, archive: Archive, bundles: BundleStore) -> Blueprint:
    """Return the routes."""
    routes = Blueprint("queue", __name__)

    @routes.errorhandler(NotFound)
    def no_such_position(error: NotFound) -> Response:
        return text(error.message, 404)

    @routes.errorhandler(BundleNotFound)
    def no_such_bundle(error: BundleNotFound) -> Response:
        return web.problem(error)

    @routes.post("/queued_jobs")
    def queue_job() -> tuple[Response, int] | Response:
        if not request.get_data():
            return text("Job must contain json payload", 400)
        try:
            body = web.json_body()
        except InvalidInput:
            return text("Job must contain json payload", 400)
        if not body:
            return text("Job must contain json payload", 400)
        if body.get("job_id") is None or body.get("spec") is None:
            return text("Bad job spec: job_id and spec are required", 400)
        try:
            return jsonify(submissions.submit(body)), 201
        except MissingBundle as error:
            return text(error.message, 400)

    @routes.get("/queued_jobs")
    def all_queued() -> dict[str, Any]:
        records = tracker.jobs.records(tracker.queue.ids())
        return {str(place): {**queued_entry(record), "position": place} for place, record in enumerate(records)}

    @routes.get("/queued_jobs/<int:position>")
    def one_queued(position: int) -> dict[str, Any]:
        return queued_entry(tracker.jobs.get(tracker.queue.at(position)))

    @routes.delete("/queued_jobs/<int:position>")
    def remove_queued(position: int) -> Response:
        for _ in range(_TRIES):
            job_id = tracker.queue.at(position)
            if cancel(tracker, job_id):
                archive.remove(job_id)
                bundles.remove_of_job(job_id)
                with suppress(JobNotFound):  # somebody else removed it meanwhile
                    tracker.jobs.delete(job_id, now())
                return Response(status=204)
        raise NotFound(f"Bad queue position {position}", position=position)

    @routes.patch("/queued_jobs/<int:position>")
    def move_queued(position: int) -> Response:
        tracker.queue.reposition(tracker.queue.at(position), _wanted_position())
        return Response(status=204)

    return routes


def cancel(tracker: Tracker, job_id: str) -> bool:
    """End a waiting job; False when it waits no more."""
    time = now()
    try:
        tracker.jobs.transition_from(
            job_id,
            (JobStatus.QUEUED,),
            JobStatus.FAILED,
            time,
            completed_time=time,
            cause=Cause.STOPPED_BY_USER,
            cause_detail="removed from the queue",
        )
    except (InvalidTransition, JobNotFound):
        return False
    return True


def _wanted_position() -> int:
    try:
        position = json.loads(request.get_data() or b"null")
    except ValueError:
        position = None
    if isinstance(position, bool) or not isinstance(position, int) or position < 0:
        raise InvalidInput("The body of the request must be the new position: a whole number, 0 or more.")
    return position
