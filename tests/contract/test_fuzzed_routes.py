"""What the documents allow, and what they do not, sent to every route: no answer is an error of ours or undescribed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, TypeAlias

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, seed
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from werkzeug.serving import make_server

from atlas_core.records import operation_frame, point_frame
from atlas_core.settings import Settings
from atlas_services.archive_server.app import make_app as archive_app
from atlas_services.openapi import JSON_TYPE
from atlas_services.rest_api.app import make_app as rest_app
from atlas_services.scheduler.app import Scheduler
from atlas_services.tensorboard_api.app import TensorBoardApi
from atlas_services.tracker import Tracker, open_tracker

#: One operation of a document, and a request to it.
Operation: TypeAlias = APIOperation[Any, Any, Any, Any]
Request: TypeAlias = Case[Any]

CHECKS = [status_code_conformance, content_type_conformance, response_schema_conformance]
#: Requests to each operation of each kind.
EXAMPLES = 12
#: A stream that ends with the connection, and a job that nobody ends.
ENDLESS = {"/api/v3/events"}
#: What there is, so that requests get further than to the door.
KNOWN = {"job_id": "a", "project": "p", "name": "loss", "key": "k", "order": "status/desc"}

SERVICES: dict[str, Callable[[Settings], Flask]] = {
    "rest_api": rest_app,
    "archive_server": archive_app,
    "scheduler": lambda settings: Scheduler(settings).app(),
    "tensorboard_api": lambda settings: TensorBoardApi(settings).app(),
}

NEIGHBOURS = {
    "ATLAS_SCHEDULER_URL": SERVICES["scheduler"],
    "ATLAS_ARCHIVE_URL": archive_app,
    "ATLAS_TENSORBOARD_API_URL": SERVICES["tensorboard_api"],
}


@pytest.fixture
def tracker(redis_url: str) -> Iterator[Tracker]:
    """A tracker with one job that ended."""
    tracker = open_tracker(redis_url)
    frames = [
        operation_frame("start", project="p", user="ann", time=1.0),
        operation_frame("param", name="lr", value=0.1),
        operation_frame("tag", key="k", value="v"),
        point_frame("loss", 1.0, 2.0) or b"",
        point_frame("loss", float("nan"), 3.0) or b"",
        operation_frame("end", status="completed", exit_code=0, time=9.0),
    ]
    tracker.journals.apply("a", "w", 0, b"".join(frames), "token", 1.0)
    yield tracker
    tracker.client.close()


@pytest.fixture
def settings(redis_url: str, tracker: Tracker, tmp_path: Path) -> Iterator[Settings]:
    """Settings with the other services behind the one that is asked."""
    home = {"FOUNDATIONS_HOME": str(tmp_path), "ATLAS_REDIS_URL": redis_url}
    with ExitStack() as stack:
        alone = Settings.from_environment(home)
        urls = {name: stack.enter_context(served(make(alone))) for name, make in NEIGHBOURS.items()}
        yield Settings.from_environment({**urls, **home})


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """Serve an application by threads of this process; yields its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("mode", GenerationMode)
def test_every_route_answers_as_documented(service: str, mode: GenerationMode, settings: Settings) -> None:
    schema = schemathesis.openapi.from_wsgi("/openapi.json", SERVICES[service](settings))
    failures = []
    for found in schema.get_all_operations():
        assert isinstance(found, Ok), found
        operation = found.ok()
        if operation.path in ENDLESS or (mode is GenerationMode.NEGATIVE and not can_be_wrong(operation)):
            continue
        try:
            probe(operation, mode)
        except FailureGroup as several:
            failures += [f"{operation.label}: {each}" for each in several.exceptions]
        except AssertionError as error:
            failures.append(f"{operation.label}: {error}")
    assert not failures, "\n\n".join(failures)


def can_be_wrong(operation: Operation) -> bool:
    """Whether there are requests that the document does not allow: any text may be part of a path."""
    has_json = any(body.media_type == JSON_TYPE for body in operation.body)
    return has_json or any(operation.query) or any(operation.headers)


def probe(operation: Operation, mode: GenerationMode) -> None:
    """Send requests to an operation, half of them about what there is."""

    @seed(20200106)
    @hypothesis_settings(
        max_examples=EXAMPLES,
        database=None,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode), known=st.booleans())
    def send(case: Request, known: bool) -> None:
        if known and case.path_parameters:
            case.path_parameters.update({name: KNOWN[name] for name in case.path_parameters if name in KNOWN})
        answer = case.call(headers={"Accept-Encoding": "identity"})  # the client for tests unpacks nothing
        assert answer.status_code != 500, f"{case.as_curl_command()}\n{answer.text}"
        case.validate_response(answer, checks=CHECKS)

    send()
