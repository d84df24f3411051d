"""The queue, the active jobs and the machine, as lists for programs and for people."""

from __future__ import annotations

import socket
from collections.abc import Collection, Mapping
from typing import Any

from atlas_services.openapi.job_words import STATUS
from atlas_services.openapi.schema import (
    COUNT,
    FLAG,
    NUMBER,
    TEXT,
    TIME,
    Named,
    Schema,
    list_of,
    members,
    nullable,
    open_members,
)
from atlas_services.scheduler.explain import Explanation, attempts, explain_active, explain_queued
from atlas_services.scheduler.gpus import GpuLoad
from atlas_services.scheduler.outlook import Outlook
from atlas_services.scheduler.plan import Active
from atlas_services.scheduler.planning import active_of
from atlas_services.scheduler.resources import split_gpus
from atlas_services.tracker import JobRecord

_JOB = {
    "job_id": TEXT,
    "project": TEXT,
    "user": nullable(TEXT),
    "priority": {"type": "integer"},
    "resources": open_members({"num_gpus": COUNT, "ram": nullable(NUMBER), "cpus": nullable(NUMBER)}),
    "time_limit": nullable(NUMBER),
    "attempt": COUNT,
    "attempts": COUNT,
    "since": TIME,
    "code": TEXT,
    "reason": TEXT,
}
#: Of a job that is explained: the jobs that are in its way, and when it starts at the latest if it was promised.
REASONS: dict[str, Schema] = {
    "code": TEXT,
    "reason": TEXT,
    "blocking": list_of(TEXT),
    "promised_start": nullable(TIME),
}
#: What these views look like.
WAITING: Schema = Named("WaitingJob", members({"position": COUNT, **_JOB, **REASONS}))
ACTIVE: Schema = Named(
    "ActiveJob",
    members(
        {
            **_JOB,
            "status": STATUS,
            "started": nullable(TIME),
            "gpus": list_of(TEXT),
            "engine": TEXT,
            "ends_by": nullable(TIME),
            "time_left": nullable(NUMBER),
        }
    ),
)
_GPU = members(
    {
        "id": TEXT,
        "model": nullable(TEXT),
        "memory": nullable(NUMBER),
        "job": nullable(TEXT),
        "utilization": nullable(NUMBER),
        "memory_used": nullable(NUMBER),
    }
)
NODE: Schema = Named(
    "Node",
    members(
        {
            "name": TEXT,
            "engine": TEXT,
            "leader": FLAG,
            "slots": COUNT,
            "slots_used": COUNT,
            "cpus": nullable(NUMBER),
            "cpus_used": NUMBER,
            "ram": nullable(NUMBER),
            "ram_used": NUMBER,
            "gpus": list_of(Named("Gpu", _GPU)),
            "jobs": list_of(TEXT),
        }
    ),
)


def queued_view(record: JobRecord, position: int, outlook: Outlook) -> dict[str, Any]:
    """Return a job that waits."""
    return {
        "position": position,
        **_facts(record),
        "since": record.creation_time,
        **told(explain_queued(record, position, outlook)),
    }


def active_view(record: JobRecord, engine: str, outlook: Outlook) -> dict[str, Any]:
    """Return a job that has begun. Until it runs, `started` and what follows from it are null."""
    ends_by = None if record.start_time is None else active_of(record, outlook.moment).ends_by
    explanation = explain_active(record, outlook.moment)
    return {
        **_facts(record),
        "status": record.status.value,
        "since": record.creation_time,
        "started": record.start_time,
        "gpus": list(split_gpus(record.gpu_ids)),
        "engine": engine,
        "ends_by": ends_by,
        "time_left": None if ends_by is None else max(0.0, ends_by - outlook.moment),
        "code": explanation.code,
        "reason": explanation.reason,
    }


def node_view(
    name: str, engine: str, outlook: Outlook, loads: Mapping[str, GpuLoad], is_leader: bool
) -> dict[str, Any]:
    """Return a machine: what it has, and which jobs have what of it. null is not counted, or not measured."""
    holder = {gpu: job.job_id for job in outlook.active for gpu in job.gpus}
    capacity = outlook.capacity
    return {
        "name": name,
        "engine": engine,
        "leader": is_leader,
        "slots": capacity.slots,
        "slots_used": len(outlook.active),
        "cpus": capacity.cpus,
        "cpus_used": _used(outlook.active, "cpus"),
        "ram": capacity.ram,
        "ram_used": _used(outlook.active, "ram"),
        "gpus": [
            {
                "id": gpu.id,
                "model": gpu.model,
                "memory": gpu.memory,
                "job": holder.get(gpu.id),
                **_load(loads.get(gpu.id, GpuLoad())),
            }
            for gpu in capacity.gpus
        ],
        "jobs": [job.job_id for job in outlook.active],
    }


def without_jobs(node: Mapping[str, Any], hidden: Collection[str]) -> dict[str, Any]:
    """Return a machine without the names of some jobs; what they use of it stays counted."""
    gpus = [{**gpu, "job": None if gpu["job"] in hidden else gpu["job"]} for gpu in node["gpus"]]
    return {**node, "gpus": gpus, "jobs": [job_id for job_id in node["jobs"] if job_id not in hidden]}


def told(explanation: Explanation) -> dict[str, Any]:
    """Return an explanation for the wire."""
    return {
        "code": explanation.code,
        "reason": explanation.reason,
        "blocking": list(explanation.blocking),
        "promised_start": explanation.promised_start,
    }


def machine_name() -> str:
    """Return what this machine is called."""
    return socket.gethostname() or "localhost"


def _facts(record: JobRecord) -> dict[str, Any]:
    spec = record.spec
    return {
        "job_id": record.job_id,
        "project": record.project,
        "user": record.user,
        "priority": spec.get("priority", 0),
        "resources": {"num_gpus": 0, "ram": None, "cpus": None, **(spec.get("resources") or {})},
        "time_limit": spec.get("time_limit"),
        "attempt": record.attempt,
        "attempts": attempts(record),
    }


def _used(active: tuple[Active, ...], what: str) -> float:
    return round(sum(getattr(job.resources, what) or 0.0 for job in active), 3)


def _load(load: GpuLoad) -> dict[str, float | None]:
    return {"utilization": load.load, "memory_used": load.memory_used}
