"""Every answer that a contract test gets is held against the document that its service serves; a stack with a login."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from tests.documented import departures
from tests.fake_issuer import FakeIssuer, fake_issuer
from tests.guarded_stack import GuardedStack, guarded_stack
from tests.scheduler_service import SchedulerInProcess, scheduler_in_process
from werkzeug.test import TestResponse


@pytest.fixture(autouse=True)
def _answers_are_as_documented(monkeypatch: pytest.MonkeyPatch) -> None:
    send = FlaskClient.open

    def checked(client: FlaskClient, *arguments: Any, **options: Any) -> TestResponse:
        answer = send(client, *arguments, **options)
        if "openapi" in client.application.blueprints:
            assert departures(client.application, answer) == []
        return answer

    monkeypatch.setattr(FlaskClient, "open", checked)


@pytest.fixture
def server(tmp_path: Path, redis_url: str) -> Iterator[SchedulerInProcess]:
    """A scheduler that runs jobs."""
    with scheduler_in_process(tmp_path, redis_url) as running:
        yield running


@pytest.fixture
def queue(tmp_path: Path, redis_url: str) -> Iterator[SchedulerInProcess]:
    """A scheduler without workers: what is queued stays queued."""
    with scheduler_in_process(tmp_path, redis_url, NUM_WORKERS="0") as running:
        yield running


@pytest.fixture(scope="module")
def issuer() -> Iterator[FakeIssuer]:
    """An issuer of tokens, the users' names and roles in its hands."""
    with fake_issuer() as issuer:
        yield issuer


@pytest.fixture(scope="module")
def stack(redis_server: str, issuer: FakeIssuer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[GuardedStack]:
    """A proxy at which the issuer's users log in, and services behind it."""
    with guarded_stack(redis_server, tmp_path_factory.mktemp("home"), issuer.url) as stack:
        yield stack
