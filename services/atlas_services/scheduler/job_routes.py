"""The routes of jobs that run or have ended, in the form of the original."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request

from atlas_core.errors import JobNotFound
from atlas_core.ids import check_job_id, now
from atlas_core.states import JobStatus
from atlas_services import web
from atlas_services.gate import sees
from atlas_services.openapi import Answer, Operation, Param, describes
from atlas_services.openapi.job_words import CAUSE, STATUS
from atlas_services.openapi.schema import (
    COUNT,
    TEXT,
    Named,
    either,
    list_of,
    map_of,
    members,
    nullable,
    open_members,
    row,
)
from atlas_services.scheduler.archive import Archive
from atlas_services.scheduler.bundles import BundleStore
from atlas_services.scheduler.dispatch import Dispatcher
from atlas_services.scheduler.engines import Engine
from atlas_services.scheduler.entries import ENDED, RUNNING, BadSort, ended_entry, running_entry, shown_spec, sorted_ids
from atlas_services.scheduler.lifecycle import Lifecycle
from atlas_services.scheduler.logs import JobLogs
from atlas_services.scheduler.replies import NOTHING, SENTENCE, bad_job_id, find, text
from atlas_services.tracker import JobRecord, Jobs, Tracker

#: Why a job was stopped through these routes.
STOPPED = "stopped by the user"

_ALL_RUNNING = Operation("All jobs that run", {200: Answer(schema=map_of(RUNNING))}, is_old=True)
_STOP = Operation("Stop a job and wait until it has ended", {204: NOTHING, 404: SENTENCE}, (409,), is_old=True)
_RUNNING_LOG = Operation(
    "The log of a running job; null while there is none",
    {200: Answer(schema=nullable(TEXT)), 404: SENTENCE},
    is_old=True,
)
_CONTAINER = Operation(
    "What a job runs in; null while it is being prepared",
    {200: Answer(schema=nullable(TEXT)), 404: SENTENCE},
    is_old=True,
)
_ALL_ENDED = Operation(
    "All jobs that ended so; sorted, a list of pairs",
    {
        200: Answer(schema=either(map_of(ENDED), list_of(row(TEXT, ENDED)))),
        400: Answer("A sentence, or a problem.", media="*/*"),
    },
    query=(
        Param("sort", "Such as end_time:desc,job_id."),
        Param("offset", "Leave out so many.", COUNT),
        Param("limit", "Show so many.", COUNT),
    ),
    is_old=True,
)
_ENDED_LOG = Operation("The log of a job that ended so", {200: Answer(schema=TEXT), 404: SENTENCE}, is_old=True)
_DELETE = Operation("Delete a job that ended, with its files", {204: NOTHING, 404: SENTENCE}, (400, 409), is_old=True)
_WELCOME = Operation("A greeting", {200: SENTENCE}, is_old=True)
_JOB = Operation(
    "A job in any state",
    {
        200: Answer(
            schema=Named(
                "JobOfScheduler",
                members(
                    {"job_id": TEXT, "logs": nullable(TEXT), "status": STATUS, "spec": open_members({})},
                    {"cause": CAUSE, "cause_detail": nullable(TEXT)},
                ),
            )
        ),
        404: SENTENCE,
    },
    is_old=True,
)


def running_job_routes(
    tracker: Tracker,
    lifecycle: Lifecycle,
    dispatcher: Dispatcher,
    engine: Engine,
    logs: JobLogs,
    stop_patience: float,
) -> Blueprint:
    """Return the routes of running jobs. A stop is waited for, `stop_patience` seconds at most."""
    routes = Blueprint("running_jobs", __name__)

    @routes.get("/running_jobs")
    @describes(_ALL_RUNNING)
    def all_running() -> dict[str, Any]:
        return {record.job_id: running_entry(record) for record in dispatcher.active() if sees(record.project)}

    @routes.delete("/running_jobs/<job_id>")
    @describes(_STOP)
    def stop_running(job_id: str) -> Response:
        if find(tracker.jobs, job_id) is None:
            return bad_job_id(job_id)
        lifecycle.stop(job_id, STOPPED)
        lifecycle.wait_until_ended(job_id, stop_patience)
        return Response(status=204)

    @routes.get("/running_jobs/<job_id>/logs")
    @describes(_RUNNING_LOG)
    def running_log(job_id: str) -> Response:
        if not _is_active(find(tracker.jobs, job_id)):
            return bad_job_id(job_id)
        return jsonify(None if logs.size(job_id) is None else logs.text(job_id))

    @routes.get("/running_jobs/<job_id>/container_id")
    @describes(_CONTAINER)
    def running_container(job_id: str) -> Response:
        if not _is_active(find(tracker.jobs, job_id)):
            return bad_job_id(job_id)
        return jsonify(engine.container_id(job_id))

    return routes


def ended_job_routes(tracker: Tracker, archive: Archive, bundles: BundleStore, logs: JobLogs) -> Blueprint:
    """Return the routes of jobs that have ended."""
    routes = Blueprint("ended_jobs", __name__)

    @routes.get("/completed_jobs")
    @describes(_ALL_ENDED)
    def all_completed() -> dict[str, Any] | Response:
        return _listing(tracker.jobs, JobStatus.COMPLETED, logs)

    @routes.get("/failed_jobs")
    @describes(_ALL_ENDED)
    def all_failed() -> dict[str, Any] | Response:
        return _listing(tracker.jobs, JobStatus.FAILED, logs)

    @routes.get("/completed_jobs/<job_id>/logs")
    @describes(_ENDED_LOG)
    def completed_log(job_id: str) -> Response:
        return _log_of(tracker.jobs, JobStatus.COMPLETED, job_id, logs)

    @routes.get("/failed_jobs/<job_id>/logs")
    @describes(_ENDED_LOG)
    def failed_log(job_id: str) -> Response:
        return _log_of(tracker.jobs, JobStatus.FAILED, job_id, logs)

    @routes.delete("/completed_jobs/<job_id>")
    @describes(_DELETE)
    def delete_job(job_id: str) -> Response:
        record = find(tracker.jobs, check_job_id(job_id))
        if record is not None and not record.status.is_finished:
            tracker.jobs.delete(job_id, now())  # tells why not
        # Files first: a deletion that was cut off can be repeated as long as the job is known.
        removed = archive.remove(job_id)
        bundles.remove_of_job(job_id)
        try:
            tracker.jobs.delete(job_id, now())
        except JobNotFound:
            if not removed:
                return text(f"Job {job_id} not found", 404)
        return Response(status=204)

    return routes


def any_job_routes(tracker: Tracker, logs: JobLogs) -> Blueprint:
    """Return the routes that are about a job in whatever state, and the greeting."""
    routes = Blueprint("jobs", __name__)

    @routes.get("/")
    @describes(_WELCOME)
    def welcome() -> Response:
        return text("Welcome to docker scheduler")

    @routes.get("/jobs/<job_id>")
    @describes(_JOB)
    def job(job_id: str) -> dict[str, Any] | Response:
        record = find(tracker.jobs, job_id)
        if record is None:
            return bad_job_id(job_id)
        log = "" if record.status is JobStatus.QUEUED else logs.text(job_id)
        shown: dict[str, Any] = {
            "job_id": job_id,
            "logs": log,
            "status": record.status.value,
            "spec": shown_spec(record.spec),
        }
        if record.cause is not None:
            shown |= {"cause": record.cause.value, "cause_detail": record.cause_detail}
        return shown

    return routes


def _is_active(record: JobRecord | None) -> bool:
    return record is not None and record.status in (JobStatus.PENDING, JobStatus.RUNNING)


def _listing(jobs: Jobs, status: JobStatus, logs: JobLogs) -> dict[str, Any] | Response:
    """Answer with the jobs in a state, or with a page of them: `sort`, `offset` and `limit` of the query say which."""
    records = {
        record.job_id: record
        for record in jobs.records(jobs.ids_in(status))
        if record.mode == "scheduled" and sees(record.project)
    }
    order = request.args.get("sort")
    try:
        ids = list(records) if order is None else sorted_ids(records.values(), order)
    except BadSort as error:
        return text(error.message, 400)
    offset, limit = web.query_int("offset", 0), web.query_int("limit", len(ids))
    page: list[Any] = [[job_id, ended_entry(records[job_id], logs)] for job_id in ids[offset : offset + limit]]
    return dict(page) if order is None else jsonify(page)


def _log_of(jobs: Jobs, status: JobStatus, job_id: str, logs: JobLogs) -> Response:
    record = find(jobs, job_id)
    if record is None or record.status is not status:
        return bad_job_id(job_id)
    return jsonify(logs.text(job_id))
