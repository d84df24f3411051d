"""Whatever is wrong, a service answers with a problem that says what, and what to do."""

from __future__ import annotations

import pytest
from flask import Flask, request
from werkzeug.exceptions import RequestedRangeNotSatisfiable, UnsupportedMediaType
from werkzeug.test import TestResponse

from atlas_core.errors import AtlasError, ServerUnreachable, TooManyRequests, Unauthorized, from_problem
from atlas_core.settings import Settings
from atlas_services.tracker import UNAVAILABLE
from atlas_services.web import new_app


def app() -> Flask:
    return new_app("test", Settings.from_environment({}), lambda: None)


def answer_to(error: Exception) -> TestResponse:
    def fail() -> str:
        raise error

    service = app()
    service.get("/")(fail)
    return service.test_client().get("/")


def check_problem(answer: TestResponse, status: int, code: str) -> str:
    """Check what every problem has; returns what it says to people."""
    problem = answer.get_json()
    assert answer.content_type == "application/problem+json"
    assert (answer.status_code, problem["status"], problem["code"]) == (status, status, code)
    assert problem["type"] == "about:blank"
    assert problem["title"]
    return str(problem["detail"])


def test_an_unknown_address_is_named_with_where_to_look() -> None:
    detail = check_problem(app().test_client().get("/api/v3/jbos"), 404, "not_found")
    assert detail == "`/api/v3/jbos` is no address of this service; `/docs` shows those that it has."


def test_a_wrong_method_is_told_which_there_are() -> None:
    answer = app().test_client().delete("/healthz")
    detail = check_problem(answer, 405, "method_not_allowed")
    assert detail == "`/healthz` does not take DELETE, but GET, HEAD, OPTIONS."
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


def test_a_part_that_there_is_not_is_answered_with_the_size() -> None:
    def part() -> str:
        raise RequestedRangeNotSatisfiable(10)

    service = app()
    service.get("/")(part)
    answer = service.test_client().get("/", headers={"Range": "bytes=20-"})
    detail = check_problem(answer, 416, "requested_range_not_satisfiable")
    assert detail == "Range: 'bytes=20-' is no part of the 10 bytes that there are."
    assert answer.headers["Content-Range"] == "bytes */10"


def test_a_body_that_is_too_large_is_told_the_limit() -> None:
    def read() -> str:
        request.max_content_length = 5
        return request.get_data().decode()

    service = app()
    service.post("/")(read)
    answer = service.test_client().post("/", data="123456")
    assert "larger than 5 bytes" in check_problem(answer, 413, "payload_too_large")
    assert answer.get_json()["limit"] == 5


@pytest.mark.parametrize(
    ("error", "code", "seconds"),
    [
        (ServerUnreachable("Gone."), "server_unreachable", "1"),
        (TooManyRequests("Slowly.", retry_after=7), "too_many_requests", "7"),
        (UNAVAILABLE[0]("no database"), "server_unreachable", "1"),
    ],
)
def test_what_may_be_tried_again_says_when(error: Exception, code: str, seconds: str) -> None:
    answer = answer_to(error)
    check_problem(answer, 429 if code == "too_many_requests" else 503, code)
    assert answer.headers["Retry-After"] == seconds


def test_who_is_not_known_hears_how_to_say_it() -> None:
    assert answer_to(Unauthorized("Who?")).headers["WWW-Authenticate"] == "Bearer"


def test_what_is_said_on_purpose_stays() -> None:
    detail = check_problem(answer_to(UnsupportedMediaType("Send bytes.")), 415, "unsupported_media_type")
    assert detail == "Send bytes."


def test_a_fault_of_ours_says_where_to_look_and_no_more() -> None:
    answer = answer_to(ZeroDivisionError("secret"))
    check_problem(answer, 500, "internal")
    assert "secret" not in answer.text
    assert answer.get_json()["request_id"] == answer.headers["X-Request-Id"]


def test_a_client_raises_the_error_that_it_was() -> None:
    problem = app().test_client().get("/nothing").get_json()
    error = from_problem(problem)
    assert (type(error) is not AtlasError, error.code) == (True, "not_found")
