"""What a route does not declare it refuses, and says what it takes instead."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from atlas_core.settings import Settings
from atlas_services.openapi import Answer, Body, Operation, Param, describes
from atlas_services.openapi.schema import COUNT, TEXT, list_of, map_of, members
from atlas_services.web import json_body, new_app

BODY = Body(members({"name": TEXT}, {"parts": list_of(members({"size": COUNT})), "tags": map_of(TEXT)}))
QUERY = (Param("limit", "So many."), Param("offset", "From here."))


def taking(**declared: Any) -> FlaskClient:
    """Return a client of a service with one route of this operation, for every method."""
    app = new_app("test", Settings.from_environment({}), lambda: None)
    operation = Operation("Do something", {200: Answer()}, **declared)

    @app.route("/", methods=["GET", "POST", "DELETE"])
    @describes(operation)
    def act() -> dict[str, Any]:
        return dict(json_body()) if operation.body else {}

    return Flask.test_client(app)


def test_an_unknown_parameter_is_named_with_the_nearest_that_there_is() -> None:
    answer = taking(query=QUERY).get("/?limmit=3")
    assert answer.status_code == 400
    assert answer.get_json()["field"] == "limmit"
    assert answer.get_json()["detail"] == (
        "limmit: this request takes no such parameter; did you mean `limit`? It takes limit, offset."
    )


def test_a_route_without_parameters_says_so() -> None:
    assert taking().get("/?x=1").get_json()["detail"] == "x: this request takes no such parameter; it takes none."


@pytest.mark.parametrize(
    ("body", "field", "hint"),
    [
        ({"name": "a", "nmae": "b"}, "nmae", "did you mean `name`? It takes name, parts, tags."),
        ({"name": "a", "parts": [{"size": 1}, {"sise": 2}]}, "parts[1].sise", "did you mean `parts[1].size`?"),
        ({"zzz": 1}, "zzz", "it takes name, parts, tags."),
    ],
)
def test_an_unknown_member_is_named_wherever_it_stands(body: dict[str, Any], field: str, hint: str) -> None:
    answer = taking(body=BODY).post("/", json=body)
    assert (answer.status_code, answer.get_json()["field"]) == (400, field)
    assert hint in answer.get_json()["detail"]


def test_a_name_of_any_length_is_answered_with_its_beginning_and_compared_with_nothing() -> None:
    for body in ({"a": 1, "n" * 4_000_000: 1}, {"name": "a", "parts": [{"size" * 1_000_000: 2}]}):
        answer = taking(body=BODY).post("/", json=body)
        assert answer.status_code == 400
        assert len(answer.data) < 1000
        assert "did you mean" not in answer.get_json()["detail"]


def test_names_that_people_choose_are_no_members() -> None:
    body = {"name": "a", "tags": {"anything": "b"}, "parts": []}
    assert taking(body=BODY).post("/", json=body).get_json() == body


@pytest.mark.parametrize("tolerance", ["is_old", "takes_anything"])
def test_older_routes_and_those_that_pass_things_on_take_what_comes(tolerance: str) -> None:
    client = taking(body=BODY, query=QUERY, **{tolerance: True})
    assert client.post("/?limmit=3", json={"nmae": 1}).status_code == 200


def test_a_body_that_nobody_reads_is_refused_unless_it_says_nothing() -> None:
    client = taking()
    assert client.post("/").status_code == client.post("/", json={}).status_code == 200
    answer = client.delete("/", json={"really": True})
    assert (answer.status_code, answer.get_json()["field"]) == (400, "body")
    assert answer.get_json()["detail"] == "`DELETE /` takes no body; send none."


def test_packed_json_is_refused_with_the_reason() -> None:
    answer = taking(body=BODY).post("/", data=b"\x1f\x8b", headers={"Content-Encoding": "gzip"})
    assert "without `Content-Encoding: gzip`" in answer.get_json()["detail"]
