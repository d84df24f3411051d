"""The routes by which people see who waits, who runs and why, and change the order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from flask import Blueprint

from atlas_core.errors import Conflict, InvalidInput, InvalidTransition, JobNotFound
from atlas_core.ids import check_job_id
from atlas_core.states import JobStatus
from atlas_services import web
from atlas_services.gate import identity, sees
from atlas_services.openapi import Answer, Body, Operation, Param, describes
from atlas_services.openapi.job_words import STATUS
from atlas_services.openapi.schema import COUNT, TEXT, TIME, Named, list_of, members, nullable
from atlas_services.scheduler.explain import attempts, explain
from atlas_services.scheduler.gpus import GpuLoad
from atlas_services.scheduler.logs import JobLogs
from atlas_services.scheduler.outlook import Lookout
from atlas_services.scheduler.overview import (
    ACTIVE,
    NODE,
    REASONS,
    WAITING,
    active_view,
    machine_name,
    node_view,
    queued_view,
    told,
    without_jobs,
)
from atlas_services.scheduler.resources import split_gpus
from atlas_services.tracker import JobRecord, Tracker

_Place = Literal["position", "before", "after"]
_PLACES: tuple[_Place, ...] = ("position", "before", "after")
#: Bytes of the last line of a log that are told.
_LINE = 500

_QUEUE = Operation(
    "The jobs that wait, first to run first",
    {200: Answer(schema=Named("Queue", members({"total": COUNT, "jobs": list_of(WAITING)})))},
    (400,),
    query=(Param("offset", "Leave out so many.", COUNT), Param("limit", "Show so many.", COUNT)),
)
_MOVE = Operation(
    "Give a job that waits another place: one of position, before and after",
    {200: Answer(schema=members({"job_id": TEXT, "position": COUNT}))},
    (400, 404, 409),
    body=Body(members({}, {"position": COUNT, "before": TEXT, "after": TEXT})),
)
_WHY = Operation(
    "Why a job waits, runs or ended",
    {
        200: Answer(
            schema=Named(
                "Why",
                members(
                    {
                        "job_id": TEXT,
                        "status": STATUS,
                        "position": nullable(COUNT),
                        "ahead": nullable(COUNT),
                        **REASONS,
                        "not_before": nullable(TIME),
                        "gpus": list_of(TEXT),
                        "attempt": COUNT,
                        "attempts": COUNT,
                    }
                ),
            )
        )
    },
    (400, 404),
)
_RUNNING = Operation("The jobs that have begun", {200: Answer(schema=members({"jobs": list_of(ACTIVE)}))})
_NODES = Operation("The machines that run jobs", {200: Answer(schema=members({"nodes": list_of(NODE)}))})


@dataclass(frozen=True)
class Host:
    """This scheduler, as it appears in the list of machines."""

    engine: str
    leads: Callable[[], bool]
    loads: Callable[[], Mapping[str, GpuLoad]]


def explain_routes(tracker: Tracker, lookout: Lookout, host: Host, logs: JobLogs) -> Blueprint:
    """Return the routes."""
    routes = Blueprint("explain", __name__, url_prefix="/api/v3")
    _add_queue(routes, tracker, lookout)
    _add_reasons(routes, tracker, lookout, logs)
    _add_machines(routes, lookout, host)
    return routes


def _add_queue(routes: Blueprint, tracker: Tracker, lookout: Lookout) -> None:
    @routes.get("/queue")
    @describes(_QUEUE)
    def queue() -> dict[str, Any]:
        offset, limit = web.query_int("offset", 0), web.query_int("limit", -1)
        outlook = lookout.look().as_seen(sees)
        if identity().projects is None:
            total, waiting = len(tracker.queue), _waiting(tracker, offset, limit)
        else:
            seen = [(place, record) for place, record in _waiting(tracker, 0, -1) if sees(record.project)]
            total, waiting = len(seen), seen[offset : None if limit < 0 else offset + limit]
        return {"total": total, "jobs": [queued_view(record, place, outlook) for place, record in waiting]}

    @routes.patch("/queue/<job_id>")
    @describes(_MOVE)
    def move(job_id: str) -> dict[str, Any]:
        place, value = _wanted_place()
        _position(tracker, check_job_id(job_id))
        if place == "position":
            tracker.queue.reposition(job_id, value)
        else:
            _stand_beside(tracker, job_id, place, value)
        return {"job_id": job_id, "position": _position(tracker, job_id)}


def _add_reasons(routes: Blueprint, tracker: Tracker, lookout: Lookout, logs: JobLogs) -> None:
    @routes.get("/jobs/<job_id>/why")
    @describes(_WHY)
    def why(job_id: str) -> dict[str, Any]:
        outlook = lookout.look().as_seen(sees)
        record = tracker.jobs.get(check_job_id(job_id))
        position = tracker.queue.position(job_id)
        reasons = told(explain(record, position, outlook))
        if record.status is JobStatus.PENDING and (line := _last_line(logs, job_id)):
            reasons["reason"] += f" Its log says: {line}"
        return {
            "job_id": job_id,
            "status": record.status.value,
            "position": position,
            "ahead": position,
            **reasons,
            "not_before": record.not_before if record.status is JobStatus.QUEUED else None,
            "gpus": [] if record.status.is_finished else list(split_gpus(record.gpu_ids)),
            "attempt": record.attempt,
            "attempts": attempts(record),
        }


def _add_machines(routes: Blueprint, lookout: Lookout, host: Host) -> None:
    @routes.get("/running")
    @describes(_RUNNING)
    def running() -> dict[str, Any]:
        outlook = lookout.look()
        return {
            "jobs": [active_view(record, host.engine, outlook) for record in outlook.records if sees(record.project)]
        }

    @routes.get("/nodes")
    @describes(_NODES)
    def nodes() -> dict[str, Any]:
        outlook = lookout.look().as_seen(sees)
        node = node_view(machine_name(), host.engine, outlook, host.loads(), host.leads())
        return {"nodes": [without_jobs(node, outlook.hidden)]}


def _waiting(tracker: Tracker, offset: int, limit: int) -> list[tuple[int, JobRecord]]:
    """Return the jobs that wait from a place on, with their places; all of them where `limit` is negative."""
    ids = tracker.queue.ids(offset, -1 if limit < 0 else offset + limit - 1) if limit else []
    places = {job_id: place for place, job_id in enumerate(ids, start=offset)}
    records = [record for record in tracker.jobs.records(ids) if record.status is JobStatus.QUEUED]
    return [(places[record.job_id], record) for record in records]


def _last_line(logs: JobLogs, job_id: str) -> str:
    """Return what was written last, such as how far an image has come."""
    return "".join(logs.tail(job_id, _LINE).splitlines()[-1:])


def _wanted_place() -> tuple[_Place, Any]:
    """Return the one place that the request names: the word, and the position or the job."""
    body = web.json_body()
    named = [name for name in _PLACES if name in body]
    if len(named) != 1 or len(body) != 1:
        raise InvalidInput('Say where to with one of {"position": N}, {"before": JOB} and {"after": JOB}.')
    name, value = named[0], body[named[0]]
    if name != "position":
        return name, check_job_id(value)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise InvalidInput(f"position: {value!r} is no position; give a whole number, 0 or more.", field="position")
    return name, value


def _position(tracker: Tracker, job_id: str) -> int:
    """Return where a job stands. Raises `JobNotFound`, or `InvalidTransition` when it does not wait."""
    record, position = tracker.jobs.get(job_id), tracker.queue.position(job_id)
    if position is None:
        status = record.status.value
        raise InvalidTransition(
            f"Job `{job_id}` is {status}; only a job that waits in the queue has a place there.",
            job_id=job_id,
            current=status,
        )
    return position


def _stand_beside(tracker: Tracker, job_id: str, side: Literal["before", "after"], other: str) -> None:
    if other == job_id:
        raise Conflict(f"Job `{other}` cannot stand {side} itself; name another job.", job_id=other)
    if not sees(tracker.jobs.get(other).project):
        raise JobNotFound(f"Job `{other}` does not exist.", job_id=other)
    if not tracker.queue.place(job_id, side, other):
        _position(tracker, other)  # tells why not
