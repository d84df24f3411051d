"""The documents that the services serve of themselves."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from jsonschema import Draft202012Validator
from tests import api_document

from atlas_core.settings import Settings
from atlas_services.archive_server.app import make_app as archive_app
from atlas_services.openapi.document import is_described, methods_of, path_of
from atlas_services.rest_api.app import make_app as rest_app
from atlas_services.scheduler.app import Scheduler
from atlas_services.tensorboard_api.app import TensorBoardApi

SERVICES: dict[str, Callable[[Settings], Flask]] = {
    "rest_api": rest_app,
    "archive_server": archive_app,
    "scheduler": lambda settings: Scheduler(settings).app(),
    "tensorboard_api": lambda settings: TensorBoardApi(settings).app(),
}


def settings(home: Path) -> Settings:
    return Settings.from_environment({"FOUNDATIONS_HOME": str(home), "ATLAS_REDIS_URL": "redis://127.0.0.1:1/0"})


@pytest.fixture(params=SERVICES)
def app(request: pytest.FixtureRequest, tmp_path: Path) -> Flask:
    return SERVICES[request.param](settings(tmp_path))


@pytest.fixture
def document(app: Flask) -> dict[str, Any]:
    return dict(app.test_client().get("/openapi.json").get_json())


def operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    return (operation for item in document["paths"].values() for operation in item.values())


def schemas(part: Any) -> Iterator[Any]:
    if isinstance(part, dict):
        yield from ([part["schema"]] if "schema" in part else [])
        yield from (schema for each in part.values() for schema in schemas(each))
    elif isinstance(part, list):
        yield from (schema for each in part for schema in schemas(each))


def test_every_route_is_in_the_document_and_nothing_else(app: Flask, document: dict[str, Any]) -> None:
    routes = {
        (method, path_of(rule))
        for rule in app.url_map.iter_rules()
        if is_described(rule)
        for method in methods_of(rule)
    }
    assert {(method.upper(), path) for path, item in document["paths"].items() for method in item} == routes
    assert document["openapi"].startswith("3.1")


def test_every_schema_is_one_and_refers_to_what_is_there(document: dict[str, Any]) -> None:
    components = document["components"]["schemas"]
    found = [*schemas(document["paths"]), *components.values()]
    assert len(found) > 4
    for schema in found:
        Draft202012Validator.check_schema(schema)
    referred = set(re.findall(r"'#/components/schemas/(\w+)'", str(document)))
    assert referred == set(components)


def test_every_operation_has_a_name_of_its_own_and_says_what_it_does(document: dict[str, Any]) -> None:
    names = [operation["operationId"] for operation in operations(document)]
    assert len(names) == len(set(names))
    assert all(operation["summary"] and operation["responses"] for operation in operations(document))


def test_parts_of_a_path_are_its_parameters(document: dict[str, Any]) -> None:
    for path, item in document["paths"].items():
        for operation in item.values():
            named = {each["name"] for each in operation.get("parameters", ()) if each["in"] == "path"}
            assert named == set(re.findall(r"{(\w+)}", path))


def test_a_name_that_a_route_does_not_declare_is_refused(app: Flask, document: dict[str, Any]) -> None:
    client, tried = app.test_client(), 0
    for path, item in document["paths"].items():
        for method, operation in item.items():
            address = re.sub(r"{(\w+)}", "0", path)
            answer = client.open(f"{address}?unheard-of=1", method=method.upper())
            refused = answer.status_code == 400 and (method == "head" or b"unheard-of" in answer.data)
            is_tolerant = "x-old" in operation or path.startswith(("/archive/", "/tensorboard/"))
            assert refused or (is_tolerant and answer.status_code != 500), f"{method} {path}"
            tried += refused
    assert tried


def test_bodies_of_json_have_the_members_that_are_described_and_no_others(document: dict[str, Any]) -> None:
    for operation in operations(document):
        body = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if body is not None and "x-old" not in operation:
            assert resolved(document, body["schema"])["additionalProperties"] is False, operation["operationId"]


def resolved(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    name = schema.get("$ref", "").rpartition("/")[2]
    return dict(document["components"]["schemas"][name]) if name else schema


def test_the_page_shows_every_operation_and_loads_nothing(app: Flask, document: dict[str, Any]) -> None:
    answer = app.test_client().get("/docs")
    assert answer.content_type == "text/html; charset=utf-8"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert not re.search(r"<(script|img|link|iframe)|https?://|@import|url\(", answer.text)
    shown = set(re.findall(r'<details id="(\w+)">', answer.text))
    assert shown == {operation["operationId"] for operation in operations(document)}


def test_the_document_that_the_page_is_typed_by_is_up_to_date(tmp_path: Path) -> None:
    kept = Path(__file__).parents[2] / "gui" / "openapi.json"
    assert kept.read_text() == api_document.text(tmp_path), "Run `make openapi`."
