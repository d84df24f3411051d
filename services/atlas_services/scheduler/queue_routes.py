"""The routes of the queue: jobs join, are looked at, move and leave."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from flask import Blueprint, Response, jsonify, request

from atlas_core.errors import BundleNotFound, InvalidInput, NotFound
from atlas_core.ids import check_project_name, now
from atlas_core.states import Cause, JobStatus
from atlas_services import web
from atlas_services.changes import note_changed
from atlas_services.gate import sees
from atlas_services.openapi import Answer, Body, Operation, Param, describes
from atlas_services.openapi.schema import COUNT, TEXT, either, map_of, members, whole
from atlas_services.scheduler.archive import Archive
from atlas_services.scheduler.bundles import BundleStore
from atlas_services.scheduler.entries import QUEUED, queued_entry
from atlas_services.scheduler.replies import NOTHING, SENTENCE, text
from atlas_services.scheduler.submissions import SUBMISSION, MissingBundle, Submissions
from atlas_services.tracker import Tracker

#: Ends the jobs that still wait, and returns those.
End = Callable[[list[str]], list[str]]

#: How often to look again when the dispatcher took the job that was to be removed.
_TRIES = 10
#: So many jobs at a time are taken out when the queue is cleared: Redis serves others in between.
_PAGE = 500
#: Bytes of a body that says a place.
_LONGEST_PLACE = 1024

_SUBMIT = Operation(
    "Queue a job",
    {201: Answer("Its id.", TEXT), 400: Answer("A sentence, or a problem.", media="*/*")},
    (404, 409),
    body=Body(SUBMISSION),
    is_old=True,
)
_ALL = Operation("All jobs that wait, by their places", {200: Answer(schema=map_of(QUEUED))}, is_old=True)
_ONE = Operation("A job that waits", {200: Answer(schema=QUEUED), 404: SENTENCE}, is_old=True)
_REMOVE = Operation("Remove a job that waits", {204: NOTHING, 404: SENTENCE}, is_old=True)
_MOVE = Operation(
    "Give a job that waits another place", {204: NOTHING, 404: SENTENCE}, (400,), body=Body(whole()), is_old=True
)
_CLEAR = Operation(
    "Cancel all jobs that wait",
    {200: Answer(schema=either(members({"cancelled": COUNT}), members({"removed": COUNT})))},
    (400,),
    query=(
        Param("project", "Those of this project alone."),
        Param("remove", "1: remove them, as if they had never been.", COUNT),
    ),
)


def queue_routes(tracker: Tracker, submissions: Submissions, archive: Archive, bundles: BundleStore) -> Blueprint:
    """Return the routes."""
    routes = Blueprint("queue", __name__)
    forget: End = partial(remove, tracker, archive, bundles)
    _add_errors(routes)
    _add_joining(routes, submissions)
    _add_places(routes, tracker, forget)
    _add_clearing(routes, tracker, forget)
    return routes


def _add_errors(routes: Blueprint) -> None:
    @routes.errorhandler(NotFound)
    def no_such_position(error: NotFound) -> Response:
        return text(error.message, 404)

    @routes.errorhandler(BundleNotFound)
    def no_such_bundle(error: BundleNotFound) -> Response:
        return web.problem(error)


def _add_joining(routes: Blueprint, submissions: Submissions) -> None:
    @routes.post("/queued_jobs")
    @describes(_SUBMIT)
    def queue_job() -> tuple[Response, int] | Response:
        try:
            body = web.json_body()
        except InvalidInput:
            return text("Job must contain json payload", 400)
        if not body:
            return text("Job must contain json payload", 400)
        if body.get("job_id") is None or body.get("spec") is None:
            return text("Bad job spec: job_id and spec are required", 400)
        try:
            job_id = submissions.submit(body)
        except MissingBundle as error:
            return text(error.message, 400)
        note_changed([job_id])
        return jsonify(job_id), 201


def _add_places(routes: Blueprint, tracker: Tracker, forget: End) -> None:
    @routes.get("/queued_jobs")
    @describes(_ALL)
    def all_queued() -> dict[str, Any]:
        records = tracker.jobs.records(tracker.queue.ids())
        return {
            str(place): {**queued_entry(record), "position": place}
            for place, record in enumerate(records)
            if sees(record.project)
        }

    @routes.get("/queued_jobs/<int:position>")
    @describes(_ONE)
    def one_queued(position: int) -> dict[str, Any]:
        return queued_entry(tracker.jobs.get(tracker.queue.at(position)))

    @routes.delete("/queued_jobs/<int:position>")
    @describes(_REMOVE)
    def remove_queued(position: int) -> Response:
        for _ in range(_TRIES):
            if removed := forget([tracker.queue.at(position)]):
                note_changed(removed)
                return Response(status=204)
        raise NotFound(f"Bad queue position {position}", position=position)

    @routes.patch("/queued_jobs/<int:position>")
    @describes(_MOVE)
    def move_queued(position: int) -> Response:
        job_id = tracker.queue.at(position)
        tracker.queue.reposition(job_id, _wanted_position())
        note_changed([job_id])
        return Response(status=204)


def _add_clearing(routes: Blueprint, tracker: Tracker, forget: End) -> None:
    @routes.delete("/api/v3/queue")
    @describes(_CLEAR)
    def clear() -> dict[str, int]:
        project, ids = request.args.get("project"), tracker.queue.ids()
        if project is not None:
            ids = _of_project(tracker, ids, check_project_name(project))
        end, word = (forget, "removed") if web.query_int("remove", 0) else (partial(cancel, tracker), "cancelled")
        ended = [job_id for page in _pages(ids) for job_id in end(page)]
        note_changed(ended)
        return {word: len(ended)}


def remove(tracker: Tracker, archive: Archive, bundles: BundleStore, job_ids: list[str]) -> list[str]:
    """End and forget the jobs that still wait; returns those."""
    removed = cancel(tracker, job_ids)
    for job_id in removed:
        archive.remove(job_id)
        bundles.remove_of_job(job_id)
    with tracker.client.pipeline(transaction=False) as pipe:
        for job_id in removed:
            tracker.jobs.delete(job_id, now(), pipe)
        pipe.execute()
    return removed


def cancel(tracker: Tracker, job_ids: list[str]) -> list[str]:
    """End the jobs that still wait, in one round trip, and return those."""
    time = now()
    with tracker.client.pipeline(transaction=False) as pipe:  # Redis syncs its file once for all of them
        for job_id in job_ids:
            tracker.jobs.transition_from(
                job_id,
                (JobStatus.QUEUED,),
                JobStatus.FAILED,
                time,
                pipe=pipe,
                completed_time=time,
                cause=Cause.STOPPED_BY_USER,
                cause_detail="removed from the queue",
            )
        answers = pipe.execute()
    return [job_id for job_id, answer in zip(job_ids, answers, strict=True) if answer == b""]


def _pages(job_ids: list[str]) -> Iterator[list[str]]:
    return (job_ids[start : start + _PAGE] for start in range(0, len(job_ids), _PAGE))


def _of_project(tracker: Tracker, ids: list[str], project: str) -> list[str]:
    records = (record for page in _pages(ids) for record in tracker.jobs.records(page))
    return [record.job_id for record in records if record.project == project]


def _wanted_position() -> int:
    try:
        position = json.loads(web.bounded_body(_LONGEST_PLACE) or b"null")
    except ValueError:
        position = None
    if isinstance(position, bool) or not isinstance(position, int) or position < 0:
        raise InvalidInput("The body of the request must be the new position: a whole number, 0 or more.")
    return position
