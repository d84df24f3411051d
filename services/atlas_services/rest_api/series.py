"""Metric series: whole, a part of them, or drawn to a width; one, or those of many jobs at once."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice
from operator import attrgetter
from typing import Any

from flask import Blueprint, Response, request

from atlas_core.errors import InvalidInput, NotFound
from atlas_core.ids import check_job_id
from atlas_core.values import to_public
from atlas_services.gate import identity, sees
from atlas_services.openapi import JSON_TYPE, Answer, Body, Operation, Param, describes
from atlas_services.openapi.schema import (
    INTEGER,
    NUMBER,
    TEXT,
    TIME,
    VALUE,
    Named,
    either,
    list_of,
    members,
    nullable,
    one_of,
    whole,
)
from atlas_services.rest_api.envelope import envelope
from atlas_services.rest_api.series_lines import LINES_TYPE, json_line, series_lines
from atlas_services.tracker import SeriesPoints, SeriesRow, Tracker, Window
from atlas_services.web import json_body, stream

#: Series of one request, and the width to which they are drawn unless the query says otherwise.
MOST = 200
_WIDTH = 400
#: More pixels than any screen has.
_WIDEST = 20_000
#: Digits of a time behind that of a pixel's length.
_PIXEL_DIGITS = 3
#: Digits of the largest power of ten that a double holds, and the number up to which doubles hold each whole one.
_MOST_DIGITS, _EXACT = 308, 2.0**53
_ONLY_FLOATS = {float}
_AXES = ("time", "step")
_FORMS = ("json", "jsonl")
_WHOLE = re.compile(r"[0-9]{1,18}")

_STEP = nullable(INTEGER)
_WINDOW = {"width": whole(1, _WIDEST), "x": one_of(_AXES), "from": NUMBER, "to": NUMBER}
_ABOUT = {
    "width": "Draw for a chart of so many pixels; no spike is lost.",
    "x": "The axis to which from and to belong.",
    "from": "The first place of the axis that is shown.",
    "to": "The last place of the axis that is shown.",
}
_WINDOW_PARAMS = tuple(Param(name, _ABOUT[name], schema) for name, schema in _WINDOW.items())
_SERIES = Named(
    "Series", members({"name": TEXT, "values": list_of(VALUE), "times": list_of(TIME), "steps": list_of(_STEP)})
)
_CURVE = Named(
    "Curve",
    members({"job_id": TEXT, "name": TEXT, "x": list_of(either(TIME, _STEP)), "values": list_of(VALUE)}),
)
_LOST = members({"job_id": TEXT, "name": TEXT, "reason": TEXT})
_CURVES = Answer(
    "Those that there are, and those that cannot be read, because a file of the archive is gone or damaged.",
    Named("Curves", members({"x": one_of(_AXES), "series": list_of(_CURVE), "missing": list_of(_LOST)})),
)

_NAMES = Operation("The names of a job's metrics", {200: Answer(schema=list_of(TEXT))}, (400, 404))
_POINTS = Operation(
    "The points of a metric: all, a part, or as many as a chart shows",
    {200: Answer("Or a line of JSON a point, as it is read.", _SERIES, or_else=(LINES_TYPE,))},
    (400, 404, 503),
    query=(
        *_WINDOW_PARAMS,
        Param("format", "json; or jsonl: of each point step, time and value in a line of its own.", one_of(_FORMS)),
    ),
)
_MANY = Operation(
    f"Metrics of many jobs, to compare: {MOST} series at most",
    {200: _CURVES},
    (400, 404),
    query=(
        Param("jobs", "Ids of jobs, with commas between.", required=True),
        Param("metric", "A metric; more than once for several.", list_of(TEXT, minItems=1), required=True),
        *_WINDOW_PARAMS,
    ),
)
_MANY_BY_BODY = Operation(
    f"Metrics of many jobs, to compare: {MOST} series at most, however long their names",
    {200: _CURVES},
    (400, 404, 413),
    body=Body(
        members(
            {"jobs": list_of(TEXT, minItems=1, maxItems=MOST), "metrics": list_of(TEXT, minItems=1, maxItems=MOST)},
            _WINDOW,
        )
    ),
)


def routes(tracker: Tracker) -> Blueprint:
    """Return the blueprint."""
    blueprint = Blueprint("series", __name__)

    @blueprint.get("/jobs/<job_id>/series")
    @describes(_NAMES)
    def names(job_id: str) -> list[str]:
        view = tracker.jobs.view(check_job_id(job_id))
        return [*view.metrics, *view.system_metrics]

    @blueprint.get("/jobs/<job_id>/series/<name:name>")
    @describes(_POINTS)
    def points(job_id: str, name: str) -> Response:
        tracker.jobs.get(check_job_id(job_id))
        window = _window(request.args, 0)
        if _form() == "jsonl":
            return _lines(_rows(tracker, job_id, name, window), window, job_id, name)
        found = _drawn(tracker, [(job_id, name)], window)[0] if window.width else _raw(tracker, job_id, name, window)
        if not found.values and window.is_whole:
            raise _no_metric(job_id, name)
        times = _rounded(found.times, window.width) if window.width else found.times
        return _json({"name": name, "values": _public(found.values), "times": times, "steps": found.steps})

    @blueprint.get("/series")
    @describes(_MANY)
    def many() -> Response:
        jobs = [job_id for job_id in request.args.get("jobs", "").split(",") if job_id]
        return _curves(tracker, jobs, request.args.getlist("metric"), _window(request.args, _WIDTH))

    @blueprint.post("/series")
    @describes(_MANY_BY_BODY)
    def many_by_body() -> Response:
        body = json_body()
        return _curves(tracker, _texts(body, "jobs"), _texts(body, "metrics"), _window(body, _WIDTH))

    return blueprint


def _curves(tracker: Tracker, jobs: Sequence[str], names: Sequence[str], window: Window) -> Response:
    wanted = _wanted(jobs, names)
    seen = _seen(tracker, wanted)
    wanted = [(job_id, name) for job_id, name in wanted if job_id in seen]
    shown, missing = [], []
    for (job_id, name), found in zip(wanted, _drawn_or_lost(tracker, wanted, window), strict=True):
        if isinstance(found, NotFound):
            missing.append({"job_id": job_id, "name": name, "reason": str(found)})
        elif found.values:
            axis = found.steps if window.axis == "step" else _rounded(found.times, window.width)
            shown.append({"job_id": job_id, "name": name, "x": axis, "values": _public(found.values)})
    return _json({"x": window.axis, "series": shown, "missing": missing})


def _drawn_or_lost(
    tracker: Tracker, wanted: Sequence[tuple[str, str]], window: Window
) -> Sequence[SeriesPoints | NotFound]:
    """Return the points of each series, or why it cannot be read. Raises `NotFound` for a lost one that is alone."""
    try:
        return _drawn(tracker, wanted, window)
    except NotFound:
        if len(wanted) == 1:
            raise
    return [_one_or_lost(tracker, name, window) for name in wanted]  # read again: it is seldom that one is lost


def _one_or_lost(tracker: Tracker, name: tuple[str, str], window: Window) -> SeriesPoints | NotFound:
    try:
        return _drawn(tracker, [name], window)[0]
    except NotFound as error:
        return error


def _seen(tracker: Tracker, wanted: Sequence[tuple[str, str]]) -> set[str]:
    """Return those of the jobs of which whoever asks may know."""
    ids = {job_id for job_id, _ in wanted}
    if identity().projects is None:
        return ids
    return {record.job_id for record in tracker.jobs.records(list(ids)) if sees(record.project)}


def _wanted(jobs: Sequence[str], names: Sequence[str]) -> list[tuple[str, str]]:
    """Return job and metric of each series that is asked for."""
    if not jobs or not names:
        raise InvalidInput("jobs: name jobs, and a metric at least.", field="jobs")
    if len(jobs) * len(names) > MOST:
        count = len(jobs) * len(names)
        raise InvalidInput(f"jobs: these are {count} series; {MOST} is the most of one request.", field="jobs")
    checked = [check_job_id(job_id) for job_id in jobs]
    return [(job_id, name) for job_id in dict.fromkeys(checked) for name in dict.fromkeys(names)]


def _texts(body: Mapping[str, Any], name: str) -> list[str]:
    value = body.get(name)
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise InvalidInput(f"{name}: {str(value)[:60]!r} is no list of texts.", field=name)
    return value


def _window(given: Mapping[str, Any], width: int) -> Window:
    """Return the part of a chart that a query or a body asks for; `width` unless it says how wide, 0 for all points."""
    axis = given.get("x", "time")
    if axis not in _AXES:
        raise InvalidInput(f"x: {axis!r} is no axis; choose `time` or `step`.", field="x")
    if "width" in given:
        width = _width(given["width"])
    return Window(width, axis, _end(given, "from", -math.inf), _end(given, "to", math.inf))


def _width(value: object) -> int:
    if not isinstance(value, bool) and _WHOLE.fullmatch(str(value)) and 0 < int(str(value)) <= _WIDEST:
        return int(str(value))
    raise InvalidInput(
        f"width: {str(value)[:60]} is no width of a chart; give its pixels, from 1 to {_WIDEST}.", field="width"
    )


def _end(given: Mapping[str, Any], name: str, default: float) -> float:
    value = given.get(name, default)
    try:
        place = math.nan if isinstance(value, bool) else float(value)
    except (ValueError, TypeError, OverflowError):
        place = math.nan
    if math.isnan(place):
        raise InvalidInput(f"{name}: {str(value)[:60]!r} is no number on the axis.", field=name)
    return place


def _form() -> str:
    form = request.args.get("format", "json")
    if form not in _FORMS:
        raise InvalidInput(f"format: {form!r} is no form of a series; choose `json` or `jsonl`.", field="format")
    return form


def _lines(rows: Iterator[SeriesRow], window: Window, job_id: str, name: str) -> Response:
    first = list(islice(rows, 1))
    if not first and window.is_whole:
        raise _no_metric(job_id, name)
    return stream(series_lines(chain(first, rows)), LINES_TYPE, {})


def _rows(tracker: Tracker, job_id: str, name: str, window: Window) -> Iterator[SeriesRow]:
    if window.width:
        found = _drawn(tracker, [(job_id, name)], window)[0]
        return map(SeriesRow, found.steps, _rounded(found.times, window.width), found.values)
    rows = tracker.series.rows(job_id, name)
    if window.is_whole:
        return rows
    place = attrgetter(window.axis)
    return (row for row in rows if place(row) is not None and window.shows(place(row)))


def _json(value: Mapping[str, Any]) -> Response:
    return Response(json_line(value), content_type=JSON_TYPE)


def _no_metric(job_id: str, name: str) -> NotFound:
    return NotFound(f"Job `{job_id}` has no metric `{name}`.", job_id=job_id, name=name)


def _drawn(tracker: Tracker, wanted: Sequence[tuple[str, str]], window: Window) -> list[SeriesPoints]:
    shown = []
    for (job_id, name), found in zip(wanted, tracker.drawing.drawn_many(wanted, window), strict=True):
        if found is None:
            whole_series = _raw(tracker, job_id, name, window)
            found = _chosen(whole_series, envelope(whole_series.values, window.width))
        shown.append(found)
    return shown


def _rounded(times: Sequence[float], width: int) -> Sequence[float]:
    """Return ascending times to a thousandth of a pixel: nobody sees the digits behind that, which weigh the most."""
    pixel = (times[-1] - times[0]) / width if times else 0.0
    if 0.0 < pixel < math.inf:
        digits = max(0, _PIXEL_DIGITS - math.floor(math.log10(pixel)))
        scale = 10.0**digits if digits <= _MOST_DIGITS else math.inf
        if max(-times[0], times[-1]) * scale < _EXACT:  # else a double has no digits behind those
            return [round(time * scale) / scale for time in times]
    return times


def _public(values: Sequence[Any]) -> Any:
    """Return `to_public` of values, of which most are numbers that stay what they are."""
    is_plain = set(map(type, values)) == _ONLY_FLOATS and math.isfinite(sum(values))
    return values if is_plain else to_public(list(values))


def _raw(tracker: Tracker, job_id: str, name: str, window: Window) -> SeriesPoints:
    everything = tracker.series.points(job_id, name)
    if window.is_whole:
        return everything
    axis = everything.steps if window.axis == "step" else everything.times
    return _chosen(everything, [place for place, x in enumerate(axis) if x is not None and window.shows(x)])


def _chosen(points: SeriesPoints, places: Sequence[int]) -> SeriesPoints:
    return SeriesPoints(
        values=[points.values[place] for place in places],
        times=[points.times[place] for place in places],
        steps=[points.steps[place] for place in places],
    )
