"""`python -m tests.api_document`: print the document of the routes that the page calls, for the types of its code."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from flask import Flask

from atlas_core.settings import Settings
from atlas_services.rest_api.app import make_app as rest_app
from atlas_services.scheduler.app import Scheduler


def documents(home: Path) -> list[dict[str, Any]]:
    """Return the documents of the services behind the proxy. Nothing is connected."""
    settings = Settings.from_environment({"FOUNDATIONS_HOME": str(home), "ATLAS_REDIS_URL": "redis://127.0.0.1:1/0"})
    return [document_of(app) for app in (rest_app(settings), Scheduler(settings).app())]


def document_of(app: Flask) -> dict[str, Any]:
    """Return what an application serves of itself."""
    return dict(app.test_client().get("/openapi.json").get_json())


def merged(found: list[dict[str, Any]]) -> dict[str, Any]:
    """Return one document of several, whose paths differ, and whose schemas of one name are the same.

    Services may call operations by the same name; in one document each has a name of its own.
    """
    paths: dict[str, Any] = {}
    names: set[str] = set()
    schemas: dict[str, Any] = {}
    for document in found:
        assert not set(paths) & set(document["paths"])
        paths |= document["paths"]
        for operation in (each for item in document["paths"].values() for each in item.values()):
            if operation["operationId"] in names:
                operation["operationId"] = f"{_word(document)}_{operation['operationId']}"
            names.add(operation["operationId"])
        for name, schema in document["components"]["schemas"].items():
            assert schemas.setdefault(name, schema) == schema, name
    first = found[0]
    return {
        "openapi": first["openapi"],
        "info": {**first["info"], "title": "Atlas", "description": "The routes behind the proxy."},
        "paths": dict(sorted(paths.items())),
        "components": {**first["components"], "schemas": dict(sorted(schemas.items()))},
    }


def _word(document: dict[str, Any]) -> str:
    """Return the service of a document, as names of operations say it."""
    return str(document["info"]["title"]).split()[-1].lower()


def text(home: Path) -> str:
    """Return the document as it is kept."""
    return json.dumps(merged(documents(home)), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as directory:
        sys.stdout.write(text(Path(directory)))
