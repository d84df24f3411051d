"""The object `job_listing`: what tables of jobs are made of."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from itertools import chain
from typing import Any

import orjson

from atlas_core.states import JobStatus
from atlas_core.values import loads, to_public
from atlas_services.openapi.schema import TEXT, TIME, VALUE, Named, list_of, map_of, members, nullable, one_of
from atlas_services.rest_api.artifacts import artifact_kind, artifact_uri
from atlas_services.rest_api.description import seconds_of
from atlas_services.tracker import ListedJob, is_plain

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
#: The last value in the summary of a metric of which a double holds every value.
_LAST = re.compile(rb',"last":([^,]+),"min":')
#: The type of a value by the first byte of its JSON, and that of a list of such values. What may hold a list or a
#: number that is none is not here.
_TYPES = {**dict.fromkeys(b"-0123456789", "number"), ord('"'): "string", ord("t"): "bool", ord("f"): "bool"}
_ONLY_FLOATS = {float}
_encode = json.JSONEncoder(separators=(",", ":")).encode


def job_listing(project: str, jobs: Iterable[ListedJob], time: float, base: str) -> Listing:
    """Return the listing of these jobs, in this order, at `time`; `base` is where clients reach the archive."""
    parameters, metrics = _Columns(), _Columns()
    rows = [_row(job, parameters, metrics, time, base) for job in jobs]
    return Listing(project, rows, metrics.types, parameters.types)


@dataclass(frozen=True)
class Listing:
    """A listing, of which each job is written in JSON already: most of it is stored in JSON, and stays as it is."""

    project: str
    jobs: Sequence[bytes]
    metrics: Mapping[str, str]
    parameters: Mapping[str, str]

    def json(self, *, is_sorted: bool = False) -> bytes:
        """Return the whole in JSON; one that is sorted by a path tells of no parameters."""
        shown = {"output_metric_names": _named_types(self.metrics), "parameters": _named_types(self.parameters)}
        if is_sorted:
            del shown["parameters"]
        members = [b"%s:%s" % (_json(name), _json(value)) for name, value in shown.items()]
        jobs = b'"jobs":[%s]' % b",".join(self.jobs)
        return b"{%s}\n" % b",".join([b'"name":%s' % _json(self.project), jobs, *members])


class _Columns:
    """The parameters or metrics of a listing: each name where it was first seen, with the type last seen."""

    def __init__(self) -> None:
        self.types: dict[str, str] = {}
        self._forms: dict[tuple[tuple[str, ...], tuple[str, ...]], bytes] = {}
        self._last = b""

    def items(self, names: Iterable[str], shown: Sequence[tuple[bytes, str]]) -> bytes:
        """Return what a listing shows of values, each with its type. Most jobs have the same names and types."""
        if not shown:
            return b""
        values, kinds = zip(*shown, strict=True)
        key = tuple(names), kinds
        form = self._forms.get(key)
        if form is None:
            form = self._forms[key] = b",".join(map(_form, *key))
        if form is not self._last:
            self.types.update(zip(*key, strict=True))
            self._last = form
        return form % values


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


def _row(job: ListedJob, parameters: _Columns, metrics: _Columns, time: float, base: str) -> bytes:
    record, series = job.record, _shown_series(job.series)
    begin = {
        "job_id": record.job_id,
        "user": record.user or None,
        "project": record.project,
        "status": status_text(record.status),
    }
    end = {
        "start_time": _time_text(record.start_time),
        "completed_time": _time_text(record.completed_time),
        "creation_time": record.creation_time,
        "duration": duration_text(seconds_of(record, time)),
    }
    values = [series.get(name) or _shown_last(text) for name, text in job.metrics.texts.items()]
    tags = [b"%s:%s" % (_json(name), _shown(text)[0]) for name, text in job.tags.texts.items()]
    return b'%s,"job_parameters":[%s],"output_metrics":[%s],%s,"tags":{%s},"artifacts":%s}' % (
        _json(begin)[:-1],
        parameters.items(job.params.texts, list(map(_shown, job.params.texts.values()))),
        metrics.items(job.metrics.texts, values),
        _json(end)[1:-1],
        b",".join(tags),
        _json(_artifacts(job, base)) if job.artifacts.texts else b"[]",
    )


def _form(name: str, kind: str) -> bytes:
    """Return what a listing shows of a value, with a place for the value."""
    return b'{"name":%s,"value":%%s,"type":%s}' % (_json(name).replace(b"%", b"%%"), _json(kind))


def _shown(text: bytes) -> tuple[bytes, str]:
    """Return a stored value as a listing shows it, and its type."""
    kind = _TYPES.get(text[0])
    return (text, kind) if kind else _shown_value(loads(text))


def _shown_last(summary: bytes) -> tuple[bytes, str]:
    """Return the only value of a series, which its summary has, as a listing shows it, and its type."""
    last = _LAST.search(summary) if is_plain(summary) else None
    return _shown(last[1]) if last else _shown_value(_shortened(loads(summary)["last"]))


def _shown_series(series: Mapping[str, Sequence[Any]]) -> dict[str, tuple[bytes, str]]:
    """Return the values of each series as a listing shows them, and their type. Most are floats, written in one."""
    lists = list(series.values())
    flat = list(chain.from_iterable(lists))
    if set(map(type, flat)) == _ONLY_FLOATS and math.isfinite(sum(flat)):
        texts = orjson.dumps(lists)[2:-2].split(b"],[")
        return {name: (b"[%s]" % text, "array number") for name, text in zip(series, texts, strict=True)}
    return {name: _shown_value(values) for name, values in series.items()}


def _shown_value(value: Any) -> tuple[bytes, str]:
    return _json(to_public(value)), type_name(value)


def _shortened(value: Any) -> Any:
    return value[:_TEXT_LIMIT] if isinstance(value, str) else value


def _json(value: Any) -> bytes:
    return _encode(value).encode()


def _artifacts(view: ListedJob, base: str) -> list[dict[str, str]]:
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


def _named_types(types: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "type": kind} for name, kind in types.items()]


def _time_text(time: float | None) -> str | None:
    return None if time is None else datetime.fromtimestamp(time, timezone.utc).replace(tzinfo=None).isoformat()
