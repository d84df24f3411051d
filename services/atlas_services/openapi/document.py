"""The OpenAPI document of an application, made of its routes and of what stands beside each."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping
from http import HTTPStatus
from importlib import metadata
from typing import Any

from flask import Flask
from werkzeug.routing import Rule

from atlas_services.openapi.operation import PROBLEM_TYPE, Answer, Operation, operation_of
from atlas_services.openapi.schema import TEXT, Named, Schema, open_members, whole

#: Routes of every service, which are no part of what it is for.
_EVERYWHERE = frozenset({"/healthz", "/readyz", "/metrics"})
#: What the blueprint is called whose routes serve the document.
OWN = "openapi"

_PART = re.compile(r"<(?:(\w+):)?(\w+)>")
_KINDS: Mapping[str | None, Schema] = {"int": whole(), None: TEXT, "path": TEXT, "name": TEXT}

PROBLEM: Schema = Named(
    "Problem",
    open_members(
        {"type": TEXT, "title": TEXT, "status": {"type": "integer"}, "code": TEXT, "detail": TEXT},
        {"field": TEXT},
    ),
)
_FAILURE = Answer("What went wrong, as RFC 9457 says it.", PROBLEM, PROBLEM_TYPE)


class Undescribed(LookupError):
    """Raised when a route has no description."""


def document_of(app: Flask, title: str, about: str) -> dict[str, Any]:
    """Return the document of all routes of an application but those of every service. Raises `Undescribed`."""
    components: dict[str, Any] = {}
    paths: dict[str, dict[str, Any]] = {}
    names: set[str] = set()
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        if not is_described(rule):
            continue
        operation = operation_of(app.view_functions[rule.endpoint])
        if operation is None:
            raise Undescribed(f"{rule.rule} is described nowhere.")
        item = paths.setdefault(path_of(rule), {})
        for method in methods_of(rule):
            name = _operation_id(rule, method, names)
            names.add(name)
            item[method.lower()] = {"operationId": name, **_rendered(rule, operation)}
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": metadata.version("atlas-services"), "description": about},
        "paths": _by_reference(paths, components),
        "components": {
            "schemas": dict(sorted(components.items())),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def is_described(rule: Rule) -> bool:
    """Whether a route belongs into the document."""
    return rule.rule not in _EVERYWHERE and not str(rule.endpoint).startswith(f"{OWN}.")


def path_of(rule: Rule) -> str:
    """Return the path of a rule as OpenAPI writes it, such as `/jobs/{job_id}`."""
    return _PART.sub(r"{\2}", rule.rule)


def methods_of(rule: Rule) -> list[str]:
    """Return the methods of a rule that are its own: HEAD goes without saying where there is GET."""
    methods = (rule.methods or set()) - {"OPTIONS"}
    return sorted(method for method in methods if method != "HEAD" or "GET" not in methods)


def _operation_id(rule: Rule, method: str, taken: Container[str]) -> str:
    """Return the name of the function, with what tells it from others of the same."""
    name = str(rule.endpoint).replace(".", "_")
    if len(methods_of(rule)) > 1:
        name = f"{name}_{method.lower()}"
    return "_".join([name, *(part for _, part in _parts(rule.rule))]) if name in taken else name


def _rendered(rule: Rule, operation: Operation) -> dict[str, Any]:
    shown: dict[str, Any] = {"summary": operation.summary, "tags": [str(rule.endpoint).partition(".")[0]]}
    parameters = list(_parameters(rule, operation))
    if parameters:
        shown["parameters"] = parameters
    if operation.body is not None:
        schema = operation.body.schema
        content = {operation.body.media: {} if schema is None else {"schema": schema}}
        shown["requestBody"] = {"content": content, "required": operation.body.required}
    failures = {status: _FAILURE for status in operation.fails if status not in operation.answers}
    answers = dict(sorted({**operation.answers, **failures}.items()))
    shown["responses"] = {str(status): _answer(status, answer) for status, answer in answers.items()}
    shown["responses"]["default"] = _answer(None, _FAILURE)
    if operation.is_old:
        shown["x-old"] = True
    if operation.takes_token:
        shown["security"] = [{"token": []}]
    return shown


def _parameters(rule: Rule, operation: Operation) -> Iterator[dict[str, Any]]:
    for kind, name in _parts(rule.rule):
        schema = operation.path.get(name, _KINDS[kind])
        yield {"name": name, "in": "path", "required": True, "schema": schema}
    for query in operation.query:
        shown = _parameter("query", query.name, query.about, query.schema, query.required)
        yield shown if query.repeated else {**shown, "style": "form", "explode": False}
    for header in operation.headers:
        yield _parameter("header", header.name, header.about, header.schema, header.required)


def _parameter(place: str, name: str, about: str, schema: Schema, required: bool) -> dict[str, Any]:
    return {"name": name, "in": place, "description": about, "required": required, "schema": schema}


def _parts(rule: str) -> Iterable[tuple[str | None, str]]:
    return ((match[1], match[2]) for match in _PART.finditer(rule))


def _answer(status: int | None, answer: Answer) -> dict[str, Any]:
    about = answer.about or ("A failure." if status is None else HTTPStatus(status).phrase)
    if answer.media is None:
        return {"description": about}
    content = {answer.media: {} if answer.schema is None else {"schema": answer.schema}}
    content |= {media: {} for media in answer.or_else}
    if (
        status is not None and status >= HTTPStatus.BAD_REQUEST
    ):  # what is wrong may be noticed before the route is asked
        content[PROBLEM_TYPE] = {"schema": PROBLEM}
    return {"description": about, "content": content}


def _by_reference(part: Any, components: dict[str, Any]) -> Any:
    """Return a part of the document in which schemas with a name are references to `components`, which are added."""
    if isinstance(part, Named):
        if part.name not in components:
            components[part.name] = None  # it may refer to itself
            components[part.name] = _by_reference(dict(part), components)
        return {"$ref": f"#/components/schemas/{part.name}"}
    if isinstance(part, Mapping):
        return {key: _by_reference(value, components) for key, value in part.items()}
    if isinstance(part, (list, tuple)):
        return [_by_reference(value, components) for value in part]
    return part
