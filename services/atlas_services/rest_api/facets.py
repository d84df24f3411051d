"""What the jobs of a project can be filtered by: the names that are in use, how often, and what their values are."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from itertools import islice
from typing import Any

from flask import Blueprint

from atlas_core.values import to_public
from atlas_services.openapi import Answer, Operation, describes
from atlas_services.openapi.schema import COUNT, FIGURE, TEXT, Named, list_of, members
from atlas_services.rest_api.query.evaluation import written
from atlas_services.rest_api.selection import read_table
from atlas_services.tracker import Column, Tracker

#: Names of each group of which values are told; of the others the name and the count alone.
_DETAILED = 200
#: Different values that are told of a name.
_VALUES = 20
#: Projects of which the last answer is kept until their index has changed: to work it out reads all of their columns.
_KEPT = 16
_GROUPS = {"parameters": "p:", "metrics": "m:", "tags": "t:"}
_ATTRIBUTES = ("status", "user", "cause", "mode")

_COUNTED = members({"value": TEXT, "jobs": COUNT})
_FACET = Named(
    "Facet", members({"name": TEXT, "jobs": COUNT, "min": FIGURE, "max": FIGURE, "values": list_of(_COUNTED)})
)
_FACETS = Operation(
    "What the jobs of a project can be filtered by",
    {
        200: Answer(
            schema=Named(
                "Facets",
                members(
                    {
                        "jobs": COUNT,
                        **{name: list_of(_COUNTED) for name in _ATTRIBUTES},
                        **{group: list_of(_FACET) for group in _GROUPS},
                    }
                ),
            )
        )
    },
    (404,),
)


def routes(tracker: Tracker) -> Blueprint:
    """Return the blueprint."""
    blueprint = Blueprint("facets", __name__)

    @lru_cache(_KEPT)
    def kept(project: str, version: bytes) -> dict[str, Any]:
        return _facets(tracker, project)

    @blueprint.get("/projects/<project>/facets")
    @describes(_FACETS)
    def facets(project: str) -> dict[str, Any]:
        version = tracker.index.version(project)
        return kept(project, version) if version else _facets(tracker, project)

    return blueprint


def _facets(tracker: Tracker, project: str) -> dict[str, Any]:
    """Return what is told of a project. Raises `ProjectNotFound`."""
    read_table(tracker, project, [])  # makes the index if need be
    counts = tracker.index.names(project)
    if not counts:
        tracker.projects.require(project)
    groups = {group: [name for name in counts if name.startswith(start)] for group, start in _GROUPS.items()}
    detailed = [_column_name(name) for names in groups.values() for name in islice(names, _DETAILED)]
    table = read_table(tracker, project, [*detailed, *(f"a:{name}" for name in _ATTRIBUTES)])
    shown = {
        group: [_facet(name[2:], counts[name], table.columns.get(_column_name(name))) for name in names]
        for group, names in groups.items()
    }
    attributes = {name: _values(table.columns[f"a:{name}"]) for name in _ATTRIBUTES}
    return {"jobs": counts.get("a:creation_time", 0), **attributes, **shown}


def _column_name(name: str) -> str:
    return f"last:{name}" if name.startswith("m:") else name


def _facet(name: str, jobs: int, column: Column | None) -> dict[str, Any]:
    """Return what is known of a name. `min` and `max` are of its numbers; `values` the most frequent others."""
    numbers = [number for number in column.numbers if number == number] if column else []
    ends = (min(numbers), max(numbers)) if numbers else (None, None)
    return {"name": name, "jobs": jobs, "min": to_public(ends[0]), "max": to_public(ends[1]), "values": _values(column)}


def _values(column: Column | None) -> list[dict[str, Any]]:
    counted = Counter(map(written, column.others.values())) if column else Counter()
    return [{"value": value, "jobs": jobs} for value, jobs in counted.most_common(_VALUES)]
