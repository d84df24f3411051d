"""The object `job_listing`: what tables of jobs are made of."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

from atlas_core.states import JobStatus
from atlas_core.values import to_public
from atlas_services.openapi.schema import TEXT, TIME, VALUE, Named, list_of, map_of, members, nullable, one_of
from atlas_services.rest_api.artifacts import artifact_kind, artifact_uri
from atlas_services.rest_api.description import seconds_of
from atlas_services.tracker import JobView

#: The values of each series with two or more points, by job and metric.
SeriesValues = Mapping[tuple[str, str], Sequence[Any]]

_NAMED = Named("NamedValue", members({"name": TEXT, "value": VALUE, "type": TEXT}))
_COLUMN = Named("Column", members({"name": TEXT, "type": TEXT}))
_ISO = nullable({"type": "string", "description": "ISO 8601 in UTC, without a zone."})
_LISTED_ARTIFACT = members(dict.fromkeys(("filename", "uri", "artifact_type", "archive_key"), TEXT))
_LISTED_JOB = Named(
    "ListedJob",
    members(
        {
            "job_id": TEXT,
            "user": nullable(TEXT),
            "project": TEXT,
            "status": one_of(("queued", "running", "completed", "failed")),
            "job_parameters": list_of(_NAMED),
            "output_metrics": list_of(_NAMED),
            "start_time": _ISO,
            "completed_time": _ISO,
            "creation_time": TIME,
            "duration": nullable({"type": "string", "description": "Such as 0d1h2m3s."}),
            "tags": map_of(VALUE),
            "artifacts": list_of(_LISTED_ARTIFACT),
        }
    ),
)
_SORTED = {"name": TEXT, "jobs": list_of(_LISTED_JOB), "output_metric_names": list_of(_COLUMN)}
#: What a listing looks like, and one that is sorted by a path.
LISTING = Named("JobListing", members({**_SORTED, "parameters": list_of(_COLUMN)}))
SORTED_LISTING = Named("SortedJobListing", members(_SORTED))

#: A text logged once is shown up to this length.
_TEXT_LIMIT = 100


def job_listing(project: str, views: Sequence[JobView], series: SeriesValues, time: float, base: str) -> dict[str, Any]:
    """Return the listing of these jobs, in this order, at `time`; `base` is where clients reach the archive."""
    rows = [_row(view, series, time, base) for view in views]
    return {
        "name": project,
        "jobs": rows,
        "output_metric_names": _columns(metric for row in rows for metric in row["output_metrics"]),
        "parameters": _columns(parameter for row in rows for parameter in row["job_parameters"]),
    }


def long_series(views: Iterable[JobView]) -> dict[tuple[str, str], Mapping[str, Any]]:
    """Return the summary of each series whose points a listing needs: one point is in the summary already."""
    return {
        (view.record.job_id, name): summary
        for view in views
        for name, summary in view.metrics.items()
        if summary["count"] > 1
    }


def type_name(value: Any) -> str:
    """Return what a listing calls the type of a value."""
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, (int, float)):
        return "number"
    if isinstance(value, str):
        return "string"
    if isinstance(value, list):
        return f"array {type_name(value[0]) if value else 'unknown'}"
    return "unknown"


def duration_text(seconds: float | None) -> str | None:
    """Return a duration such as `0d1h2m3s`."""
    if seconds is None:
        return None
    minutes, second = divmod(int(seconds), 60)
    hours, minute = divmod(minutes, 60)
    day, hour = divmod(hours, 24)
    return f"{day}d{hour}h{minute}m{second}s"


def status_text(status: JobStatus) -> str:
    """Return one of the four states that listings know: a job that is being prepared still counts as queued."""
    return "queued" if status.is_waiting else status.value


def _row(view: JobView, series: SeriesValues, time: float, base: str) -> dict[str, Any]:
    record = view.record
    metrics = {name: _metric_value(record.job_id, name, summary, series) for name, summary in view.metrics.items()}
    return {
        "job_id": record.job_id,
        "user": record.user or None,
        "project": record.project,
        "status": status_text(record.status),
        "job_parameters": _named(view.params),
        "output_metrics": _named(metrics),
        "start_time": _time_text(record.start_time),
        "completed_time": _time_text(record.completed_time),
        "creation_time": record.creation_time,
        "duration": duration_text(seconds_of(record, time)),
        "tags": to_public(view.tags),
        "artifacts": _artifacts(view, base),
    }


def _named(values: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{"name": name, "value": _public(value), "type": type_name(value)} for name, value in values.items()]


def _public(value: Any) -> Any:
    """Do what `to_public` does; the values of most metrics need nothing, and a listing has hundreds of thousands."""
    if type(value) is list and set(map(type, value)) == {float} and math.isfinite(sum(value)):
        return value
    return to_public(value)


def _metric_value(job_id: str, name: str, summary: Mapping[str, Any], series: SeriesValues) -> Any:
    if summary["count"] > 1:
        return series[job_id, name]
    value = summary["last"]
    return value[:_TEXT_LIMIT] if isinstance(value, str) else value


def _artifacts(view: JobView, base: str) -> list[dict[str, str]]:
    shown = [
        {
            "filename": artifact["filename"],
            "uri": artifact_uri(base, view.record.job_id, artifact["path"]),
            "artifact_type": artifact_kind(artifact["filename"]),
            "archive_key": key,
        }
        for key, artifact in view.artifacts.items()
    ]
    return sorted(shown, key=lambda artifact: artifact["filename"])


def _columns(items: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Return each name where it was first seen, with the type with which it was last seen."""
    types = {item["name"]: item["type"] for item in items}
    return [{"name": name, "type": kind} for name, kind in types.items()]


def _time_text(time: float | None) -> str | None:
    return None if time is None else datetime.fromtimestamp(time, timezone.utc).replace(tzinfo=None).isoformat()
