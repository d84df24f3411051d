"""The last values of a project's metrics, for the chart above its jobs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import Blueprint, request

from atlas_core.values import to_public
from atlas_services.openapi import Answer, Operation, Param, describes
from atlas_services.openapi.schema import TEXT, VALUE, list_of, members, row
from atlas_services.tracker import JobView, Tracker

_METRIC = members({"metric_name": TEXT, "values": list_of(row(TEXT, VALUE))})
_OVERVIEW = Operation(
    "The last value of each metric in each job",
    {200: Answer(schema=members({"all_metric_names": list_of(TEXT), "metric_query": list_of(_METRIC)}))},
    query=(Param("metric_name", "Those of these metrics, with | between."),),
    is_old=True,
)


def routes(tracker: Tracker) -> Blueprint:
    """Return the blueprint."""
    blueprint = Blueprint("overview", __name__)

    @blueprint.get("/projects/<project>/overview_metrics")
    @describes(_OVERVIEW)
    def overview_metrics(project: str) -> dict[str, Any]:
        wanted = request.args.get("metric_name")
        views = tracker.jobs.views(tracker.jobs.ids_of_project(project))
        return overview(views, wanted.split("|") if wanted else None)

    return blueprint


def overview(views: Iterable[JobView], wanted: list[str] | None) -> dict[str, Any]:
    """Return every metric's name, and for each wanted one the last value of each job, the earliest logged first."""
    last: dict[str, list[tuple[float, str, Any]]] = {}
    for view in views:
        for name, summary in view.metrics.items():
            last.setdefault(name, []).append((summary["last_time"], view.record.job_id, summary["last"]))
    return {
        "all_metric_names": list(last),
        "metric_query": [
            {"metric_name": name, "values": [[job, to_public(value)] for _, job, value in _by_time(last.get(name, []))]}
            for name in (last if wanted is None else wanted)
        ],
    }


def _by_time(values: list[tuple[float, str, Any]]) -> list[tuple[float, str, Any]]:
    return sorted(values, key=lambda value: value[0])
