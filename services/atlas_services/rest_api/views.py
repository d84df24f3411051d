"""Named views of a project's table: whoever sees the project chooses from them, its members keep and forget them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any
from urllib.parse import quote, urlencode

from flask import Blueprint, Response

from atlas_core.errors import InvalidInput
from atlas_core.ids import now
from atlas_core.jobs import NOBODY
from atlas_services.early_refusals import LONGEST_LINE
from atlas_services.gate import identity
from atlas_services.openapi import Answer, Body, Operation, describes
from atlas_services.openapi.schema import TEXT, TIME, Named, list_of, map_of, members, text
from atlas_services.tracker import Tracker, View
from atlas_services.web import json_body

#: Characters of the longest name: it stands in a menu.
_LONGEST_NAME = 100
#: Bytes of the page's address that shows a view: that is asked for on a line, and what the page asks for then has a
#: longer path, and parameters of its own.
_LONGEST_ADDRESS = LONGEST_LINE - 1000

_VIEW = Named("View", members({"name": TEXT, "search": map_of(TEXT), "author": TEXT, "time": TIME}))
_LIST = Operation("The views of a project, by their names", {200: Answer(schema=list_of(_VIEW))}, (404,))
_KEEP = Operation(
    "Keep a view of a project's table, in place of one with this name. Its author is who logged in, whoever it names",
    {200: Answer(schema=_VIEW)},
    (400, 404, 409),
    body=Body(members({"search": map_of(TEXT)}, {"author": text(minLength=1)})),
)
_REMOVE = Operation("Forget a view, if there is one with this name", {204: Answer(media=None)}, (404,))


def routes(tracker: Tracker) -> Blueprint:
    """Return the blueprint."""
    blueprint = Blueprint("views", __name__)

    @blueprint.get("/projects/<project>/views")
    @describes(_LIST)
    def all_views(project: str) -> list[dict[str, Any]]:
        tracker.projects.require(project)
        return [asdict(view) for view in tracker.views.all(project)]

    @blueprint.put("/projects/<project>/views/<name:name>")
    @describes(_KEEP)
    def keep(project: str, name: str) -> dict[str, Any]:
        body = json_body()
        author = identity().named(_author(body.get("author", NOBODY)))
        view = View(_name(name), _search(project, body.get("search")), author, now())
        tracker.views.keep(project, view)
        return asdict(view)

    @blueprint.delete("/projects/<project>/views/<name:name>")
    @describes(_REMOVE)
    def remove(project: str, name: str) -> Response:
        tracker.projects.require(project)
        tracker.views.remove(project, name)
        return Response(status=204)

    return blueprint


def _name(name: str) -> str:
    if not name.strip(" .") or not name.isprintable() or len(name) > _LONGEST_NAME:  # browsers fold `..` in a path
        raise InvalidInput(
            f"name: {name[:60]!r} cannot be the name of a view; give up to {_LONGEST_NAME} visible characters.",
            field="name",
        )
    return name


def _author(author: object) -> str:
    if not isinstance(author, str) or not author:
        raise InvalidInput(f"author: {str(author)[:60]!r} is no name; send a text, or leave it out.", field="author")
    return author


def _search(project: str, search: object) -> Mapping[str, str]:
    if not isinstance(search, dict) or not all(isinstance(part, str) for part in search.values()):
        raise InvalidInput(
            'search: it must be an object of texts, such as {"filter": "metrics.loss < 1"}.', field="search"
        )
    size = len(_address(project, search))
    if size > _LONGEST_ADDRESS:
        raise InvalidInput(
            f"search: with it, the address of the page has {size} characters, {_LONGEST_ADDRESS} are the most; show "
            "fewer columns, or shorten the filter.",
            field="search",
        )
    return search


def _address(project: str, search: Mapping[str, str]) -> str:
    """Return the address at which the page shows this of a project."""
    return f"/projects/{quote(project, safe='')}?{urlencode({name: _quoted(part) for name, part in search.items()})}"


def _quoted(part: str) -> str:
    """Return a text as the page has it in an address: in quotes, if it would else be read as JSON."""
    try:
        json.loads(part)
    except (ValueError, RecursionError):
        return part
    return json.dumps(part, ensure_ascii=False)
