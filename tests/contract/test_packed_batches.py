"""Batches of a journal that are packed for a long way."""

from __future__ import annotations

import gzip
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from tests.redis_server import free_port
from werkzeug.test import TestResponse

from atlas_core.records import operation_frame, point_frame
from atlas_core.settings import Settings
from atlas_services.rest_api.app import make_app

FRAMES = operation_frame("start", project="p", user="ann", time=1e9) + b"".join(
    point_frame("loss", float(number), 1e9, number) or b"" for number in range(5000)
)


@pytest.fixture
def http(redis_url: str) -> Iterator[FlaskClient]:
    """The REST API."""
    nobody = f"http://127.0.0.1:{free_port()}"
    services = {"ATLAS_SCHEDULER_URL": nobody, "ATLAS_ARCHIVE_URL": nobody}
    environment = {"ATLAS_REDIS_URL": redis_url, "FOUNDATIONS_HOME": "/nowhere", **services}
    with make_app(Settings.from_environment(environment)).test_client() as client:
        yield client


def post(http: FlaskClient, data: bytes, encoding: str = "gzip") -> TestResponse:
    headers = {
        "Authorization": "Bearer t",
        "Content-Type": "application/octet-stream",
        "Content-Encoding": encoding,
    }
    return http.post("/api/v3/jobs/packed/journal/w?offset=0", data=data, headers=headers)


def test_a_packed_batch_is_applied_by_the_position_of_what_is_packed(http: FlaskClient) -> None:
    for _ in range(2):
        answer = post(http, gzip.compress(FRAMES))
        assert (answer.status_code, answer.get_json()) == (200, {"applied": len(FRAMES)})
    assert len(http.get("/api/v3/jobs/packed/series/loss").get_json()["values"]) == 5000


def test_a_batch_that_becomes_too_large_when_it_is_unpacked_is_refused(http: FlaskClient) -> None:
    answer = post(http, gzip.compress(bytes(64 * 1024**2)))
    assert (answer.status_code, answer.get_json()["code"]) == (413, "payload_too_large")


@pytest.mark.parametrize(
    ("data", "encoding"),
    [(b"not packed", "gzip"), (gzip.compress(FRAMES)[:-20], "gzip"), (FRAMES, "br")],
    ids=["not packed", "cut off", "unknown"],
)
def test_what_cannot_be_unpacked_is_refused(http: FlaskClient, data: bytes, encoding: str) -> None:
    answer = post(http, data, encoding)
    assert (answer.status_code, answer.get_json()["code"]) == (400, "invalid_input")
