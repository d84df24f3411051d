"""JSON Schemas, put together from small parts. A schema is a plain mapping; one with a name is shown once, by that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Schema = Mapping[str, Any]


class Named(dict[str, Any]):
    """A schema that a document holds once, among its components, and refers to elsewhere."""

    def __init__(self, name: str, schema: Schema) -> None:
        super().__init__(schema)
        self.name = name


TEXT: Schema = {"type": "string"}
FLAG: Schema = {"type": "boolean"}
INTEGER: Schema = {"type": "integer"}
COUNT: Schema = {"type": "integer", "minimum": 0}
NUMBER: Schema = {"type": "number"}
#: Seconds since the epoch.
TIME: Schema = Named("Time", {"type": "number", "description": "Seconds since 1970-01-01 00:00 UTC."})
#: What people log.
VALUE: Schema = Named(
    "Value",
    {
        "type": ["string", "number", "boolean", "null", "array", "object"],
        "description": 'What somebody logged. NaN and infinity are "NaN", "Infinity" and "-Infinity".',
    },
)
#: A number, or the word for one that JSON cannot hold; null where there is none.
FIGURE: Schema = Named(
    "Figure",
    {
        "anyOf": [{"type": "number"}, {"enum": ["NaN", "Infinity", "-Infinity"]}, {"type": "null"}],
        "description": "A number, the word for one that JSON cannot hold, or null where there is none.",
    },
)


def members(required: Mapping[str, Schema], optional: Mapping[str, Schema] | None = None) -> Schema:
    """Return the schema of an object with these members and no others."""
    shown: dict[str, Any] = {"type": "object", "properties": {**required, **(optional or {})}}
    if required:
        shown["required"] = list(required)
    return {**shown, "additionalProperties": False}


def open_members(required: Mapping[str, Schema], optional: Mapping[str, Schema] | None = None) -> Schema:
    """Return the schema of an object with these members, and with others of which nothing is said."""
    return {**members(required, optional), "additionalProperties": True}


def list_of(of: Schema, **limits: int) -> Schema:
    """Return the schema of a list; `limits` are such as `maxItems`."""
    return {"type": "array", "items": of, **limits}


def row(*of: Schema) -> Schema:
    """Return the schema of a list with one element of each."""
    # Without `prefixItems`, which would say in which order: schemathesis reads it as the `items` of older drafts.
    return {"type": "array", "items": {"anyOf": list(of)}, "minItems": len(of), "maxItems": len(of)}


def map_of(of: Schema) -> Schema:
    """Return the schema of an object whose members are all alike, whatever their names."""
    return {"type": "object", "additionalProperties": of}


def one_of(values: Sequence[str]) -> Schema:
    """Return the schema of a text that is one of these."""
    return {"type": "string", "enum": list(values)}


def nullable(schema: Schema) -> Schema:
    """Return the schema of this, or null."""
    return {"anyOf": [schema, {"type": "null"}]}


def either(*schemas: Schema) -> Schema:
    """Return the schema of what one of these describes, or several."""
    return {"anyOf": list(schemas)}


def text(pattern: str | None = None, **limits: Any) -> Schema:
    """Return the schema of a text; `limits` are such as `maxLength`."""
    return {"type": "string", **({"pattern": pattern} if pattern else {}), **limits}


def whole(least: int = 0, most: int | None = None) -> Schema:
    """Return the schema of a whole number between two others."""
    return {"type": "integer", "minimum": least, **({} if most is None else {"maximum": most})}
