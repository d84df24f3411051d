"""What a request brings that its route does not declare: a name that nobody reads is a mistake of whoever wrote it.

The older routes take whatever comes, as the original did, and so do those that say so.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from flask import current_app, request

from atlas_core.errors import InvalidInput
from atlas_core.near_names import nearest
from atlas_services.openapi.operation import Operation, operation_of
from atlas_services.openapi.schema import Schema

#: Kinds of values that have members or elements.
_NESTED = ("object", "array")
#: A body that says nothing.
_NOTHING = b"{}"
#: Characters of a name that are shown.
_SHOWN = 100


def refuse_undeclared() -> None:
    """Check the present request before its route does. Raises `InvalidInput`, naming what the route does not take."""
    operation = _strict_operation()
    if operation is None:
        return
    known = [param.name for param in operation.query]
    for name in request.args:
        if name not in known:
            raise _unknown(name, "parameter", known)
    takes_body = operation.body is not None or request.method in {"GET", "HEAD", "OPTIONS"}
    if not takes_body and (request.content_length or 0) > 0:
        _refuse_body()


def refuse_undeclared_members(body: Mapping[str, Any]) -> None:
    """Check the JSON of the present request's body. Raises `InvalidInput`, naming what the route does not take."""
    operation = _strict_operation()
    if operation is not None and operation.body is not None and operation.body.schema is not None:
        _check(body, operation.body.schema, "")


def _strict_operation() -> Operation | None:
    """Return what the route of the present request declares, if it takes nothing else."""
    function = current_app.view_functions.get(request.endpoint or "")
    operation = operation_of(function) if function is not None else None
    return None if operation is None or operation.is_old or operation.takes_anything else operation


def _refuse_body() -> None:
    if request.content_length == len(_NOTHING) and request.get_data() == _NOTHING:
        return
    raise InvalidInput(f"`{request.method} {request.path}` takes no body; send none.", field="body")


def _check(value: object, schema: Schema, place: str) -> None:
    if isinstance(value, Mapping):
        _check_members(value, schema, place)
    elif isinstance(value, list) and schema.get("items", {}).get("type") in _NESTED:
        for index, each in enumerate(value):
            _check(each, schema["items"], f"{place}[{index}]")


def _check_members(value: Mapping[str, Any], schema: Schema, place: str) -> None:
    known, others = schema.get("properties", {}), schema.get("additionalProperties", True)
    for name, each in value.items():
        below = known.get(name, others)
        path = f"{place}.{name}" if place else name
        if below is False:
            raise _unknown(path, "member", [f"{place}.{each}" if place else each for each in known])
        if isinstance(below, Mapping) and below.get("type") in _NESTED:
            _check(each, below, path[:_SHOWN])


def _unknown(name: str, kind: str, known: Collection[str]) -> InvalidInput:
    near = nearest(name, known)
    hint = f"did you mean `{near}`? " if near else ""
    taken = f"it takes {', '.join(sorted(known))}" if known else "it takes none"
    sentence = f"{name[:_SHOWN]}: this request takes no such {kind}; {hint}"
    return InvalidInput(f"{sentence}{taken[0].upper() if near else taken[0]}{taken[1:]}.", field=name[:_SHOWN])
