"""The routes of the workers: each runs one job at a time; schedules are shown among them, as they ever were."""

from __future__ import annotations

import logging
from typing import Any

from flask import Blueprint, Response, jsonify

from atlas_core.errors import InvalidTransition, JobNotFound
from atlas_services.gate import sees
from atlas_services.openapi import Answer, Operation, describes
from atlas_services.openapi.schema import COUNT, FLAG, TEXT, Named, map_of, members
from atlas_services.scheduler.dispatch import Dispatcher
from atlas_services.scheduler.engines import Engine
from atlas_services.scheduler.lifecycle import Lifecycle
from atlas_services.scheduler.replies import NOTHING, SENTENCE, text
from atlas_services.tracker import JobRecord, Tracker

_log = logging.getLogger("atlas.scheduler")

_REMOVED = "the worker that ran it was removed"

_WORKER = Named("Worker", members({"id": TEXT, "max_instances": COUNT, "name": TEXT, "pending": FLAG}))
_ALL = Operation("The workers, and the schedules", {200: Answer(schema=map_of(_WORKER))}, is_old=True)
_ADD = Operation("Add a worker", {201: Answer("Its number.", TEXT)}, is_old=True)
_REMOVE = Operation("Remove a worker", {204: NOTHING, 404: SENTENCE}, is_old=True)


def worker_routes(tracker: Tracker, engine: Engine, dispatcher: Dispatcher, lifecycle: Lifecycle) -> Blueprint:
    """Return the routes."""
    routes = Blueprint("workers", __name__)
    configured = engine.capacity().slots

    @routes.get("/workers")
    @describes(_ALL)
    def all_workers() -> dict[str, Any]:
        workers = {str(worker): _entry(str(worker), "worker_job") for worker in tracker.workers.ids(configured)}
        schedules = (schedule.job_id for schedule in tracker.schedules.all() if sees(schedule.project))
        return {**workers, **{f"cron_{n}": _entry(f"cron_{n}", job_id) for n, job_id in enumerate(schedules)}}

    @routes.post("/workers")
    @describes(_ADD)
    def add_worker() -> tuple[Response, int]:
        return jsonify(str(tracker.workers.add(configured))), 201

    @routes.delete("/workers/<int:worker>")
    @describes(_REMOVE)
    def remove_worker(worker: int) -> Response:
        place = tracker.workers.remove(worker, configured)
        if place is None:
            return text(f"Bad worker id {worker}", 404)
        busy = sorted(dispatcher.active(), key=_seniority)
        if len(busy) > len(tracker.workers.ids(configured)):
            _stop(lifecycle, busy[min(place, len(busy) - 1)].job_id)
        return Response(status=204)

    return routes


def _seniority(record: JobRecord) -> tuple[float, str]:
    """Order jobs as the workers have them: the first worker runs the job that has run longest."""
    return (record.start_time or float("inf"), record.job_id)


def _stop(lifecycle: Lifecycle, job_id: str) -> None:
    try:
        lifecycle.stop(job_id, _REMOVED)
    except (InvalidTransition, JobNotFound) as error:
        _log.info("%s", error.message)  # it has ended by itself: its worker is gone all the same


def _entry(worker: str, name: str) -> dict[str, Any]:
    return {"id": worker, "max_instances": 1, "name": name, "pending": False}
