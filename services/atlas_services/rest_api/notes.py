"""Notes that people write about a project."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, jsonify

from atlas_core.errors import InvalidInput
from atlas_core.ids import now
from atlas_core.jobs import NOBODY
from atlas_services.gate import identity
from atlas_services.openapi import Answer, Body, Operation, describes
from atlas_services.openapi.schema import TEXT, TIME, Named, list_of, members, text
from atlas_services.tracker import Note, Tracker
from atlas_services.web import json_body

_OLD_NOTE = members({"date": TEXT, "message": TEXT, "author": TEXT})
_OLD_LIST = Operation("The notes on a project, oldest first", {200: Answer(schema=list_of(_OLD_NOTE))}, is_old=True)
_OLD_ADD = Operation(
    "Add a note to a project",
    {200: Answer(schema=TEXT)},
    (400, 404),
    body=Body(members({"author": text(minLength=1), "message": text(minLength=1)})),
    is_old=True,
)

_NOTE = Named("Note", members({"time": TIME, "author": TEXT, "message": TEXT}))
_LIST = Operation("The notes on a project, oldest first", {200: Answer(schema=list_of(_NOTE))}, (404,))
_ADD = Operation(
    "Add a note to a project. Its author is who logged in, whoever it names",
    {201: Answer(schema=_NOTE)},
    (400, 404),
    body=Body(members({"message": text(minLength=1)}, {"author": text(minLength=1)})),
)


def v2_routes(tracker: Tracker) -> Blueprint:
    """Return the original's routes."""
    blueprint = Blueprint("notes", __name__)

    @blueprint.get("/projects/<project>/note_listing")
    @describes(_OLD_LIST)
    def all_notes(project: str) -> list[dict[str, str]]:
        return [
            {"date": _local(note.time), "message": note.message, "author": note.author}
            for note in tracker.projects.notes(project)
        ]

    @blueprint.post("/projects/<project>/note_listing")
    @describes(_OLD_ADD)
    def create(project: str) -> Response:
        body = json_body()
        author = identity().named(_text(body.get("author"), "author"))
        note = Note(now(), author, _text(body.get("message"), "message"))
        tracker.projects.add_note(project, note)
        return jsonify(f"Note with author: {note.author} created with message: {note.message}")

    return blueprint


def v3_routes(tracker: Tracker) -> Blueprint:
    """Return the routes whose times are no texts."""
    blueprint = Blueprint("notes_v3", __name__)

    @blueprint.get("/projects/<project>/notes")
    @describes(_LIST)
    def all_notes(project: str) -> list[dict[str, Any]]:
        tracker.projects.require(project)
        return [asdict(note) for note in tracker.projects.notes(project)]

    @blueprint.post("/projects/<project>/notes")
    @describes(_ADD)
    def create(project: str) -> tuple[dict[str, Any], int]:
        body = json_body()
        author = identity().named(_text(body.get("author", NOBODY), "author"))
        note = Note(now(), author, _text(body.get("message"), "message"))
        tracker.projects.add_note(project, note)
        return asdict(note), 201

    return blueprint


def _text(value: object, name: str) -> str:
    if not isinstance(value, str) or not value:
        raise InvalidInput(f"{name}: {value!r} is no text; a note needs the texts `author` and `message`.", field=name)
    return value


def _local(time: float) -> str:
    return datetime.fromtimestamp(time).strftime("%Y-%m-%d %H:%M:%S.%f")
