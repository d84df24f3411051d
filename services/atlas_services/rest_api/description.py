"""One job with all that is known of it, as JSON shows it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from atlas_core.secrecy import hide_secrets
from atlas_core.values import to_public
from atlas_services.rest_api.artifacts import artifact_uri
from atlas_services.tracker import JobRecord, JobView

#: What is shown of a summary.
_SUMMARY = ("count", "first", "last", "min", "max", "last_time")
#: The facts that are shown as they are stored.
_FACTS = ("mode", "cause", "cause_detail", "exit_code", "error", "creation_time", "start_time", "completed_time")


def describe(view: JobView, time: float, base: str) -> dict[str, Any]:
    """Return a job as JSON shows it at `time`."""
    record = view.record
    public = {
        "job_id": record.job_id,
        "project": record.project,
        "user": record.user or None,
        "status": record.status,
        **{name: getattr(record, name) for name in _FACTS},
        "duration": seconds_of(record, time),
        "parameters": view.params,
        "tags": view.tags,
        "metrics": _summaries(view.metrics),
        "system_metrics": _summaries(view.system_metrics),
        "artifacts": [
            {"key": key, **artifact, "uri": artifact_uri(base, record.job_id, artifact["path"])}
            for key, artifact in view.artifacts.items()
        ],
        "spec": mask_environment(record.spec),
    }
    return {name: to_public(value) for name, value in public.items()}


def _summaries(metrics: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    return {name: {each: summary[each] for each in _SUMMARY} for name, summary in metrics.items()}


def seconds_of(record: JobRecord, time: float) -> float | None:
    """Return how long the job has run until `time`, or ran until its end; None if it never began."""
    if record.start_time is None:
        return None
    if record.status.is_finished and record.completed_time is None:
        return None
    return max(0.0, (record.completed_time or time) - record.start_time)


def mask_environment(spec: Mapping[str, Any]) -> dict[str, Any]:
    """Return the specification without the values of secret variables."""
    environment = spec.get("environment")
    return {**spec, "environment": hide_secrets(environment)} if environment else dict(spec)
