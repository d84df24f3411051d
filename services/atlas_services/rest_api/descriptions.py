"""What people say of a project, in every version, so that nobody's words are lost to a later writer's."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from atlas_core.errors import InvalidInput
from atlas_services.gate import identity
from atlas_services.openapi import Answer, Body, Operation, describes
from atlas_services.openapi.schema import TEXT, TIME, Named, list_of, members
from atlas_services.tracker import Tracker
from atlas_services.web import json_body

#: Characters of the longest description.
_LONGEST = 100_000

_DESCRIPTION = Named(
    "Description",
    members({"text": TEXT, "versions": list_of(members({"time": TIME, "author": TEXT, "text": TEXT}))}),
)
_READ = Operation(
    "The description of a project, and its versions, newest first", {200: Answer(schema=_DESCRIPTION)}, (404,)
)
_WRITE = Operation(
    "Describe a project. `replaces` is the text that the writer began with: if it is another one meanwhile, it stays",
    {200: Answer(schema=_DESCRIPTION)},
    (400, 404, 409),
    body=Body(members({"text": TEXT}, {"author": TEXT, "replaces": TEXT})),
)


def routes(tracker: Tracker) -> Blueprint:
    """Return the blueprint."""
    blueprint = Blueprint("descriptions", __name__)

    @blueprint.get("/projects/<project>/description")
    @describes(_READ)
    def read(project: str) -> dict[str, Any]:
        tracker.projects.require(project)
        return _described(tracker, project)

    @blueprint.put("/projects/<project>/description")
    @describes(_WRITE)
    def write(project: str) -> dict[str, Any]:
        body = json_body()
        text, author, replaces = (_text(body.get(name, default), name) for name, default in _MEMBERS)
        tracker.projects.describe(project, text, identity().named(author), replaces if "replaces" in body else None)
        return _described(tracker, project)

    return blueprint


_MEMBERS = (("text", None), ("author", ""), ("replaces", ""))


def _text(value: object, name: str) -> str:
    if not isinstance(value, str) or len(value) > _LONGEST:
        raise InvalidInput(f"{name}: {str(value)[:60]!r} is no text of up to {_LONGEST} characters.", field=name)
    return value


def _described(tracker: Tracker, project: str) -> dict[str, Any]:
    versions = tracker.projects.descriptions(project)
    shown = [{"time": each.time, "author": each.author, "text": each.text} for each in versions]
    return {"text": tracker.projects.description(project), "versions": shown}
