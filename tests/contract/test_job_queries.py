"""The jobs of a project by filter, order and page, through the API."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient
from tests.redis_server import free_port

from atlas_core.records import operation_frame, point_frame
from atlas_core.settings import Settings
from atlas_core.states import JobStatus
from atlas_services.rest_api.app import make_app
from atlas_services.tracker import Tracker, keys, open_tracker

NOON = 1578312000.0
PATH = "/api/v3/projects/p/jobs"


class Api:
    """The application, and the tracker behind it."""

    def __init__(self, http: FlaskClient, tracker: Tracker) -> None:
        self.http = http
        self.tracker = tracker

    def log(
        self, job_id: str, *frames: bytes | None, start: float = NOON, project: str = "p", user: str = "ann"
    ) -> None:
        data = operation_frame("start", project=project, user=user, time=start) + b"".join(
            each for each in frames if each
        )
        self.tracker.journals.apply(job_id, "w", 0, data, "t", start)

    def get(self, path: str = PATH, **query: Any) -> Any:
        answer = self.http.get(f"{path}?{urlencode(query)}")
        assert answer.status_code == 200, answer.text
        return answer.get_json()

    def ids(self, text: str = "", **query: Any) -> str:
        """Return the ids, each a letter, of what a filter finds."""
        return "".join(job["job_id"] for job in self.get(filter=text, **query)["jobs"])


@pytest.fixture
def api(redis_url: str) -> Iterator[Api]:
    """The REST API over jobs `a` to `d`: ended, failed, running, queued."""
    tracker = open_tracker(redis_url)
    nobody = f"http://127.0.0.1:{free_port()}"
    services = {"ATLAS_SCHEDULER_URL": nobody, "ATLAS_ARCHIVE_URL": nobody}
    environment = {"ATLAS_REDIS_URL": redis_url, "FOUNDATIONS_HOME": "/nowhere", **services}
    with make_app(Settings.from_environment(environment)).test_client() as http:
        api = Api(http, tracker)
        api.log("a", param("lr", 0.1), *points("acc", 0.5, 0.9, 0.7), tag("best", True), end("completed", 10))
        api.log(
            "b", param("lr", "auto"), *points("acc", 0.95), tag("stage", "prod"), end("failed", 3700), start=NOON + 60
        )
        api.log("c", param("lr", 1e-4), param("learning rate", 3), start=NOON + 120, user="Bob")
        tracker.jobs.create("d", "p", JobStatus.QUEUED, NOON + 180, "t", user="ann")
        yield api
    tracker.client.close()


def lines(api: Api, job_id: str, name: str, **query: Any) -> list[dict[str, Any]]:
    """Return the points of a metric that come as lines."""
    answer = api.http.get(f"/api/v3/jobs/{job_id}/series/{name}?{urlencode({**query, 'format': 'jsonl'})}")
    assert (answer.status_code, answer.mimetype) == (200, "application/x-ndjson")
    return [json.loads(line) for line in answer.text.splitlines()]


def param(name: str, value: Any) -> bytes:
    return operation_frame("param", name=name, value=value)


def tag(key: str, value: Any) -> bytes:
    return operation_frame("tag", key=key, value=value)


def points(name: str, *values: float) -> list[bytes | None]:
    return [point_frame(name, value, NOON + step, step) for step, value in enumerate(values)]


def end(status: str, after: float) -> bytes:
    cause = None if status == "completed" else "user_code"
    return operation_frame("end", status=status, exit_code=0, time=NOON + after, cause=cause)


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("", "dcba"),
        ('status == "running"', "c"),
        ('status in ["failed", "queued"]', "db"),
        ("metrics.acc > 0.6", "ba"),
        ("metrics.acc.max >= 0.9 and params.lr < 1", "a"),
        ("metrics.acc.min == 0.5 or params.lr == 'auto'", "ba"),
        ("metrics.acc.count == 3", "a"),
        ("metrics.acc.first < 0.9", "a"),
        ("not exists(metrics.acc)", "dc"),
        ("tags.best", "a"),
        ('tags.stage == "prod"', "b"),
        ("params.lr != 0.1", "cb"),
        ("not params.lr == 0.1", "dcb"),
        ('params."learning rate" == 3', "c"),
        ('user ~ "bo"', "c"),
        ('cause == "user_code"', "b"),
        ("exists(cause)", "b"),
        ('project == "p"', "dcba"),
        ('job_id in ["a", "d"]', "da"),
        ('start_time >= "2020-01-06T12:01"', "cb"),
        ("start_time < -7d", "cba"),
        ("duration > 1h and duration < 2h", "b"),
        ("duration == 10", "a"),
        ('mode == "execution"', "cba"),
    ],
)
def test_a_filter_keeps_the_jobs_for_which_it_holds(api: Api, text: str, ids: str) -> None:
    assert api.ids(text) == ids
    assert api.get(filter=text)["total"] == len(ids)


@pytest.mark.parametrize(
    ("sort", "ids"),
    [
        ("creation_time", "abcd"),
        ("-creation_time", "dcba"),
        ("metrics.acc", "abdc"),
        ("-metrics.acc.max", "badc"),
        ("params.lr", "cabd"),
        ("-params.lr", "acbd"),
        ("user,-creation_time", "cdba"),
        ("job_id", "abcd"),
        ("duration", "abcd"),
        ("status", "abdc"),
    ],
)
def test_jobs_are_ordered_by_any_field(api: Api, sort: str, ids: str) -> None:
    assert api.ids(sort=sort) == ids


def test_a_field_that_no_job_has_is_named_with_the_one_that_was_meant(api: Api) -> None:
    answer = api.http.get(f"{PATH}?filter=metrics.accc > 0.9")
    assert (answer.status_code, answer.get_json()["position"]) == (400, 1)
    assert answer.get_json()["expected"] == "`metrics.acc`, perhaps"
    answer = api.http.get(f"{PATH}?sort=user,-params.l_r")
    assert (answer.get_json()["field"], answer.get_json()["position"]) == ("sort", 7)


@pytest.mark.parametrize("sort", ["", "-metrics.acc", "params.lr,user", "duration"])
def test_pages_follow_each_other_also_when_jobs_come_between(api: Api, sort: str) -> None:
    whole, seen, cursor = api.ids(sort=sort), "", ""
    for number in range(12):
        page = api.get(sort=sort, limit=1, **({"cursor": cursor} if number else {}))
        seen += page["jobs"][0]["job_id"]
        if number < 3:
            api.log("new"[number], start=NOON + 1000 + number, user="zoe")
        cursor = page["cursor"]
        if cursor is None:
            break
    assert "".join(job_id for job_id in seen if job_id in "abcd") == whole


def test_the_next_page_begins_behind_a_job_that_is_gone(api: Api) -> None:
    page = api.get(limit=3)
    assert [job["job_id"] for job in page["jobs"]] == ["d", "c", "b"]
    api.tracker.jobs.delete("b", NOON)
    following = api.get(limit=3, cursor=page["cursor"])
    assert ([job["job_id"] for job in following["jobs"]], following["cursor"]) == (["a"], None)


def test_pages_can_be_asked_for_by_number(api: Api) -> None:
    assert api.ids(offset=1, limit=2) == "cb"
    assert api.ids(offset=9) == ""


@pytest.mark.parametrize(
    "query",
    [
        {"cursor": "x"},
        {"cursor": "W10"},
        {"cursor": "x", "offset": 3},
        {"before": "nobody"},
        {"limit": 10001},
        {"limit": -1},
        {"fields": "nothing"},
        {"sort": "params.nothing"},
    ],
)
def test_what_cannot_be_is_refused(api: Api, query: dict[str, Any]) -> None:
    answer = api.http.get(f"{PATH}?{urlencode(query)}")
    assert (answer.status_code, answer.get_json()["field"]) == (400, next(iter(query)))


def test_a_cursor_holds_for_its_order_alone(api: Api) -> None:
    cursor = api.get(limit=1)["cursor"]
    answer = api.http.get(f"{PATH}?sort=user&cursor={cursor}")
    assert (answer.status_code, answer.get_json()["field"]) == (400, "cursor")


def test_only_what_is_asked_for_is_shown(api: Api) -> None:
    (row,) = api.get(filter='job_id == "a"', fields="status,params.lr,params.none,metrics.acc,metrics.acc.max,tags")[
        "jobs"
    ]
    assert row == {
        "job_id": "a",
        "status": "completed",
        "parameters": {"lr": 0.1},
        "metrics": {"acc": 0.7},
        "tags": {"best": True},
        "summaries": {"acc": {"max": 0.9}},
    }
    assert api.get(filter="tags.best", fields="")["jobs"] == [{"job_id": "a"}]


def test_an_index_that_is_not_there_is_made(api: Api) -> None:
    for key in api.tracker.client.keys(f"{keys.INDEX_PREFIX}*"):
        api.tracker.client.delete(key)
    for job_id in "abcd":
        api.tracker.client.hdel(keys.job(job_id), keys.ROW)
    assert set(api.ids("exists(params.lr)")) == set("abc")


def test_a_page_costs_two_round_trips_however_many_jobs_there_are(api: Api) -> None:
    def requests() -> int:
        before = int(api.tracker.client.info("stats")["total_reads_processed"])
        api.get(filter="metrics.acc > 0.1", sort="params.lr", limit=5)
        return int(api.tracker.client.info("stats")["total_reads_processed"]) - before

    api.ids()
    few = requests()
    for number in range(200):
        api.log(f"more{number}", param("lr", number), *points("acc", 0.5, 0.6))
    assert (few, requests()) == (3, 3)  # one of them asks for the figure


def test_an_unknown_project_is_not_found(api: Api) -> None:
    answer = api.http.get("/api/v3/projects/nothing/jobs?filter=tags.x")
    assert (answer.status_code, answer.get_json()["code"]) == (404, "project_not_found")


class TestFacets:
    def test_names_come_with_how_often_and_what_they_hold(self, api: Api) -> None:
        facets = api.get("/api/v3/projects/p/facets")
        assert facets["jobs"] == 4
        assert facets["status"] == [{"value": word, "jobs": 1} for word in ("completed", "failed", "running", "queued")]
        assert facets["user"] == [{"value": "ann", "jobs": 3}, {"value": "Bob", "jobs": 1}]
        assert facets["parameters"] == [
            {"name": "learning rate", "jobs": 1, "min": 3.0, "max": 3.0, "values": []},
            {"name": "lr", "jobs": 3, "min": 1e-4, "max": 0.1, "values": [{"value": "auto", "jobs": 1}]},
        ]
        assert facets["metrics"] == [{"name": "acc", "jobs": 2, "min": 0.7, "max": 0.95, "values": []}]
        assert [tag["name"] for tag in facets["tags"]] == ["best", "stage"]

    def test_they_follow_every_change_and_are_worked_out_once_for_each(self, api: Api) -> None:
        path = "/api/v3/projects/p/facets"

        def reads() -> int:
            before = int(api.tracker.client.info("stats")["total_reads_processed"])
            api.get(path)
            return int(api.tracker.client.info("stats")["total_reads_processed"]) - before

        assert (reads() > 2, reads()) == (True, 2)  # one of them asks for the figure
        told = [api.get(path)]
        changes: list[Callable[[], object]] = [
            lambda: api.tracker.jobs.set_tag("c", "new", "1"),
            lambda: api.tracker.jobs.remove_tag("c", "new"),
            lambda: api.log("more", param("lr", 7), *points("acc", 0.99)),
            lambda: api.tracker.jobs.move("more", "elsewhere", 5.0),
        ]
        for change in changes:
            change()
            told.append(api.get(path))
        assert [told[0], told[2], told[4]] == [told[0]] * 3
        assert len({str(each) for each in told}) == 3
        assert told[3]["parameters"][1]["max"] == 7.0

    def test_an_unknown_project_has_none(self, api: Api) -> None:
        assert api.http.get("/api/v3/projects/nothing/facets").status_code == 404


class TestBulk:
    def test_many_jobs_are_tagged_at_once(self, api: Api) -> None:
        body = {"job_ids": ["a", "b", "nobody"], "set": {"stage": "old", "n": 3}, "remove": ["best"]}
        answer = api.http.post("/api/v3/jobs/tags", json=body).get_json()
        assert answer["done"] == ["a", "b"]
        assert [(each["job_id"], each["code"]) for each in answer["failed"]] == [("nobody", "job_not_found")]
        assert api.ids('tags.stage == "old" and tags.n == 3') == "ba"
        assert api.http.get(f"{PATH}?filter=tags.best").status_code == 400

    def test_a_filter_names_jobs_too(self, api: Api) -> None:
        body = {"project": "p", "filter": "metrics.acc > 0.9", "set": {"good": True}}
        assert api.http.post("/api/v3/jobs/tags", json=body).get_json()["done"] == ["b"]

    def test_all_jobs_are_changed_only_by_a_filter_that_says_so(self, api: Api) -> None:
        for text in ("", " \t", "\n"):
            refused = api.http.post("/api/v3/jobs/tags", json={"project": "p", "filter": text, "set": {"x": 1}})
            assert (refused.status_code, refused.get_json()["field"]) == (400, "filter")
            assert "`exists(job_id)`" in refused.get_json()["detail"]
        body = {"project": "p", "filter": "exists(job_id)", "set": {"x": 1}}
        assert sorted(api.http.post("/api/v3/jobs/tags", json=body).get_json()["done"]) == ["a", "b", "c", "d"]

    def test_what_cannot_be_deleted_is_told(self, api: Api) -> None:
        answer = api.http.post("/api/v3/jobs/delete", json={"job_ids": ["c", "../x", "a"]}).get_json()
        assert answer["done"] == []  # the archive server is not there
        assert [each["code"] for each in answer["failed"]] == [
            "invalid_transition",
            "invalid_input",
            "server_unreachable",
        ]
        assert api.ids() == "dcba"

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"job_ids": "a"},
            {"job_ids": [], "filter": ""},
            {"project": "p", "filter": ""},
            {"project": "p", "filter": "  "},
            {"filter": "tags.x"},
            {"job_ids": [1]},
            {"job_ids": [""]},
        ],
    )
    def test_a_body_must_say_which(self, api: Api, body: dict[str, Any]) -> None:
        for action in ("tags", "delete"):
            assert api.http.post(f"/api/v3/jobs/{action}", json=body).status_code == 400

    @pytest.mark.parametrize("change", [{"set": []}, {"set": {"": 1}}, {"set": {"k": []}}, {"remove": "k"}])
    def test_tags_are_checked(self, api: Api, change: dict[str, Any]) -> None:
        assert api.http.post("/api/v3/jobs/tags", json={"job_ids": ["a"], **change}).status_code == 400


class TestReading:
    def test_many_jobs_come_in_one_answer_in_the_order_asked_for(self, api: Api) -> None:
        found = api.http.post("/api/v3/jobs/read", json={"job_ids": ["b", "nobody", "a", "b"]}).get_json()
        assert [job["job_id"] for job in found["jobs"]] == ["b", "a"]
        assert found["missing"] == ["nobody"]
        assert set(found["jobs"][0]) == set(api.get("/api/v3/jobs/b"))

    @pytest.mark.parametrize("body", [{}, {"job_ids": "a"}, {"job_ids": [1]}, {"job_ids": ["a"] * 201}])
    def test_a_body_must_name_some_jobs(self, api: Api, body: dict[str, Any]) -> None:
        answer = api.http.post("/api/v3/jobs/read", json=body)
        assert answer.status_code == 400
        assert answer.get_json()["field"] == "job_ids"


class TestSeries:
    def test_many_series_come_in_one_answer(self, api: Api) -> None:
        found = api.get("/api/v3/series", jobs="a,b,c,nobody", metric="acc", x="step")
        assert found == {
            "x": "step",
            "series": [
                {"job_id": "a", "name": "acc", "x": [0, 1, 2], "values": [0.5, 0.9, 0.7]},
                {"job_id": "b", "name": "acc", "x": [0], "values": [0.95]},
            ],
            "missing": [],
        }

    def test_a_part_is_shown_by_step_or_time(self, api: Api) -> None:
        by_step = api.get("/api/v3/series", jobs="a", metric="acc", x="step", **{"from": 1, "to": 2})["series"]
        assert by_step[0]["values"] == [0.9, 0.7]
        by_time = api.get("/api/v3/series", jobs="a", metric="acc", to=NOON + 1)["series"]
        assert by_time[0]["x"] == [NOON, NOON + 1]
        raw = api.get("/api/v3/jobs/a/series/acc", x="step", **{"from": 1})
        assert (raw["values"], raw["steps"]) == ([0.9, 0.7], [1, 2])
        assert api.get("/api/v3/jobs/a/series/acc", x="step", **{"from": 9})["values"] == []

    def test_a_series_whose_file_is_gone_is_missing_from_those_of_others(self, api: Api) -> None:
        for job_id in ("whole", "lost"):
            api.log(job_id, *(point_frame("long", float(step), NOON + step, step) for step in range(30)))
        api.tracker.client.hset(keys.job("lost"), keys.SEALED, "metrics.1.series")
        body = {"jobs": ["whole", "lost"], "metrics": ["long"]}
        by_body = api.http.post("/api/v3/series", json=body)
        for found in (api.get("/api/v3/series", jobs="whole,lost", metric="long"), by_body.get_json()):
            assert [each["job_id"] for each in found["series"]] == ["whole"]
            (missing,) = found["missing"]
            assert (missing["job_id"], missing["name"]) == ("lost", "long")
            assert "`lost/metrics.1.series`" in missing["reason"]
        alone = api.http.get("/api/v3/series?jobs=lost&metric=long")
        assert (alone.status_code, alone.get_json()["code"]) == (404, "not_found")

    def test_every_point_comes_as_a_line(self, api: Api) -> None:
        late = [point_frame("odd", value, NOON - step, None) for step, value in enumerate((math.nan, True, 7, 2.5))]
        huge = operation_frame("metric", name="odd", value=10**40, time=NOON + 1, step=3)
        api.log("e", *late, huge, *points("long", *map(float, range(5000))))
        assert lines(api, "e", "odd") == [
            {"step": None, "time": NOON - 3, "value": 2.5},
            {"step": None, "time": NOON - 2, "value": 7},
            {"step": None, "time": NOON - 1, "value": True},
            {"step": None, "time": NOON, "value": "NaN"},
            {"step": 3, "time": NOON + 1, "value": 10**40},
        ]
        whole = lines(api, "e", "long")
        assert [row["value"] for row in whole] == [float(step) for step in range(5000)]
        assert lines(api, "e", "long", x="step", **{"from": 10, "to": 12}) == whole[10:13]
        assert lines(api, "e", "long", **{"from": NOON + 4999}) == whole[4999:]
        assert lines(api, "e", "odd", x="step", to=9) == lines(api, "e", "odd")[4:]
        drawn = lines(api, "e", "long", width=2)
        assert (drawn[0], drawn[-1]) == (whole[0], whole[-1])
        assert len(drawn) < 20

    def test_lines_of_what_is_not_there_are_refused(self, api: Api) -> None:
        answers = [api.http.get(f"/api/v3/jobs/a/series/{query}") for query in ("none?format=jsonl", "acc?format=csv")]
        assert [answer.status_code for answer in answers] == [404, 400]
        assert answers[1].get_json()["field"] == "format"

    def test_what_is_no_number_is_drawn_from_the_points(self, api: Api) -> None:
        text = operation_frame("metric", name="note", value="start", time=NOON)
        api.log("e", text, *points("note", *map(float, range(100))))
        drawn = api.get("/api/v3/jobs/e/series/note", width=10)
        assert drawn["values"][0] == "start"
        assert len(drawn["values"]) <= 32

    @pytest.mark.parametrize(
        "query",
        [
            {},
            {"jobs": "a"},
            {"metric": "acc"},
            {"jobs": "a/b", "metric": "acc"},
            {"jobs": ",".join(f"j{number}" for number in range(201)), "metric": "acc"},
            {"jobs": "a", "metric": "acc", "width": 0},
            {"jobs": "a", "metric": "acc", "width": 10**9},
            {"jobs": "a", "metric": "acc", "x": "epoch"},
            {"jobs": "a", "metric": "acc", "from": "now"},
            {"jobs": "a", "metric": "acc", "to": "nan"},
        ],
    )
    def test_what_cannot_be_drawn_is_refused(self, api: Api, query: dict[str, Any]) -> None:
        assert api.http.get(f"/api/v3/series?{urlencode(query)}").status_code == 400
