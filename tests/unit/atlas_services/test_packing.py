from __future__ import annotations

import gzip
import json
from collections.abc import Iterator

import pytest
from flask import Response
from flask.testing import FlaskClient

from atlas_core.settings import Settings
from atlas_services import web

LONG = {"values": list(range(1000))}


@pytest.fixture
def http() -> Iterator[FlaskClient]:
    """A service with answers of several kinds."""
    app = web.new_app("test", Settings.from_environment({}), lambda: None)
    app.get("/long", endpoint="long")(lambda: LONG)
    app.get("/short", endpoint="short")(lambda: {"a": 1})
    app.get("/text", endpoint="text")(lambda: Response("x" * 9000, content_type="text/plain"))
    app.get("/stream", endpoint="stream")(lambda: web.stream(iter([json.dumps(LONG)]), "application/json", {}))
    app.post("/long", endpoint="posted")(lambda: LONG)
    with app.test_client() as client:
        yield client


def test_a_long_answer_is_compressed_for_who_takes_it_so(http: FlaskClient) -> None:
    answer = http.get("/long", headers={"Accept-Encoding": "br, gzip;q=0.5"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert int(answer.headers["Content-Length"]) == len(answer.data) < len(json.dumps(LONG)) / 2
    assert json.loads(gzip.decompress(answer.data)) == LONG


@pytest.mark.parametrize("accepted", [None, "identity", "gzip;q=0", "br"])
def test_nobody_gets_what_they_cannot_read(http: FlaskClient, accepted: str | None) -> None:
    answer = http.get("/long", headers={"Accept-Encoding": accepted} if accepted else {})
    assert (answer.headers.get("Content-Encoding"), answer.get_json()) == (None, LONG)
    assert answer.headers["Vary"] == "Accept-Encoding"  # a cache must keep the two apart


@pytest.mark.parametrize("path", ["/short", "/text", "/stream"])
def test_what_is_short_no_json_or_comes_bit_by_bit_stays_as_it_is(http: FlaskClient, path: str) -> None:
    answer = http.get(path, headers={"Accept-Encoding": "gzip"})
    assert not {"Content-Encoding", "ETag", "Cache-Control"} & set(answer.headers.keys())


def test_who_has_an_answer_already_gets_none(http: FlaskClient) -> None:
    first = http.get("/long")
    again = http.get("/long", headers={"If-None-Match": first.headers["ETag"], "Accept-Encoding": "gzip"})
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
    other = http.get("/long", headers={"If-None-Match": 'W/"other"'})
    assert (other.status_code, other.get_json()) == (200, LONG)


def test_the_answer_to_a_change_is_never_kept(http: FlaskClient) -> None:
    answer = http.post("/long", headers={"Accept-Encoding": "gzip"})
    assert (answer.headers["Content-Encoding"], answer.headers.get("ETag")) == ("gzip", None)
