"""One job with all that is known of it, as JSON shows it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from atlas_core.secrecy import hide_secrets
from atlas_core.values import to_public
from atlas_services.openapi.job_words import CAUSE, MODE, STATUS
from atlas_services.openapi.schema import (
    COUNT,
    FIGURE,
    NUMBER,
    TEXT,
    TIME,
    VALUE,
    Named,
    Schema,
    list_of,
    map_of,
    members,
    nullable,
    open_members,
)
from atlas_services.rest_api.artifacts import ARTIFACT, artifact_of
from atlas_services.tracker import JobRecord, JobView

#: What is shown of a summary.
_SUMMARY = ("count", "first", "last", "min", "max", "last_time")
#: The facts that are shown as they are stored.
_FACTS = ("mode", "cause", "cause_detail", "exit_code", "error", "creation_time", "start_time", "completed_time")

_SUMMARIES = map_of(
    Named(
        "MetricSummary",
        members({"count": COUNT, "first": VALUE, "last": VALUE, "min": FIGURE, "max": FIGURE, "last_time": TIME}),
    )
)
_ERROR = open_members({}, {"type": TEXT, "message": TEXT, "traceback": TEXT, "frame": nullable(TEXT)})
#: What a description looks like.
JOB: Schema = Named(
    "Job",
    members(
        {
            "job_id": TEXT,
            "project": TEXT,
            "user": nullable(TEXT),
            "status": STATUS,
            "mode": MODE,
            "cause": nullable(CAUSE),
            "cause_detail": nullable(TEXT),
            "exit_code": nullable({"type": "integer"}),
            "error": nullable(_ERROR),
            "creation_time": TIME,
            "start_time": nullable(TIME),
            "completed_time": nullable(TIME),
            "duration": nullable(NUMBER),
            "parameters": map_of(VALUE),
            "tags": map_of(VALUE),
            "metrics": _SUMMARIES,
            "system_metrics": _SUMMARIES,
            "artifacts": list_of(ARTIFACT),
            "spec": open_members({}),
            "facts": open_members({}),
        }
    ),
)


def describe(view: JobView, time: float, base: str) -> dict[str, Any]:
    """Return a job as JSON shows it at `time`."""
    job = view.record
    public = {
        "job_id": job.job_id,
        "project": job.project,
        "user": job.user or None,
        "status": job.status,
        **{name: getattr(job, name) for name in _FACTS},
        "duration": seconds_of(job, time),
        "parameters": view.params,
        "tags": view.tags,
        "metrics": _summaries(view.metrics),
        "system_metrics": _summaries(view.system_metrics),
        "artifacts": [artifact_of(base, job.job_id, key, artifact) for key, artifact in view.artifacts.items()],
        "spec": mask_environment(job.spec),
    }
    return {name: to_public(value) for name, value in public.items()}


def _summaries(metrics: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    return {name: {each: summary[each] for each in _SUMMARY} for name, summary in metrics.items()}


def seconds_of(job: JobRecord, time: float) -> float | None:
    """Return how long the job has run until `time`, or ran until its end; None if it never began."""
    if job.start_time is None:
        return None
    if job.status.is_finished and job.completed_time is None:
        return None
    return max(0.0, (job.completed_time or time) - job.start_time)


def mask_environment(spec: Mapping[str, Any]) -> dict[str, Any]:
    """Return the specification without the values of secret variables."""
    environment = spec.get("environment")
    return {**spec, "environment": hide_secrets(environment)} if environment else dict(spec)
