"""The jobs of a project, page by page: one row a job, from what is known without reading a point of its metrics."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, request

from atlas_core.errors import InvalidInput
from atlas_core.ids import now
from atlas_services.openapi import Answer, Operation, Param, describes
from atlas_services.openapi.schema import COUNT, TEXT, list_of, members, nullable, whole
from atlas_services.rest_api.query import parse_fields, parse_filter, parse_sort
from atlas_services.rest_api.rows import ROW, projection_of, row_of
from atlas_services.rest_api.selection import Query, select
from atlas_services.tracker import Tracker
from atlas_services.web import query_int

#: Jobs of a page, unless the query says otherwise; and at most.
_LIMIT = 1000
MOST = 10_000

_PAGE = Operation(
    "The jobs of a project, newest first, without the points of their metrics",
    {200: Answer(schema=members({"jobs": list_of(ROW), "total": COUNT, "cursor": nullable(TEXT)}))},
    (400, 404),
    query=(
        Param("filter", "Which jobs, such as: metrics.acc > 0.9 and params.lr < 1e-3"),
        Param("sort", "Fields with commas between; - before one means descending."),
        Param("fields", "What is shown of each, with commas between; by default everything."),
        Param("limit", f"Jobs of a page; {_LIMIT} by default.", whole(0, MOST)),
        Param("cursor", "Where the page begins: as the page before says."),
        Param("offset", "Where the page begins: behind so many jobs.", COUNT),
        Param("before", "Where the page begins: behind the job with this id."),
    ),
)


def routes(tracker: Tracker) -> Blueprint:
    """Return the blueprint."""
    blueprint = Blueprint("project_jobs", __name__)

    @blueprint.get("/projects/<project>/jobs")
    @describes(_PAGE)
    def page(project: str) -> dict[str, Any]:
        time = now()
        fields = parse_fields(request.args["fields"]) if "fields" in request.args else None
        found = select(tracker, _query(project, time), projection_of(fields), time)
        rows = [row_of(part, fields, time) for part in found.jobs]
        return {"jobs": rows, "total": found.total, "cursor": found.cursor}

    return blueprint


def _query(project: str, time: float) -> Query:
    arguments = request.args
    limit = query_int("limit", _LIMIT)
    if limit > MOST:
        raise InvalidInput(f"limit: {limit} is too many; {MOST} jobs are the most of a page.", field="limit")
    _check_place(("cursor", "before", "offset"))
    return Query(
        project,
        parse_filter(arguments.get("filter", ""), time),
        parse_sort(arguments.get("sort", "")),
        limit,
        query_int("offset", 0),
        arguments.get("cursor"),
        arguments.get("before"),
    )


def _check_place(names: Sequence[str]) -> None:
    given = [name for name in names if name in request.args]
    if len(given) > 1:
        raise InvalidInput(f"{given[0]}: give it or `{given[1]}`, not both.", field=given[0])
