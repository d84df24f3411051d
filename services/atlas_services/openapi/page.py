"""An OpenAPI document as one page of HTML: no script, no other host, readable in any browser and by any reader."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from html import escape
from itertools import groupby
from typing import Any

_STYLE = """
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
h2 { margin-top: 2.5rem; border-bottom: 1px solid color-mix(in srgb, currentColor 20%, transparent); }
details { margin: .35rem 0; } summary { cursor: pointer; padding: .3rem 0; }
details > div { margin: .3rem 0 1rem 1.2rem; }
code, pre { font: 13px/1.45 ui-monospace, monospace; }
pre { overflow-x: auto; padding: .6rem .8rem; border-radius: 6px; }
pre { background: color-mix(in srgb, currentColor 7%, transparent); }
table { border-collapse: collapse; } th, td { text-align: left; vertical-align: top; padding: .2rem 1rem .2rem 0; }
.method { display: inline-block; min-width: 4.2rem; font-weight: 600; } .about { opacity: .75; margin-left: .6rem; }
.old { opacity: .65; font-size: 85%; }
"""
_METHODS = ("get", "head", "post", "put", "patch", "delete")
#: Levels of a schema that are written out; a schema with a name is a link.
_DEPTH = 6


def page_of(document: Mapping[str, Any], address: str) -> str:
    """Return the page of the document at `address`: each operation with its parameters and answers, each schema."""
    info = document["info"]
    title = escape(info["title"])
    parts = [
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>',
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head><body>',
        f"<h1>{title} {escape(info['version'])}</h1><p>{escape(info.get('description', ''))}</p>",
        f'<p>For programs: <a href="{escape(address)}">{escape(address)}</a></p>',
        *_groups(document["paths"]),
        "<h2>Schemas</h2>",
        *_schemas(document["components"]["schemas"]),
        "</body></html>",
    ]
    return "\n".join(parts)


def _groups(paths: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    operations = [
        (item[method]["tags"][0], path, method, item[method])
        for path, item in paths.items()
        for method in _METHODS
        if method in item
    ]
    operations.sort(key=lambda operation: (operation[0], operation[1]))
    for tag, group in groupby(operations, key=lambda operation: operation[0]):
        yield f"<h2>{escape(tag.replace('_', ' '))}</h2>"
        yield from (_operation(path, method, operation) for _, path, method, operation in group)


def _operation(path: str, method: str, operation: Mapping[str, Any]) -> str:
    name = escape(operation["operationId"])
    old = ' <span class="old">(older form)</span>' if operation.get("x-old") else ""
    return (
        f'<details id="{name}"><summary><code><span class="method">{method.upper()}</span>{escape(path)}</code>'
        f'<span class="about">{escape(operation["summary"])}{old}</span></summary><div>'
        f"{_parameters(operation)}{_body(operation)}{_answers(operation)}</div></details>"
    )


def _parameters(operation: Mapping[str, Any]) -> str:
    rows = [
        f"<tr><td><code>{escape(each['name'])}</code></td><td>{each['in']}{', required' if each['required'] else ''}"
        f"</td><td><code>{_written(each['schema'])}</code></td><td>{escape(each.get('description', ''))}</td></tr>"
        for each in operation.get("parameters", ())
    ]
    return f"<table><tr><th>parameter</th><th></th><th></th><th></th></tr>{''.join(rows)}</table>" if rows else ""


def _body(operation: Mapping[str, Any]) -> str:
    body = operation.get("requestBody")
    return f"<p>Body: {_content(body['content'])}</p>" if body else ""


def _answers(operation: Mapping[str, Any]) -> str:
    return "".join(
        f"<p><strong>{status}</strong> {escape(answer['description'])} {_content(answer.get('content', {}))}</p>"
        for status, answer in operation["responses"].items()
    )


def _content(content: Mapping[str, Any]) -> str:
    return " ".join(
        f"<code>{escape(media)}</code>{'<pre>' + _written(one['schema']) + '</pre>' if one.get('schema') else ''}"
        for media, one in content.items()
    )


def _schemas(schemas: Mapping[str, Any]) -> Iterator[str]:
    for name, schema in schemas.items():
        about = escape(schema.get("description", ""))
        yield f'<h3 id="schema-{escape(name)}">{escape(name)}</h3><p>{about}</p><pre>{_written(schema)}</pre>'


def _written(schema: Mapping[str, Any], depth: int = 0) -> str:
    """Return a schema as people write a type."""
    pad = "  " * (depth + 1)
    if "$ref" in schema:
        name = escape(schema["$ref"].rpartition("/")[2])
        return f'<a href="#schema-{name}">{name}</a>'
    if "anyOf" in schema:
        return " | ".join(_written(each, depth) for each in schema["anyOf"])
    if "enum" in schema:
        return escape(" | ".join(json.dumps(value) for value in schema["enum"]))
    if depth < _DEPTH and schema.get("properties"):
        optional = set(schema["properties"]) - set(schema.get("required", ()))
        lines = [
            f"{pad}{escape(name)}{'?' if name in optional else ''}: {_written(each, depth + 1)}"
            for name, each in schema["properties"].items()
        ]
        return "{\n" + "\n".join(lines) + "\n" + "  " * depth + "}"
    if schema.get("type") == "array":
        return f"[{_written(schema['items'], depth)}, …]" if "items" in schema else "[…]"
    if isinstance(schema.get("additionalProperties"), Mapping):
        return f"{{name: {_written(schema['additionalProperties'], depth)}, …}}"
    kind = schema.get("type", "anything")
    return escape(" | ".join(kind) if isinstance(kind, list) else str(kind))
