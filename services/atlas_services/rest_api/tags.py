"""Tags that people set on jobs from outside."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify

from atlas_core.errors import InvalidInput
from atlas_core.names import check_name
from atlas_services.openapi import Answer, Body, Operation, describes
from atlas_services.openapi.schema import TEXT, Named, members, text
from atlas_services.tracker import Tracker
from atlas_services.web import json_body

_WANTED = '{"tag": {"key": "...", "value": "..."}}'

#: What can be the value of a tag.
TAG_VALUE = Named("TagValue", {"type": ["string", "number", "boolean", "null"]})
_TAG = members({"tag": members({"key": text(minLength=1), "value": TAG_VALUE})})
_SET = Operation("Set a tag", {200: Answer(schema=TEXT)}, (400, 404), body=Body(_TAG), is_old=True)
_REMOVE = Operation("Remove a tag, if it is there", {200: Answer(schema=TEXT)}, is_old=True)


def routes(tracker: Tracker) -> Blueprint:
    """Return the blueprint."""
    blueprint = Blueprint("tags", __name__)

    @blueprint.post("/projects/<project>/job_listing/<job_id>/tags")
    @describes(_SET)
    def create(project: str, job_id: str) -> Response:
        key, value = check_tag(json_body().get("tag"))
        tracker.jobs.set_tag(job_id, key, value)
        return jsonify(f"Tag key: {key}, value: {value} created for job {job_id}")

    @blueprint.delete("/projects/<project>/job_listing/<job_id>/tags/<path:key>")
    @describes(_REMOVE)
    def delete(project: str, job_id: str, key: str) -> Response:
        tracker.jobs.remove_tag(job_id, key)
        return jsonify(f"Tag key: {key} deleted from job {job_id}")

    return blueprint


def check_tag(tag: object) -> tuple[str, Any]:
    """Return key and value of a tag as JSON shows it. Raises `InvalidInput`."""
    if not isinstance(tag, dict) or "key" not in tag or "value" not in tag:
        raise InvalidInput(f"tag: {tag!r} is no tag; send {_WANTED}.", field="tag")
    key, value = tag["key"], tag["value"]
    if not isinstance(key, str) or not key:
        raise InvalidInput(
            f"tag.key: {key!r} cannot be the key of a tag; send a text that is not empty.", field="tag.key"
        )
    if isinstance(value, (list, dict)):
        raise InvalidInput(
            "tag.value: a list or an object cannot be a tag; send a text or a number.", field="tag.value"
        )
    return check_name("tag.key", key), value
