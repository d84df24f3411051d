"""What a service answered, held against its own OpenAPI document."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

from flask import Flask
from jsonschema import Draft202012Validator
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

from atlas_services.openapi.document import is_described, methods_of, path_of

_JSON = re.compile(r"application/(\w+\+)?json")


@cache
def _document(app: Flask) -> dict[str, Any]:
    return dict(app.test_client().get("/openapi.json").get_json())


def departures(app: Flask, answer: TestResponse) -> list[str]:
    """Return in what an answer is not as the application's document says; nothing for a route that it does not have."""
    operation = _operation(app, answer)
    if operation is None:
        return []
    where = f"{answer.request.method} {answer.request.path}: {answer.status_code}"
    responses = operation["responses"]
    described = responses.get(str(answer.status_code), responses["default"])
    content = described.get("content")
    if content is None or answer.request.method == "HEAD":
        return []
    media = answer.mimetype or ""
    if answer.status_code >= 400:
        content = {**responses["default"]["content"], **content}
    found = content.get(media, content.get("*/*"))
    if found is None:
        return [f"{where} is {media}, not one of {', '.join(content)}"]
    if "schema" not in found or not _JSON.fullmatch(media):
        return []
    return [f"{where}: {error}" for error in _errors(app, found["schema"], answer)]


def _operation(app: Flask, answer: TestResponse) -> dict[str, Any] | None:
    adapter = app.url_map.bind("", path_info=answer.request.path)
    try:
        rule, _ = adapter.match(method=answer.request.method, return_rule=True)
    except HTTPException:
        return None
    if not is_described(rule):
        return None
    method = answer.request.method
    if method not in methods_of(rule):
        method = "GET"  # HEAD and OPTIONS go without saying
    found = _document(app)["paths"][path_of(rule)].get(method.lower())
    return found if answer.request.method != "OPTIONS" else None


def _errors(app: Flask, schema: dict[str, Any], answer: TestResponse) -> list[str]:
    whole = {**schema, "components": _document(app)["components"]}
    value = json.loads(answer.get_data())
    return [f"at {error.json_path}: {error.message[:300]}" for error in Draft202012Validator(whole).iter_errors(value)]
