"""Every answer that a contract test gets is held against the document that its service serves."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from tests.documented import departures
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
