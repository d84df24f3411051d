"""One job as a row of a table, with the fields that were asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from atlas_core.states import JobStatus
from atlas_core.values import to_public
from atlas_services.openapi.job_words import CAUSE, MODE, STATUS
from atlas_services.openapi.schema import FIGURE, NUMBER, TEXT, TIME, VALUE, Named, Schema, map_of, members, nullable
from atlas_services.rest_api.query import Field
from atlas_services.tracker import JobPart, Projection

#: The attributes of a row of which nothing else is asked.
_ATTRIBUTES = ("job_id", "status", "user", "creation_time", "start_time", "completed_time", "duration")
_GROUPS = {"p": "parameters", "m": "metrics", "t": "tags"}

Fields = Sequence["Field | str"]

_STATISTICS = members({}, {"first": VALUE, "last": VALUE, "min": FIGURE, "max": FIGURE, "count": NUMBER})
#: What a row looks like: the fields that were asked for, or those that every row has.
ROW: Schema = Named(
    "JobRow",
    members(
        {"job_id": TEXT},
        {
            "status": STATUS,
            "project": TEXT,
            "user": nullable(TEXT),
            "mode": MODE,
            "cause": nullable(CAUSE),
            "creation_time": TIME,
            "start_time": nullable(TIME),
            "completed_time": nullable(TIME),
            "duration": nullable(NUMBER),
            "parameters": map_of(VALUE),
            "metrics": map_of(VALUE),
            "tags": map_of(VALUE),
            "summaries": map_of(_STATISTICS),
        },
    ),
)


def projection_of(fields: Fields | None) -> Projection:
    """Return what has to be read to show these fields; None stands for those of every row."""
    if fields is None:
        return Projection()
    params, metrics, tags = (_names(fields, kind) for kind in _GROUPS)
    return Projection(params, metrics, tags)


def row_of(part: JobPart, fields: Fields | None, time: float) -> dict[str, Any]:
    """Return a job as JSON shows it at `time`. Statistics other than the last value stand in `summaries`."""
    facts = {**part.facts, "duration": duration_of(part.facts, time)}
    groups = {
        "parameters": to_public(dict(part.params)),
        "metrics": {name: to_public(summary["last"]) for name, summary in part.metrics.items()},
        "tags": to_public(dict(part.tags)),
    }
    if fields is None:
        return {**{name: facts[name] for name in _ATTRIBUTES}, **groups}
    attributes = [field.name for field in fields if isinstance(field, Field) and field.kind == "a"]
    kinds = {field if isinstance(field, str) else field.kind for field in fields}
    shown = {name: groups[name] for kind, name in _GROUPS.items() if kind in kinds}
    return {
        "job_id": facts["job_id"],
        **{name: facts[name] for name in attributes},
        **shown,
        **_summaries(part, fields),
    }


def duration_of(facts: Mapping[str, Any], time: float) -> float | None:
    """Return how long a job has run until `time`, or ran until its end; None if it never began."""
    start, end = facts["start_time"], facts["completed_time"]
    if start is None or (end is None and JobStatus(facts["status"]).is_finished):
        return None
    return float(max(0.0, (time if end is None else end) - start))


def _names(fields: Fields, kind: str) -> list[str] | None:
    if kind in fields:
        return None
    return list(dict.fromkeys(each.name for each in fields if isinstance(each, Field) and each.kind == kind))


def _summaries(part: JobPart, fields: Fields) -> dict[str, Any]:
    found: dict[str, dict[str, Any]] = {}
    for field in fields:
        if isinstance(field, Field) and field.kind == "m" and field.statistic != "last" and field.name in part.metrics:
            value = to_public(part.metrics[field.name][field.statistic])
            found.setdefault(field.name, {})[field.statistic] = value
    return {"summaries": found} if found else {}
