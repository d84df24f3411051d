"""The REST API's routes: names, shapes and texts that clients and pages rely on."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote

import pytest
from flask.testing import FlaskClient
from tests.redis_server import as_user, free_port
from werkzeug.test import TestResponse

from atlas_core.records import frame, operation_frame, point_frame
from atlas_core.settings import Settings
from atlas_core.states import Cause, JobStatus
from atlas_services.auth_proxy.routes import RouteTable
from atlas_services.rest_api.app import make_app
from atlas_services.rest_api.journal import MAX_BATCH
from atlas_services.tracker import Tracker, View, open_tracker
from atlas_services.tracker.views import MOST_VIEWS

V2 = "/api/v2beta"
TABLE = f"{V2}/projects/p/job_listing"
TOKEN = "the-token"
#: 2020-01-06T12:00:00 UTC.
NOON = 1578312000.0


@dataclass
class Api:
    """The application, and the tracker behind it."""

    http: FlaskClient
    tracker: Tracker

    def job(self, job_id: str, *frames: bytes | None, start: float = NOON, project: str = "p") -> None:
        """Log a run through the API."""
        begin = operation_frame("start", project=project, user="ann", time=start)
        self.send(job_id, begin + b"".join(each for each in frames if each))

    def send(self, job_id: str, data: bytes, offset: int = 0, token: str = TOKEN) -> int:
        """Send a batch and return the position that it was answered with."""
        answer = self.post(job_id, data, offset, token)
        assert answer.status_code == 200, answer.text
        return int(answer.get_json()["applied"])

    def post(self, job_id: str, data: bytes, offset: int | str = 0, token: str = TOKEN) -> TestResponse:
        """Send a batch."""
        headers = {"Authorization": f"Bearer {token}"}
        return self.http.post(f"/api/v3/jobs/{job_id}/journal/w?offset={offset}", data=data, headers=headers)

    def get(self, path: str) -> Any:
        """Return the JSON of a page that must be there; the JSON must be what every browser accepts."""
        answer = self.http.get(path)
        assert answer.status_code == 200, answer.text
        return json.loads(answer.text, parse_constant=lambda word: pytest.fail(f"{word} is no JSON"))

    def ids(self, query: str = "") -> list[str]:
        """Return the ids in the table of `p`."""
        return [job["job_id"] for job in self.get(f"{TABLE}{query}")["jobs"]]


@pytest.fixture
def api(redis_url: str) -> Iterator[Api]:
    """The REST API over an empty tracker. Neither scheduler nor archive server run."""
    nobody = f"http://127.0.0.1:{free_port()}"
    environment = {
        "ATLAS_REDIS_URL": as_user(redis_url, "rest_api"),
        "ATLAS_SCHEDULER_URL": nobody,
        "ATLAS_ARCHIVE_URL": nobody,
        "ATLAS_PROXY_URL": "http://atlas:5558",
        "FOUNDATIONS_HOME": "/nowhere",
    }
    tracker = open_tracker(redis_url)
    app = make_app(Settings.from_environment(environment))
    with app.test_client() as http:
        yield Api(http, tracker)
    tracker.client.close()


def param(name: str, value: Any) -> bytes:
    """Return the frame of a parameter."""
    return operation_frame("param", name=name, value=value)


def end(status: str = "completed", at: float = NOON + 62.5) -> bytes:
    """Return the frame that ends a run."""
    return operation_frame("end", status=status, exit_code=0 if status == "completed" else 1, time=at)


def test_projects_come_oldest_first(api: Api) -> None:
    assert api.get(f"{V2}/projects") == []
    api.job("b", project="zeta", start=NOON)
    api.job("a", project="alpha", start=NOON + 1)
    assert api.get(f"{V2}/projects") == [
        {"name": "zeta", "created_at": time.strftime("%c", time.localtime(NOON)), "owner": None},
        {"name": "alpha", "created_at": time.strftime("%c", time.localtime(NOON + 1)), "owner": None},
    ]


def test_new_project_list_counts_jobs_by_state(api: Api) -> None:
    api.job("a", end())
    api.job("b")
    counts = {"queued": 0, "pending": 0, "running": 1, "completed": 1, "failed": 0}
    shown = {"name": "p", "creation_time": NOON, "jobs": 2, "by_status": counts, "tags": []}
    assert api.get("/api/v3/projects") == [shown]


def test_a_job_in_the_listing_has_exactly_these_members(api: Api) -> None:
    api.job(
        "a",
        param("lr", 0.1),
        point_frame("acc", 0.5, NOON + 1),
        point_frame("acc", 0.75, NOON + 2),
        point_frame("once", 3, NOON),
        operation_frame("tag", key="Str", value="x"),
        operation_frame("artifact", key="plot", filename="Oh no #1?.PNG", path="user_artifacts/Oh no #1?.PNG", size=4),
        end(),
    )
    assert api.get(TABLE) == {
        "name": "p",
        "jobs": [
            {
                "job_id": "a",
                "user": "ann",
                "project": "p",
                "status": "completed",
                "job_parameters": [{"name": "lr", "value": 0.1, "type": "number"}],
                "output_metrics": [
                    {"name": "acc", "value": [0.5, 0.75], "type": "array number"},
                    {"name": "once", "value": 3, "type": "number"},
                ],
                "start_time": "2020-01-06T12:00:00",
                "completed_time": "2020-01-06T12:01:02.500000",
                "creation_time": NOON,
                "duration": "0d0h1m2s",
                "tags": {"Str": "x"},
                "artifacts": [
                    {
                        "filename": "Oh no #1?.PNG",
                        "uri": "http://atlas:5558/archive/a/user_artifacts/Oh%20no%20%231%3F.PNG",
                        "artifact_type": "image",
                        "archive_key": "plot",
                    }
                ],
            }
        ],
        "output_metric_names": [{"name": "acc", "type": "array number"}, {"name": "once", "type": "number"}],
        "parameters": [{"name": "lr", "type": "number"}],
    }


def test_the_listing_names_the_type_of_every_value(api: Api) -> None:
    values = {
        "bool": True,
        "int": 8888888888888888888888888,
        "float": 1.5,
        "nan": math.nan,
        "inf": math.inf,
        "text": "x",
        "none": None,
        "dict": {"a": -math.inf},
        "empty": [],
        "texts": ["x"],
        "lists": [[1]],
    }
    api.job("a", *(param(name, value) for name, value in values.items()))
    (job,) = api.get(TABLE)["jobs"]
    assert {each["name"]: (each["value"], each["type"]) for each in job["job_parameters"]} == {
        "bool": (True, "bool"),
        "int": (8888888888888888888888888, "number"),
        "float": (1.5, "number"),
        "nan": ("NaN", "number"),
        "inf": ("Infinity", "number"),
        "text": ("x", "string"),
        "none": (None, "unknown"),
        "dict": ({"a": "-Infinity"}, "unknown"),
        "empty": ([], "array unknown"),
        "texts": (["x"], "array string"),
        "lists": ([[1]], "array array number"),
    }
    assert [each["name"] for each in job["job_parameters"]] == list(values)


def test_a_text_logged_once_is_cut_and_several_are_not(api: Api) -> None:
    long = "x" * 300
    once = operation_frame("metric", name="once", value=long, time=NOON)
    twice = operation_frame("metric", name="twice", value=long, time=NOON)
    api.job("a", once, twice, twice, point_frame("nan", math.nan, NOON))
    metrics = {each["name"]: each["value"] for each in api.get(TABLE)["jobs"][0]["output_metrics"]}
    assert metrics == {"once": long[:100], "twice": [long, long], "nan": "NaN"}


def test_tags_keep_the_order_in_which_they_were_set(api: Api) -> None:
    names = ["Str", "Int", "Float", "None", *map(str, range(150))]
    api.job("a", *(operation_frame("tag", key=name, value=name) for name in names))
    assert list(api.get(TABLE)["jobs"][0]["tags"]) == names


def test_jobs_that_started_last_come_first_and_waiting_ones_at_the_end(api: Api) -> None:
    api.job("early", start=NOON)
    api.job("late", start=NOON + 60)
    for job_id in ("q1", "q2"):
        api.tracker.jobs.create(job_id, "p", JobStatus.QUEUED, NOON, TOKEN)
    api.tracker.jobs.transition("q2", JobStatus.PENDING, NOON)
    assert api.ids() == ["late", "early", "q2", "q1"]
    waiting = api.get(TABLE)["jobs"][2]
    assert {name: waiting[name] for name in ("user", "status", "start_time", "completed_time", "duration")} == {
        "user": None,
        "status": "queued",
        "start_time": None,
        "completed_time": None,
        "duration": None,
    }


def test_an_unknown_project_is_not_found(api: Api) -> None:
    for path, text in (
        (TABLE, "This project was not found"),
        (f"{TABLE}/status/desc", "This project or sort detail was not found"),
    ):
        answer = api.http.get(path)
        assert (answer.status_code, answer.text) == (404, f'"{text}"\n')


def three_jobs(api: Api) -> None:
    """Log jobs `a` (lr 0.1, acc 0.5, 10 s), `b` (lr text, acc 0.9, 3700 s) and `c` (neither, running)."""
    api.job("a", param("lr", 0.1), point_frame("acc", 0.9, 1.0), point_frame("acc", 0.5, 2.0), end(at=NOON + 10))
    api.job("b", param("lr", "auto"), point_frame("acc", 0.9, 1.0), end("failed", NOON + 3760), start=NOON + 60)
    api.job("c", start=NOON + 120)


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("?status=running", "c"),
        ("?status=running,failed", "cb"),
        ("?status=running&status=failed", "cb"),
        ("?user_contains=AN", "cba"),
        ("?job_id_contains=x", ""),
        ("?lr=0.1", "a"),
        ("?lr=auto,0.1", "ba"),
        ("?acc_starts=0&acc_ends=0.5", "a"),
        ("?acc_starts=0.5&acc_ends=0.9", "ba"),
        ("?acc_starts=1&acc_ends=0", ""),
        ("?acc_starts=1", "cba"),
        ("?lr_isnull=TRUE", "c"),
        ("?lr_isnull=false", "ba"),
        ("?lr_isnull=perhaps", "cba"),
        ("?start_time_starts=01_06_2020_12_01&start_time_ends=01_06_2020_12_01", "b"),
        ("?start_time=01_06_2020_12_00", "a"),
        ("?duration_starts=0_0_0_10&duration_ends=0_1_1_40", "ba"),
        ("?duration=0_0_0_10", "a"),
        ("?status=failed&lr=auto&acc_starts=0&acc_ends=1", "b"),
        ("?status=failed&lr=0.1", ""),
        ("?no_such_column=1", "cba"),
        ("?sort=job_id", "abc"),
        ("?sort=-job_id", "cba"),
        ("?sort=acc,-job_id", "abc"),
        ("?sort=lr", "abc"),
        ("?sort=-lr", "cba"),
        ("?sort=nothing", "cba"),
        ("?sort=user,-start_time", "cba"),
        ("?_=1&sort=", "cba"),
    ],
)
def test_the_listing_can_be_filtered_and_sorted(api: Api, query: str, ids: str) -> None:
    three_jobs(api)
    assert "".join(api.ids(query)) == ids


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("start_time=yesterday", "start_time"),
        ("start_time_starts=1&start_time_ends=2", "start_time_starts"),
        ("duration=1h", "duration"),
    ],
)
def test_a_filter_that_cannot_be_read_is_named(api: Api, query: str, field: str) -> None:
    three_jobs(api)
    answer = api.http.get(f"{TABLE}?{query}")
    assert answer.status_code == 400
    assert answer.get_json()["field"] == field
    assert answer.get_json()["detail"].startswith(f"{field}: ")


@pytest.mark.parametrize(
    ("path", "ids"),
    [
        ("job_id/desc", "cba"),
        ("job_id/asc", "abc"),
        ("status/whatever", "abc"),
        ("start_time/desc", "cba"),
        ("completed_time/asc", "cab"),
        ("parameters:lr/asc", "cab"),
        ("input_params:lr/desc", "bac"),
        ("output_metrics:acc/asc", "cab"),
        ("parameters:a%2Fb/asc", "abc"),
    ],
)
def test_the_table_sorts_by_any_column(api: Api, path: str, ids: str) -> None:
    three_jobs(api)
    shown = api.get(f"{TABLE}/{path}")
    assert sorted(shown) == ["jobs", "name", "output_metric_names"]
    assert sorted(job["job_id"] for job in shown["jobs"]) == ["a", "b", "c"]
    assert "".join(job["job_id"] for job in shown["jobs"]) == ids or path.startswith("parameters:a")


@pytest.mark.parametrize("sort", ["colour", "lr", "unknown:lr", "parameters:"])
def test_what_is_no_column_cannot_be_sorted_by(api: Api, sort: str) -> None:
    three_jobs(api)
    answer = api.http.get(f"{TABLE}/{sort}/desc")
    assert (answer.status_code, answer.text) == (404, '"This project or sort detail was not found"\n')


def test_a_listing_takes_fewer_round_trips_than_it_has_jobs(api: Api) -> None:
    def commands_run(count: int) -> int:
        for index in range(count):
            api.job(f"job{count}-{index}", point_frame("m", 1.0, 1.0), point_frame("m", 2.0, 2.0), project=f"p{count}")
        before = api.tracker.client.info("stats")["total_reads_processed"]
        assert len(api.get(f"{V2}/projects/p{count}/job_listing")["jobs"]) == count
        return int(api.tracker.client.info("stats")["total_reads_processed"] - before)

    commands_run(2)  # the connection is made here
    assert commands_run(40) < 30  # not one for each; a long pipeline may take the server several reads


def test_a_running_job_is_not_deleted(api: Api) -> None:
    api.job("a")
    answer = api.http.delete(f"{TABLE}/a")
    assert (answer.status_code, answer.get_json()) == (409, "Job a is not completed or failed")


def test_an_unknown_job_is_not_deleted_and_the_query_names_no_other(api: Api) -> None:
    api.job("a", end())
    answer = api.http.delete(f"{TABLE}/b?job_id=a")
    assert (answer.status_code, answer.get_json()) == (404, "Job b is in an unknown state")
    assert api.ids() == ["a"]


@pytest.mark.parametrize("name", ["a%20b", "a%26b", "%C2%A6", "%11"])
def test_what_cannot_be_the_id_of_a_job_is_unknown(api: Api, name: str) -> None:
    answer = api.http.delete(f"{TABLE}/{name}")
    assert (answer.status_code, answer.get_json()) == (404, f"Job {unquote(name)} is in an unknown state")


def test_a_job_whose_files_cannot_be_removed_stays(api: Api) -> None:
    api.job("a", end())
    answer = api.http.delete(f"{TABLE}/a")
    assert (answer.status_code, answer.get_json()) == (503, "Job a could not be deleted")
    assert api.ids() == ["a"]


def test_a_job_without_output_has_no_log(api: Api) -> None:
    api.tracker.jobs.create("waiting", "p", JobStatus.QUEUED, NOON, TOKEN)
    for job_id in ("waiting", "nobody"):
        assert api.get(f"{TABLE}/{job_id}/logs") == {"log": None}


def test_a_log_without_a_scheduler_is_a_clear_error(api: Api) -> None:
    api.tracker.jobs.create("a", "p", JobStatus.RUNNING, NOON, TOKEN)
    answer = api.http.get(f"{TABLE}/a/logs")
    assert (answer.status_code, answer.get_json()["code"]) == (503, "server_unreachable")


def test_tags_are_set_and_removed(api: Api) -> None:
    api.job("a")
    body = {"tag": {"key": "k/1", "value": "v"}, "job_id": "other"}
    answer = api.http.post(f"{TABLE}/a/tags", json=body)
    assert (answer.status_code, answer.text) == (200, '"Tag key: k/1, value: v created for job a"\n')
    assert api.get(TABLE)["jobs"][0]["tags"] == {"k/1": "v"}
    for _ in range(2):
        answer = api.http.delete(f"{TABLE}/a/tags/k%2F1?job_id=b")
        assert (answer.status_code, answer.get_json()) == (200, "Tag key: k/1 deleted from job a")
    assert api.get(TABLE)["jobs"][0]["tags"] == {}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"{}",
        b'{"tag": 3}',
        b'{"tag": {"key": "k"}}',
        b'{"tag": {"key": "", "value": 1}}',
        b'{"tag": {"key": "k", "value": []}}',
        b'{"tag": {"key": 5, "value": 1}}',
        b'{"tag": {"key": "%s", "value": 1}}' % (b"x" * 501),
        b"[" * 50_000,
    ],
)
def test_a_tag_that_is_none_is_refused(api: Api, body: bytes) -> None:
    api.job("a")
    answer = api.http.post(f"{TABLE}/a/tags", data=body)
    assert (answer.status_code, answer.get_json()["code"]) == (400, "invalid_input")


def test_a_tag_for_nobody_is_not_found(api: Api) -> None:
    answer = api.http.post(f"{TABLE}/nobody/tags", json={"tag": {"key": "k", "value": "v"}})
    assert (answer.status_code, answer.get_json()["code"]) == (404, "job_not_found")


def test_a_project_has_a_description(api: Api) -> None:
    path = f"{V2}/projects/p/description"
    assert api.get(path) == {"project_description": ""}
    assert api.http.put(path, json={"project_description": "x"}).status_code == 404
    api.job("a")
    answer = api.http.put(path, json={"project_description": "Über p", "project": "q"})
    assert (answer.status_code, answer.text) == (200, '"Updated description for p"\n')
    assert api.get(path) == {"project_description": "Über p"}
    for body in ({}, {"project_description": 3}):
        assert api.http.put(path, json=body).status_code == 400


def test_a_project_without_jobs_can_be_deleted(api: Api) -> None:
    api.job("a", end())
    api.http.post("/api/v3/projects/p/notes", json={"message": "x"})
    api.http.put("/api/v3/projects/p/description", json={"text": "y"})
    api.http.put("/api/v3/projects/p/views/best", json={"search": {"sort": "-m:loss"}})
    refused = api.http.delete("/api/v3/projects/p")
    assert (refused.status_code, refused.get_json()["jobs"]) == (409, 1)
    api.tracker.jobs.delete("a", NOON)
    assert api.http.delete("/api/v3/projects/p").status_code == 204
    assert api.get("/api/v3/projects") == []
    assert [key for key in api.tracker.client.keys("*") if b"project" in key] == []
    assert api.http.delete("/api/v3/projects/p").status_code == 404


def test_a_project_has_notes(api: Api) -> None:
    path = f"{V2}/projects/p/note_listing"
    api.job("a")
    for message in ("first", "second"):
        answer = api.http.post(path, json={"author": "ann", "message": message})
        assert (answer.status_code, answer.get_json()) == (
            200,
            f"Note with author: ann created with message: {message}",
        )
    notes = api.get(path)
    assert [(note["author"], note["message"]) for note in notes] == [("ann", "first"), ("ann", "second")]
    assert all(time.strptime(note["date"][:19], "%Y-%m-%d %H:%M:%S") and len(note["date"]) == 26 for note in notes)
    assert api.http.post(path, json={"author": "ann"}).status_code == 400
    newer = api.get("/api/v3/projects/p/notes")
    assert [(note["author"], note["message"]) for note in newer] == [("ann", "first"), ("ann", "second")]
    added = api.http.post("/api/v3/projects/p/notes", json={"message": "third"})
    assert (added.status_code, added.get_json()["author"]) == (201, "CE User")
    assert api.get("/api/v3/projects/p/notes")[2] == added.get_json()
    assert api.http.get("/api/v3/projects/none/notes").status_code == 404
    missing = f"{V2}/projects/none/note_listing"
    assert api.http.post(missing, json={"author": "a", "message": "b"}).status_code == 404


def test_a_description_keeps_its_versions_and_is_not_overwritten_unseen(api: Api) -> None:
    path = "/api/v3/projects/p/description"
    assert api.http.get(path).status_code == 404
    api.job("a")
    assert api.get(path) == {"text": "", "versions": []}
    first = api.http.put(path, json={"text": "# One", "author": "ann", "replaces": ""})
    assert first.get_json()["text"] == "# One"
    late = api.http.put(path, json={"text": "# Mine", "replaces": ""})
    assert (late.status_code, late.get_json()["code"]) == (409, "conflict")
    api.http.put(f"{V2}/projects/p/description", json={"project_description": "# Two"})
    found = api.get(path)
    assert found["text"] == api.get(f"{V2}/projects/p/description")["project_description"] == "# Two"
    assert [(each["author"], each["text"]) for each in found["versions"]] == [("", "# Two"), ("ann", "# One")]
    assert api.http.put(path, json={"text": 3}).status_code == 400


def test_a_project_has_views_that_everybody_finds_again(api: Api) -> None:
    path = "/api/v3/projects/p/views"
    assert api.http.get(path).status_code == 404
    assert api.http.put(f"{path}/best", json={"search": {}}).status_code == 404
    api.job("a")
    assert api.get(path) == []
    first = {"search": {"filter": 'tags.x = "ü"', "sort": "-m:loss"}, "author": "ann"}
    assert api.http.put(f"{path}/to do", json=first).get_json().items() >= {"name": "to do", **first}.items()
    api.http.put(f"{path}/Best", json={"search": {"sort": "m:acc"}})
    replaced = api.http.put(f"{path}/to do", json={"search": {"group": "lr"}})
    assert [view["name"] for view in api.get(path)] == ["Best", "to do"]
    assert api.get(path)[1] == replaced.get_json()
    assert (replaced.get_json()["search"], replaced.get_json()["author"]) == ({"group": "lr"}, "CE User")
    assert api.http.delete(f"{path}/to do").status_code == api.http.delete(f"{path}/to do").status_code == 204
    assert [view["name"] for view in api.get(path)] == ["Best"]


@pytest.mark.parametrize(
    ("name", "body", "field"),
    [
        ("x" * 101, {"search": {}}, "name"),
        ("%20", {"search": {}}, "name"),
        ("%2e%2e", {"search": {}}, "name"),
        ("a%00b", {"search": {}}, "name"),
        ("x", {}, "search"),
        ("x", {"search": {"sort": 3}}, "search"),
        ("x", {"search": {"filter": "x" * 7_200}}, "search"),
        ("x", {"search": {"filter": "日" * 800}}, "search"),
        ("x", {"search": {"brush": '{"a": "' + "," * 2_400 + '"}'}}, "search"),
        ("x", {"search": {}, "author": ""}, "author"),
    ],
)
def test_what_can_be_no_view_is_refused(api: Api, name: str, body: dict[str, Any], field: str) -> None:
    api.job("a")
    answer = api.http.put(f"/api/v3/projects/p/views/{name}", json=body)
    assert (answer.status_code, answer.get_json()["field"]) == (400, field)
    assert api.get("/api/v3/projects/p/views") == []


def test_a_view_may_fill_an_address(api: Api) -> None:
    api.job("a")
    for search in ({"filter": "x" * 7_100}, {"filter": "日" * 780}):
        assert api.http.put("/api/v3/projects/p/views/long", json={"search": search}).status_code == 200


def test_a_project_keeps_so_many_views_and_no_more(api: Api) -> None:
    api.job("a")
    for number in range(MOST_VIEWS):
        api.tracker.views.keep("p", View(f"view {number}", {}, "ann", NOON))
    refused = api.http.put("/api/v3/projects/p/views/one more", json={"search": {}})
    assert (refused.status_code, refused.get_json()["code"]) == (409, "conflict")
    assert api.http.put("/api/v3/projects/p/views/view 0", json={"search": {"sort": "user"}}).status_code == 200


def test_projects_tell_the_tags_of_their_jobs_those_of_most_jobs_first(api: Api) -> None:
    api.job("a", operation_frame("tag", key="rare", value="1"), operation_frame("tag", key="common", value="x"))
    api.job("b", operation_frame("tag", key="common", value="y"), start=NOON + 1)
    api.job("c", project="q", start=NOON + 2)
    assert [project["tags"] for project in api.get("/api/v3/projects")] == [["common", "rare"], []]


def test_overview_metrics_hold_the_last_values_in_the_order_of_their_times(api: Api) -> None:
    path = f"{V2}/projects/p/overview_metrics"
    assert api.get(path) == {"all_metric_names": [], "metric_query": []}
    api.job("a", point_frame("acc", 1.0, 10.0), point_frame("acc", 2.0, 30.0), point_frame("loss", math.nan, 1.0))
    api.job("b", point_frame("acc", 3.0, 20.0), start=NOON + 1)
    acc = {"metric_name": "acc", "values": [["b", 3.0], ["a", 2.0]]}
    loss = {"metric_name": "loss", "values": [["a", "NaN"]]}
    assert api.get(path) == {"all_metric_names": ["acc", "loss"], "metric_query": [acc, loss]}
    assert api.get(f"{path}?metric_name=loss|none")["metric_query"] == [
        loss,
        {"metric_name": "none", "values": []},
    ]


@pytest.mark.parametrize(
    ("header", "code", "text"),
    [
        (None, "authorization_header_missing", "Authorization header is expected"),
        ("Basic abc", "invalid_header", "Authorization header must start with Bearer"),
        ("Bearer", "invalid_header", "Token not found"),
        ("Bearer a b", "invalid_header", "Authorization header must be 'Bearer <token>'"),
        ("Bearer a", "invalid_header", "Unable to find appropriate key."),
    ],
)
def test_nobody_is_logged_in(api: Api, header: str | None, code: str, text: str) -> None:
    answer = api.http.get(f"{V2}/auth/verify", headers={"Authorization": header} if header else {})
    body = answer.get_json()
    assert (answer.status_code, body["code"], body["description"]) == (401, code, text)


def test_nobody_can_log_in_or_out(api: Api) -> None:
    for action in ("cli_login", "logout"):
        answer = api.http.get(f"{V2}/auth/{action}")
        assert (answer.status_code, answer.get_json()["code"]) == (401, "login_unavailable")
    assert api.http.get(f"{V2}/auth/dance").status_code == 404


def test_one_job_shows_everything_that_is_known(api: Api) -> None:
    error = {"type": "ValueError", "message": "no", "traceback": "...", "frame": "main.py:3"}
    api.job(
        "a",
        param("lr", math.inf),
        point_frame("acc", 0.5, NOON),
        point_frame("acc", math.nan, NOON + 1, 7),
        point_frame("system.cpu_percent", 5.0, NOON),
        operation_frame("tag", key="k", value=1),
        operation_frame("artifact", key="m", filename="m n", path="user_artifacts/m n", size=3, sha256="00"),
        operation_frame("error", **error),
        operation_frame("facts", machine={"cpus": 2}),
        operation_frame("facts", machine={"cpus": 4}, git={"commit": "c0ffee"}),
        operation_frame("end", status="failed", exit_code=1, cause="user_code", time=NOON + 2.5),
    )
    assert api.get("/api/v3/jobs/a") == {
        "job_id": "a",
        "project": "p",
        "user": "ann",
        "status": "failed",
        "mode": "execution",
        "cause": "user_code",
        "cause_detail": None,
        "exit_code": 1,
        "error": error,
        "creation_time": NOON,
        "start_time": NOON,
        "completed_time": NOON + 2.5,
        "duration": 2.5,
        "parameters": {"lr": "Infinity"},
        "tags": {"k": 1},
        "metrics": {
            "acc": {"count": 2, "first": 0.5, "last": "NaN", "min": 0.5, "max": 0.5, "last_time": NOON + 1},
        },
        "system_metrics": {
            "system.cpu_percent": {"count": 1, "first": 5.0, "last": 5.0, "min": 5.0, "max": 5.0, "last_time": NOON},
        },
        "artifacts": [
            {
                "key": "m",
                "filename": "m n",
                "path": "user_artifacts/m n",
                "size": 3,
                "sha256": "00",
                "uri": "http://atlas:5558/archive/a/user_artifacts/m%20n",
            }
        ],
        "spec": {},
        "facts": {"git": {"commit": "c0ffee"}, "machine": {"cpus": 4}},
    }
    assert [each["name"] for each in api.get(TABLE)["output_metric_names"]] == ["acc"]
    assert api.get("/api/v3/jobs/a/series") == ["acc", "system.cpu_percent"]


def test_the_secrets_of_a_job_are_not_shown(api: Api) -> None:
    spec = {"command": ["main.py"], "environment": {"AWS_SECRET": "hunter2", "A": "1"}}
    api.tracker.jobs.create("a", "p", JobStatus.QUEUED, NOON, TOKEN, spec=spec)
    answer = api.http.get("/api/v3/jobs/a")
    assert answer.get_json()["spec"] == {"command": ["main.py"], "environment": {"AWS_SECRET": "***", "A": "1"}}
    assert "hunter2" not in answer.text
    assert TOKEN not in answer.text


@pytest.mark.parametrize("path", ["nobody", "nobody/series", "nobody/series/acc", "a/series/none"])
def test_what_was_never_logged_is_not_found(api: Api, path: str) -> None:
    api.job("a")
    answer = api.http.get(f"/api/v3/jobs/{path}")
    assert answer.status_code == 404
    assert answer.content_type == "application/problem+json"


def test_a_series_has_every_point(api: Api) -> None:
    api.job("a", point_frame("train/loss", 1, 10.0, 5), point_frame("train/loss", math.inf, 11.0))
    assert api.get("/api/v3/jobs/a/series") == ["train/loss"]
    assert api.get("/api/v3/jobs/a/series/train%2Floss") == {
        "name": "train/loss",
        "values": [1, "Infinity"],
        "times": [10.0, 11.0],
        "steps": [5, None],
    }


@pytest.mark.parametrize("name", ["two\nlines", "\n", "\r\x01\x7f", "/loss", "a//b", "loss/", "50 %?#"])
def test_a_series_of_any_name_is_found(api: Api, name: str) -> None:
    api.job("a", point_frame(name, 1, 10.0))
    assert api.get(f"/api/v3/jobs/a/series/{quote(name, safe='')}")["name"] == name
    assert RouteTable().find(f"/api/v3/jobs/a/series/{name}", "GET").values == {"id": "a", "name": name}


def test_a_series_keeps_every_digit_and_character(api: Api) -> None:
    huge = operation_frame("metric", name="größe", value=10**40, time=11.0)
    api.job("a", point_frame("größe", 5e-324, 10.0, 2**62), huge, point_frame("größe", -math.inf, 12.0))
    series = {"name": "größe", "values": [5e-324, 10**40, "-Infinity"]}
    for query in ("", "?width=100"):
        assert api.get(f"/api/v3/jobs/a/series/größe{query}").items() >= series.items()
    found = api.get("/api/v3/series?jobs=a&metric=größe&x=step")
    assert found == {"x": "step", "series": [{"job_id": "a", **series, "x": [2**62, None, None]}], "missing": []}


@pytest.mark.parametrize(
    ("times", "shown"),
    [
        ([1.6e9, 1.6e9 + 1e-6], [1.6e9, 1.6e9 + 1e-6]),
        ([1000.123456789, 1100.123456789], [1000.123, 1100.123]),
        ([-1e308, 1e308], [-1e308, 1e308]),
        ([0.0, 1e-310], [0.0, 1e-310]),
    ],
)
def test_times_of_a_chart_are_as_exact_as_its_pixels(api: Api, times: list[float], shown: list[float]) -> None:
    api.job("a", *(point_frame("m", 1.0, time) for time in times))
    assert api.get("/api/v3/jobs/a/series/m?width=100")["times"] == shown


def test_a_thinned_series_keeps_every_spike(api: Api) -> None:
    values = [0.0] * 5000
    values[1234], values[4321] = 9.0, -9.0
    api.job("a", *(point_frame("m", value, float(index)) for index, value in enumerate(values)))
    drawn = api.get("/api/v3/jobs/a/series/m?width=50")
    assert len(drawn["values"]) <= 102
    assert {1234.0: 9.0, 4321.0: -9.0}.items() <= dict(zip(drawn["times"], drawn["values"], strict=True)).items()
    assert (drawn["times"][0], drawn["times"][-1]) == (0.0, 4999.0)
    for width in ("0", "-1", "wide", "9" * 30, "٣"):
        assert api.http.get(f"/api/v3/jobs/a/series/m?width={width}").status_code == 400


def test_a_batch_sent_again_is_applied_once(api: Api) -> None:
    batch = operation_frame("start", project="p", time=NOON) + (point_frame("m", 1.0, 1.0) or b"")
    assert [api.send("a", batch) for _ in range(3)] == [len(batch)] * 3
    assert api.get("/api/v3/jobs/a/series/m")["values"] == [1.0]
    answer = api.post("a", batch, len(batch) + 7)
    assert answer.status_code == 409
    assert answer.get_json()["code"] == "journal_gap"
    assert answer.get_json()["applied"] == len(batch)


@pytest.mark.parametrize(
    ("job_id", "writer", "offset", "data", "token", "status"),
    [
        ("a", "w", "x", b"", TOKEN, 400),
        ("a", "w", "-1", b"", TOKEN, 400),
        ("a", "..", "0", b"", TOKEN, 400),
        ("a", "other", "0", b"noise", TOKEN, 400),
        ("a", "w", "0", b"", "wrong", 403),
        ("a", "w", "0", b"", "None", 401),
        ("nobody", "w", "0", b"", TOKEN, 404),
        ("nobody", "w", "0", operation_frame("start", project="p", time=1.0), "undefined", 401),
        ("..", "w", "0", operation_frame("start", project="p", time=1.0), TOKEN, 400),
        ("{x}", "w", "0", operation_frame("start", project="p", time=1.0), TOKEN, 400),
        ("a", "w", "0", b"x" * (MAX_BATCH + 1), TOKEN, 413),
    ],
)
def test_a_batch_that_cannot_be_applied_is_refused(
    api: Api, job_id: str, writer: str, offset: str, data: bytes, token: str, status: int
) -> None:
    api.job("a")
    headers = {"Authorization": f"Bearer {token}"}
    answer = api.http.post(f"/api/v3/jobs/{job_id}/journal/{writer}?offset={offset}", data=data, headers=headers)
    assert answer.status_code == status, answer.text
    assert answer.get_json()["detail"]
    assert status != 413 or (answer.get_json()["code"], answer.get_json()["limit"]) == ("payload_too_large", MAX_BATCH)
    assert [job["job_id"] for job in api.get(TABLE)["jobs"]] == ["a"]


@pytest.mark.parametrize(
    "record", [rb'{"op":"param","name":"\ud800","value":1}', rb'{"op":"tag","key":"k","value":"\uDBFF"}']
)
def test_half_a_surrogate_pair_is_refused(api: Api, record: bytes) -> None:
    api.job("a")
    answer = api.http.post(
        "/api/v3/jobs/a/journal/w2", data=frame(b"J" + record), headers={"Authorization": f"Bearer {TOKEN}"}
    )
    assert answer.status_code == 400, answer.text


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", f"{TABLE}/a/tags", r'{"tag": {"key": "\ud800", "value": "v"}}'),
        ("POST", f"{TABLE}/a/tags", r'{"tag": {"key": "k", "value": "\udbff"}}'),
        ("PUT", TABLE.replace("job_listing", "description"), r'{"project_description": "\uDC00"}'),
        ("POST", TABLE.replace("job_listing", "note_listing"), r'{"author": "a", "message": "\ud800"}'),
    ],
)
def test_half_a_surrogate_pair_in_a_body_is_refused(api: Api, method: str, path: str, body: str) -> None:
    api.job("a")
    answer = api.http.open(path, method=method, data=body)
    assert (answer.status_code, answer.get_json()["code"]) == (400, "invalid_input"), answer.text


def test_a_page_of_jobs_shows_the_last_value_of_each_metric(api: Api) -> None:
    logged = [
        operation_frame("param", name="lr", value=0.1),
        operation_frame("tag", key="best", value="yes"),
        point_frame("loss", 2.0, 1.0),
        point_frame("loss", math.nan, 2.0),
        operation_frame("end", status="completed", exit_code=0, time=NOON + 5),
    ]
    api.job("a", *logged)
    assert api.get("/api/v3/projects/p/jobs") == {
        "jobs": [
            {
                "job_id": "a",
                "status": "completed",
                "user": "ann",
                "creation_time": NOON,
                "start_time": NOON,
                "completed_time": NOON + 5,
                "duration": 5.0,
                "parameters": {"lr": 0.1},
                "metrics": {"loss": "NaN"},
                "tags": {"best": "yes"},
            }
        ],
        "total": 1,
        "cursor": None,
    }


def test_pages_of_jobs_follow_each_other(api: Api) -> None:
    for index in range(5):
        api.job(f"job{index}", start=NOON + index // 2)  # some begin at the same time
    whole = [job["job_id"] for job in api.get("/api/v3/projects/p/jobs")["jobs"]]
    assert whole == ["job4", "job3", "job2", "job1", "job0"]
    page, seen = api.get("/api/v3/projects/p/jobs?limit=2")["jobs"], []
    while page:
        seen += [job["job_id"] for job in page]
        page = api.get(f"/api/v3/projects/p/jobs?limit=2&before={seen[-1]}")["jobs"]
    assert seen == whole
    assert api.http.get("/api/v3/projects/p/jobs?before=nobody").status_code == 400
    assert api.http.get("/api/v3/projects/nothing/jobs").status_code == 404


def test_events_are_streamed_from_where_the_reader_was(api: Api) -> None:
    api.job("a")
    api.job("b", project="q")
    answer = api.http.get("/api/v3/events?project=q", headers={"Last-Event-ID": "0-0"}, buffered=False)
    assert answer.content_type == "text/event-stream; charset=utf-8"
    stream = iter(answer.response)
    assert next(stream) == b"retry: 1000\nid: 0-0\n\n"
    first = next(stream)
    assert isinstance(first, bytes)
    lines = first.decode().split("\n\n")[0].splitlines()
    assert lines[0].startswith("id: ")
    assert json.loads(lines[1].removeprefix("data: ")) == {
        "kind": "job.created",
        "job_id": "b",
        "project": "q",
        "status": "running",
    }
    answer.close()


def test_an_event_id_that_is_none_is_refused(api: Api) -> None:
    assert api.http.get("/api/v3/events", headers={"Last-Event-ID": "$"}).status_code == 400


def test_a_job_that_lost_its_heartbeat_says_so(api: Api) -> None:
    api.job("a")
    api.tracker.jobs.transition("a", JobStatus.FAILED, NOON + 99, cause=Cause.LOST_HEARTBEAT, completed_time=NOON + 99)
    shown = api.get("/api/v3/jobs/a")
    assert (shown["status"], shown["cause"], shown["duration"]) == ("failed", "lost_heartbeat", 99)


@pytest.mark.parametrize("path", ["/api/v2beta/projects", "/api/v3/projects", "/api/v2beta/nothing"])
def test_a_page_of_another_site_reads_no_answer(api: Api, path: str) -> None:
    for method in ("GET", "OPTIONS"):
        answer = api.http.open(path, method=method, headers={"Origin": "https://elsewhere.example"})
        assert [name for name, _ in answer.headers if name.lower().startswith("access-control-")] == []


def test_unknown_addresses_and_methods_are_problems(api: Api) -> None:
    assert api.http.get("/api/v2beta/nothing").get_json()["code"] == "not_found"
    assert api.http.post("/api/v3/projects").status_code == 405
    assert api.get("/healthz") == {"status": "ok"}
    assert api.get("/readyz") == {"status": "ok"}


class TestJobSearch:
    def test_jobs_are_found_by_the_beginning_of_their_id_newest_first(self, api: Api) -> None:
        for number, job_id in enumerate(["0d5c-1", "0d5c-2", "7f2a-1"]):
            api.job(job_id, start=NOON + number, project=f"p{number}")
        assert api.get("/api/v3/jobs?prefix=0d5c") == {
            "total": 2,
            "jobs": [
                {"job_id": "0d5c-2", "project": "p1", "status": "running"},
                {"job_id": "0d5c-1", "project": "p0", "status": "running"},
            ],
        }
        assert api.get("/api/v3/jobs?prefix=0d5c-1")["total"] == 1
        assert api.get("/api/v3/jobs?prefix=none") == {"total": 0, "jobs": []}

    def test_without_a_beginning_all_are_found_and_the_newest_are_shown(self, api: Api) -> None:
        for number in range(3):
            api.job(f"j-{number}", start=NOON + number)
        found = api.get("/api/v3/jobs?limit=2")
        assert (found["total"], [job["job_id"] for job in found["jobs"]]) == (3, ["j-2", "j-1"])

    @pytest.mark.parametrize("prefix", ["*", "a[b", "a/b", "a b"])
    def test_what_begins_no_id_is_refused(self, api: Api, prefix: str) -> None:
        assert api.http.get("/api/v3/jobs", query_string={"prefix": prefix}).status_code == 400


def test_a_job_tells_where_it_comes_from_and_what_belongs_to_it(api: Api) -> None:
    code = {"bundle_id": "ab" * 32}
    for place, (name, parent) in enumerate({"above": None, "a": "above", "b": "above", "lost": "gone"}.items()):
        api.tracker.jobs.create(name, "p", JobStatus.QUEUED, NOON + place, TOKEN, user="ann", parent=parent, spec=code)
    above = {"job_id": "above", "project": "p", "status": "queued", "user": "ann", "creation_time": NOON}
    found = api.get("/api/v3/jobs/a/lineage")
    assert (found["parent_id"], found["parent"], found["bundle_id"]) == ("above", above, code["bundle_id"])
    assert found["children"] == {"total": 0, "jobs": []}
    assert [job["job_id"] for job in found["same_code"]["jobs"]] == ["lost", "b", "above"]
    found = api.get("/api/v3/jobs/above/lineage?limit=1")
    assert (found["children"]["total"], [job["job_id"] for job in found["children"]["jobs"]]) == (2, ["b"])
    found = api.get("/api/v3/jobs/lost/lineage")
    assert (found["parent_id"], found["parent"]) == ("gone", None)
    assert api.http.get("/api/v3/jobs/nobody/lineage").status_code == 404


def test_a_run_is_found_by_the_code_that_it_told_of(api: Api) -> None:
    for name in ("first", "second"):
        api.job(name, operation_frame("facts", source={"bundle_id": "cd" * 32}))
    assert [job["job_id"] for job in api.get("/api/v3/jobs/first/lineage")["same_code"]["jobs"]] == ["second"]
