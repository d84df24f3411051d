"""Metric series, whole or drawn to a width."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request

from atlas_core.errors import InvalidInput, NotFound
from atlas_core.ids import check_job_id
from atlas_core.values import to_public
from atlas_services.rest_api.envelope import envelope
from atlas_services.tracker import SeriesPoints, Tracker
from atlas_services.web import query_int


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
        found = tracker.series.points(job_id, name)
        if not found.values:
            raise NotFound(f"Job `{job_id}` has no metric `{name}`.", job_id=job_id, name=name)
        return _shown(name, found if _width() is None else _drawn(found, _width() or 0))

    return blueprint


def _width() -> int | None:
    if "width" not in request.args:
        return None
    width = query_int("width", 0)
    if width == 0:
        raise InvalidInput("width: 0 draws nothing; give the width of the chart in pixels.", field="width")
    return width


def _drawn(points: SeriesPoints, width: int) -> SeriesPoints:
    kept = envelope(points.values, width)
    return SeriesPoints(
        values=[points.values[index] for index in kept],
        times=[points.times[index] for index in kept],
        steps=[points.steps[index] for index in kept],
    )


def _shown(name: str, points: SeriesPoints) -> dict[str, Any]:
    return {"name": name, "values": to_public(points.values), "times": points.times, "steps": points.steps}
