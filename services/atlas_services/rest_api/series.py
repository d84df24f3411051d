"""Metric series: whole, a part of them, or drawn to a width; one, or those of many jobs at once."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from flask import Blueprint, request

from atlas_core.errors import InvalidInput, NotFound
from atlas_core.ids import check_job_id
from atlas_core.values import to_public
from atlas_services.rest_api.envelope import envelope
from atlas_services.tracker import SeriesPoints, Tracker, Window
from atlas_services.web import query_int

#: Series of one request, and the width to which they are drawn unless the query says otherwise.
MOST = 200
_WIDTH = 400
#: More pixels than any screen has.
_WIDEST = 20_000
_AXES = ("time", "step")


def routes(tracker: Tracker) -> Blueprint:
    """Return the blueprint."""
    blueprint = Blueprint("series", __name__)

    @blueprint.get("/jobs/<job_id>/series")
    def names(job_id: str) -> list[str]:
        view = tracker.jobs.view(check_job_id(job_id))
        return [*view.metrics, *view.system_metrics]

    @blueprint.get("/jobs/<job_id>/series/<path:name>")
    def points(job_id: str, name: str) -> dict[str, Any]:
        tracker.jobs.get(check_job_id(job_id))
        window = _window(_width())
        found = _drawn(tracker, job_id, name, window) if window.width else _raw(tracker, job_id, name, window)
        if not found.values and window.is_whole:
            raise NotFound(f"Job `{job_id}` has no metric `{name}`.", job_id=job_id, name=name)
        return {"name": name, "values": to_public(found.values), "times": found.times, "steps": found.steps}

    @blueprint.get("/series")
    def many() -> dict[str, Any]:
        window = _window(_width() or _WIDTH)
        shown = []
        for job_id, name in _wanted():
            found = _drawn(tracker, job_id, name, window)
            if found.values:
                axis = found.steps if window.axis == "step" else found.times
                shown.append({"job_id": job_id, "name": name, "x": axis, "values": to_public(found.values)})
        return {"x": window.axis, "series": shown}

    return blueprint


def _wanted() -> list[tuple[str, str]]:
    """Return job and metric of each series that is asked for."""
    jobs = [check_job_id(job_id) for job_id in request.args.get("jobs", "").split(",") if job_id]
    names = request.args.getlist("metric")
    if not jobs or not names:
        raise InvalidInput("jobs: name jobs, with commas between, and a `metric` at least.", field="jobs")
    if len(jobs) * len(names) > MOST:
        count = len(jobs) * len(names)
        raise InvalidInput(f"jobs: these are {count} series; {MOST} is the most of one request.", field="jobs")
    return [(job_id, name) for job_id in dict.fromkeys(jobs) for name in dict.fromkeys(names)]


def _width() -> int:
    """Return the width that is asked for, 0 for all points."""
    if "width" not in request.args:
        return 0
    width = query_int("width", 0)
    if not 0 < width <= _WIDEST:
        raise InvalidInput(
            f"width: {width} is no width of a chart; give its pixels, from 1 to {_WIDEST}.", field="width"
        )
    return width


def _window(width: int) -> Window:
    axis = request.args.get("x", "time")
    if axis not in _AXES:
        raise InvalidInput(f"x: {axis!r} is no axis; choose `time` or `step`.", field="x")
    return Window(width, axis, _end("from", -math.inf), _end("to", math.inf))


def _end(name: str, default: float) -> float:
    text = request.args.get(name)
    try:
        value = default if text is None else float(text)
    except ValueError:
        value = math.nan
    if math.isnan(value):
        raise InvalidInput(f"{name}: {text!r} is no number on the axis.", field=name)
    return value


def _drawn(tracker: Tracker, job_id: str, name: str, window: Window) -> SeriesPoints:
    found = tracker.drawing.drawn(job_id, name, window)
    if found is not None:
        return found
    whole = _raw(tracker, job_id, name, window)
    return _chosen(whole, envelope(whole.values, window.width))


def _raw(tracker: Tracker, job_id: str, name: str, window: Window) -> SeriesPoints:
    whole = tracker.series.points(job_id, name)
    if window.is_whole:
        return whole
    axis = whole.steps if window.axis == "step" else whole.times
    return _chosen(whole, [place for place, x in enumerate(axis) if x is not None and window.shows(x)])


def _chosen(points: SeriesPoints, places: Sequence[int]) -> SeriesPoints:
    return SeriesPoints(
        values=[points.values[place] for place in places],
        times=[points.times[place] for place in places],
        steps=[points.steps[place] for place in places],
    )
