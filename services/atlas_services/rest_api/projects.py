"""Projects: their list, and what people say about them."""

from __future__ import annotations

import time
from typing import Any

from flask import Blueprint, Response, jsonify

from atlas_core.errors import InvalidInput
from atlas_core.states import JobStatus
from atlas_services.openapi import Answer, Body, Operation, describes
from atlas_services.openapi.schema import COUNT, TEXT, TIME, Named, list_of, members, nullable
from atlas_services.tracker import Tracker
from atlas_services.web import json_body

#: Tags that are told of a project.
_MOST_TAGS = 100

_OLD_PROJECT = members({"name": TEXT, "created_at": TEXT, "owner": nullable(TEXT)})
_OLD_DESCRIPTION = members({"project_description": TEXT})
_PROJECT = Named(
    "Project",
    members(
        {
            "name": TEXT,
            "creation_time": TIME,
            "jobs": COUNT,
            "by_status": members({status.value: COUNT for status in JobStatus}),
            "tags": list_of(TEXT, maxItems=_MOST_TAGS),
        }
    ),
)

_OLD_LIST = Operation("All projects, oldest first", {200: Answer(schema=list_of(_OLD_PROJECT))}, is_old=True)
_OLD_DESCRIBED = Operation(
    "The description of a project; empty for an unknown one", {200: Answer(schema=_OLD_DESCRIPTION)}, is_old=True
)
_OLD_DESCRIBE = Operation(
    "Describe a project", {200: Answer(schema=TEXT)}, (400, 404), body=Body(_OLD_DESCRIPTION), is_old=True
)
_DELETE = Operation(
    "Delete a project that has no jobs, with its description, notes and views", {204: Answer(media=None)}, (404, 409)
)
_LIST = Operation("All projects, oldest first, with their jobs counted", {200: Answer(schema=list_of(_PROJECT))})


def v2_routes(tracker: Tracker) -> Blueprint:
    """Return the original's routes."""
    blueprint = Blueprint("projects", __name__)

    @blueprint.get("/projects")
    @describes(_OLD_LIST)
    def listing() -> list[dict[str, Any]]:
        return [
            {
                "name": project.name,
                "created_at": time.strftime("%c", time.localtime(project.creation_time)),
                "owner": None,
            }
            for project in tracker.projects.all()
        ]

    @blueprint.get("/projects/<project>/description")
    @describes(_OLD_DESCRIBED)
    def description(project: str) -> dict[str, str]:
        return {"project_description": tracker.projects.description(project)}

    @blueprint.put("/projects/<project>/description")
    @describes(_OLD_DESCRIBE)
    def describe(project: str) -> Response:
        text = json_body().get("project_description")
        if not isinstance(text, str):
            raise InvalidInput(
                f'project_description: {text!r} is no text; send {{"project_description": "..."}}.',
                field="project_description",
            )
        tracker.projects.describe(project, text)
        return jsonify(f"Updated description for {project}")

    return blueprint


def v3_routes(tracker: Tracker) -> Blueprint:
    """Return the routes that count."""
    blueprint = Blueprint("projects_v3", __name__)

    @blueprint.get("/projects")
    @describes(_LIST)
    def listing() -> list[dict[str, Any]]:
        projects = tracker.projects.all()
        names = [project.name for project in projects]
        counts, tags = tracker.jobs.counts(names), tracker.index.tags(names)
        return [
            {
                "name": project.name,
                "creation_time": project.creation_time,
                "jobs": sum(by_status.values()),
                "by_status": {status.value: by_status[status] for status in JobStatus},
                "tags": own[:_MOST_TAGS],
            }
            for project, by_status, own in zip(projects, counts, tags, strict=True)
        ]

    @blueprint.delete("/projects/<project>")
    @describes(_DELETE)
    def delete(project: str) -> Response:
        tracker.projects.delete(project)
        return Response(status=204)

    return blueprint
