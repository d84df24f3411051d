from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.exceptions import MethodNotAllowed, NotFound

from atlas_core.settings import Settings
from atlas_services.archive_server.app import make_app as archive_app
from atlas_services.auth_proxy.routes import RouteTable, Service
from atlas_services.rest_api.app import make_app as rest_app
from atlas_services.scheduler.app import Scheduler
from atlas_services.tensorboard_api.app import TensorBoardApi

#: Each service answers them about itself. Of two, the proxy has those of the REST API; nobody outside asks for others.
OWN = {"/", "/healthz", "/readyz", "/metrics", "/openapi.json", "/docs"}
#: The REST API asks for them, when a job is deleted, sent to TensorBoard, or its event files are read.
INTERNAL = {
    ("DELETE", "/archive/<job_id>/"),
    ("POST", "/selections"),
    ("POST", "/create_sym_links"),
    ("GET", "/jobs/<job_id>/scalars"),
    ("HEAD", "/jobs/<job_id>/scalars"),
    *((method, f"/api/v3/openapi/tensorboard_api.{kind}") for method in ("GET", "HEAD") for kind in ("json", "html")),
}


@pytest.fixture
def apps(tmp_path: Path) -> dict[Service, Flask]:
    """The application of every service. No thread runs and nothing is connected."""
    settings = Settings.from_environment({"FOUNDATIONS_HOME": str(tmp_path)})
    return {
        Service.SCHEDULER: Scheduler(settings).app(),
        Service.REST_API: rest_app(settings),
        Service.ARCHIVE: archive_app(settings),
        Service.TENSORBOARD: TensorBoardApi(settings).app(),
    }


def routes_of(app: Flask) -> Iterator[tuple[str, str, str]]:
    """Yield method, pattern and an example of each route that clients may ask for."""
    for rule in app.url_map.iter_rules():
        values = {name: _example(converter) for name, converter in rule._converters.items()}
        built = rule.build({**(rule.defaults or {}), **values}, append_unknown=False)
        assert built is not None, rule.rule
        for method in (rule.methods or set()) - {"OPTIONS"}:
            if rule.rule not in OWN and (method, rule.rule) not in INTERNAL:
                yield method, rule.rule, built[1]


def _example(converter: object) -> object:
    name = type(converter).__name__
    return 7 if name == "IntegerConverter" else ("a/b" if name == "PathConverter" else "x")


def test_every_route_of_every_service_passes_the_proxy(apps: dict[Service, Flask]) -> None:
    table, missing, count = RouteTable(), [], 0
    for service, app in apps.items():
        for method, pattern, example in routes_of(app):
            count += 1
            try:
                found = table.find(example, method).service
            except (NotFound, MethodNotAllowed):
                found = None
            if found is not service:
                missing.append(f"{method} {pattern} ({service.value})")
    assert missing == []
    assert count > 50


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/metrics"),
        ("GET", "/readyz"),
        ("GET", "/api"),
        ("GET", "/api/v2beta"),
        ("GET", "/archive"),
        ("GET", "/archive//x"),
        ("GET", "//jobs/x"),
        ("GET", "/jobs/a/b"),
        ("GET", "/Jobs/a"),
        ("GET", ""),
    ],
)
def test_what_is_no_route_is_not_found(method: str, path: str) -> None:
    with pytest.raises(NotFound):
        RouteTable().find(path, method)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/archive/x/", {"GET", "HEAD"}),
        ("PUT", "/jobs/x", {"GET", "HEAD"}),
        ("TRACE", "/queued_jobs/3", {"GET", "HEAD", "DELETE", "PATCH"}),
    ],
)
def test_a_method_that_a_route_does_not_take_is_told_from_those_that_it_does(
    method: str, path: str, allowed: set[str]
) -> None:
    with pytest.raises(MethodNotAllowed) as refusal:
        RouteTable().find(path, method)
    assert set(refusal.value.valid_methods or ()) == allowed
