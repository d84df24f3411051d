"""Jobs in the form in which the original's routes show them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from operator import attrgetter
from typing import Any

from atlas_core.errors import InvalidInput
from atlas_core.secrecy import hide_secrets
from atlas_core.values import to_public
from atlas_services.openapi.job_words import CAUSE
from atlas_services.openapi.schema import COUNT, INTEGER, TEXT, TIME, Named, Schema, members, nullable, open_members
from atlas_services.scheduler.logs import JobLogs
from atlas_services.tracker import JobRecord

#: By what a listing can be sorted.
_SORTABLE: dict[str, Callable[[JobRecord], Any]] = {
    "job_id": attrgetter("job_id"),
    "queued_time": attrgetter("creation_time"),
    "start_time": attrgetter("start_time"),
    "end_time": attrgetter("completed_time"),
}
#: In a listing of jobs that have ended, so much of the end of each log; the rest is at `/completed_jobs/<id>/logs`.
_LISTED_LOG = 4096

_QUEUED = {
    "queued_time": TIME,
    "job_id": TEXT,
    "spec": open_members({}),
    "metadata": members({"project_name": TEXT, "username": nullable(TEXT)}),
    "gpu_spec": members({"num_gpus": COUNT}),
}
_RUNNING = {**_QUEUED, "start_time": nullable(TIME)}
#: What these entries look like. One that is listed by its place in the queue says `position`.
QUEUED: Schema = Named("QueuedEntry", members(_QUEUED, {"position": COUNT}))
RUNNING: Schema = Named("RunningEntry", members(_RUNNING))
ENDED: Schema = Named(
    "EndedEntry",
    members(
        {**_RUNNING, "end_time": nullable(TIME), "logs": TEXT},
        {
            "return_code": members({"Error": {"type": "null"}, "StatusCode": INTEGER}),
            "cause": CAUSE,
            "cause_detail": nullable(TEXT),
        },
    ),
)


class BadSort(InvalidInput):
    """Raised when a listing is to be sorted by something unknown."""


def shown_spec(spec: Mapping[str, Any]) -> dict[str, Any]:
    """Return a specification, as it came or as it was checked, without the values of secret variables."""
    shown: dict[str, Any] = to_public(dict(spec))  # type: ignore[assignment]
    environment = spec.get("environment")
    if isinstance(environment, Mapping):
        shown["environment"] = hide_secrets(environment)
    elif environment:  # NAME=value, as docker takes it too
        pairs = dict(str(line).partition("=")[::2] for line in environment)
        shown["environment"] = [f"{name}={value}" for name, value in hide_secrets(pairs).items()]
    return shown


def queued_entry(record: JobRecord) -> dict[str, Any]:
    """Return a job that waits."""
    return {
        "queued_time": record.creation_time,
        "job_id": record.job_id,
        "spec": shown_spec(record.spec),
        "metadata": {"project_name": record.project, "username": record.user},
        "gpu_spec": {"num_gpus": (record.spec.get("resources") or {}).get("num_gpus", 0)},
    }


def running_entry(record: JobRecord) -> dict[str, Any]:
    """Return a job that runs or is about to."""
    return {**queued_entry(record), "start_time": record.start_time}


def ended_entry(record: JobRecord, logs: JobLogs) -> dict[str, Any]:
    """Return a job that has ended. One that never ran has no `return_code`."""
    entry = {**running_entry(record), "end_time": record.completed_time}
    entry["logs"] = logs.tail(record.job_id, _LISTED_LOG)
    if record.exit_code is not None:
        entry["return_code"] = {"Error": None, "StatusCode": record.exit_code}
    if record.cause is not None:
        entry["cause"], entry["cause_detail"] = record.cause.value, record.cause_detail
    return entry


def sorted_ids(records: Iterable[JobRecord], order: str) -> list[str]:
    """Return the ids of jobs in the order that `field[:asc|desc][,field...]` names. Raises `BadSort`."""
    jobs = list(records)
    for text in reversed(order.split(",")):
        words = text.split(":")
        field, direction = words[0], words[1] if len(words) > 1 else "asc"
        if field not in _SORTABLE or direction not in {"asc", "desc"} or len(words) > 2:
            raise BadSort(f"Bad sort request in {[field, direction]}", field="sort")
        # what has no such time comes first, as if it were at the beginning of time
        jobs.sort(key=lambda job: _rank(_SORTABLE[field](job)), reverse=direction == "desc")
    return [job.job_id for job in jobs]


def _rank(value: Any) -> tuple[bool, Any]:
    return (value is not None, value if value is not None else 0)
