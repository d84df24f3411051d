"""Sending jobs to TensorBoard: the original's routes and words, and ours."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module, util
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from tests.redis_server import free_port, require
from tests.served import serving

from atlas_core.settings import Settings
from atlas_core.states import JobStatus
from atlas_services.rest_api.app import make_app
from atlas_services.tensorboard_api.app import TensorBoardApi
from atlas_services.tracker import Tracker, open_tracker

BASE = "http://atlas:5558"
OLD = "/api/v2beta/upload_to_tensorboard"
NEW = "/api/v3/tensorboard"


@dataclass
class Api:
    """The REST API in front of a real TensorBoard service."""

    http: FlaskClient
    tracker: Tracker
    archive: Path

    def job(self, job_id: str, keeps: bool = True) -> str:
        """Have a job that keeps event files, or is about to."""
        self.tracker.jobs.create(job_id, "p", JobStatus.RUNNING, 1.0, "token", mode="execution")
        if keeps:
            self.tracker.jobs.set_tag(job_id, "tf", "tf")
        return job_id


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def service(home: Path) -> Iterator[str]:
    """The address of a TensorBoard service."""
    require(util.find_spec("tensorboard"), "TensorBoard")
    port = free_port()
    environment = {"FOUNDATIONS_HOME": str(home), "ATLAS_TENSORBOARD_PROCESSES": "64"}
    with serving("tensorboard_api", environment, port):
        yield f"127.0.0.1:{port}"


@pytest.fixture
def api(redis_url: str, home: Path, service: str) -> Iterator[Api]:
    tracker = open_tracker(redis_url)
    environment = {
        "FOUNDATIONS_HOME": str(home),
        "ATLAS_REDIS_URL": redis_url,
        "FOUNDATIONS_TENSORBOARD_API_HOST": service,  # as the original's installations name it, without a scheme
        "FOUNDATIONS_TENSORBOARD_HOST": BASE,
    }
    settings = Settings.from_environment(environment)
    with make_app(settings).test_client() as http:
        yield Api(http, tracker, settings.archive_root)
    tracker.close()


@pytest.mark.parametrize("route", [OLD, NEW])
def test_jobs_become_an_address(api: Api, route: str) -> None:
    job = api.job("a")
    answer = api.http.post(route, json={"job_ids": [job]})
    assert answer.status_code == 200, answer.text
    assert answer.get_json()["url"].startswith(f"{BASE}/tensorboard/")
    assert api.http.post(route, json={"job_ids": [job, job]}).get_json() == answer.get_json()


@pytest.mark.parametrize("name", ["ATLAS_TENSORBOARD_{}URL", "FOUNDATIONS_TENSORBOARD_{}HOST", "TENSORBOARD_{}HOST"])
def test_the_services_are_found_by_every_name_that_their_addresses_had(name: str) -> None:
    environment = {name.format("API_"): "tensorboard:5000", name.format(""): "https://curves.example/"}
    settings = Settings.from_environment(environment)
    assert settings.tensorboard_api_url == "http://tensorboard:5000"
    assert settings.tensorboard_url == "https://curves.example"


def test_without_any_name_browsers_find_it_at_the_proxy() -> None:
    settings = Settings.from_environment({"ATLAS_PROXY_URL": "http://atlas:5558"})
    assert (settings.tensorboard_url, settings.tensorboard_api_url) == ("http://atlas:5558", "http://127.0.0.1:5960")


@pytest.mark.parametrize("body", [None, [], {}, {"job_ids": "a"}, {"jobs": ["a"]}])
def test_the_older_route_says_what_it_expects(api: Api, body: Any) -> None:
    answer = api.http.post(OLD, json=body)
    assert (answer.status_code, answer.get_json()) == (400, "Expected a json object with key 'job_ids'")


@pytest.mark.parametrize(
    ("job_ids", "status", "code"),
    [
        ([], 400, "invalid_input"),
        (["../x"], 400, "invalid_input"),
        (["a; id"], 400, "invalid_input"),
        ([7], 400, "invalid_input"),
        ([["a"]], 400, "invalid_input"),
        (["unknown"], 404, "job_not_found"),
        (["plain"], 400, "invalid_input"),
        ("plain", 400, "invalid_input"),
    ],
)
def test_what_cannot_be_shown_is_refused(api: Api, job_ids: Any, status: int, code: str) -> None:
    api.job("plain", keeps=False)
    answer = api.http.post(NEW, json={"job_ids": job_ids})
    assert (answer.status_code, answer.get_json()["code"]) == (status, code)


def test_importing_from_a_job_without_event_files_is_refused(api: Api) -> None:
    api.job("bare", keeps=False)
    answer = api.http.post("/api/v3/jobs/bare/import-tensorboard")
    assert answer.status_code == 400
    assert "has no TensorBoard files" in answer.get_json()["detail"]
    assert api.http.post("/api/v3/jobs/none/import-tensorboard").status_code == 404


def test_scalars_are_taken_in_once_and_do_not_wake_a_job_that_fell_silent(api: Api) -> None:
    require(util.find_spec("tensorboardX"), "tensorboardX")
    writers = import_module("tensorboardX")
    api.job("b")
    api.tracker.jobs.transition_from("b", (JobStatus.RUNNING,), JobStatus.FAILED, 2.0, cause="lost_heartbeat")
    folder = api.archive / "b" / "synced_directories" / "__tensorboard__"
    with writers.SummaryWriter(str(folder), flush_secs=1) as writer:
        for step in range(6000):
            writer.add_scalar("loss", step / 2, step, walltime=1e9 + step)
        writer.add_text("note", "no scalar", 1)
        writer.add_scalar("nan", float("nan"), 1)
    for _ in range(2):
        answer = api.http.post("/api/v3/jobs/b/import-tensorboard", json={"prefix": "tb/"})
        assert answer.get_json() == {"files": 1, "points": 6001, "metrics": ["tb/loss", "tb/nan"]}
    series = api.http.get("/api/v3/jobs/b/series/tb/loss").get_json()
    assert series["steps"] == list(range(6000))
    assert (series["values"][-1], series["times"][-1]) == (2999.5, 1e9 + 5999)
    assert api.tracker.jobs.get("b").status is JobStatus.FAILED


def test_scalars_in_their_newer_form_are_read_by_run(api: Api) -> None:
    event = import_module("tensorboard.compat.proto.event_pb2").Event
    scalar = import_module("tensorboard.plugins.scalar.summary_v2").scalar_pb
    text = import_module("tensorboard.plugins.text.summary_v2").text_pb
    open_writer = import_module("tensorboard.summary.writer.event_file_writer").EventFileWriter
    api.job("c")
    folder = api.archive / "c" / "synced_directories" / "__tensorboard__"
    for run in ("train", "test"):
        writer = open_writer(str(folder / run))
        for step in range(3):
            writer.add_event(event(wall_time=5.0 + step, step=step, summary=scalar("acc", step / 4)))
        writer.add_event(event(wall_time=9.0, step=9, summary=text("note", "no scalar")))
        writer.close()
    answer = api.http.post("/api/v3/jobs/c/import-tensorboard")
    assert answer.get_json() == {"files": 2, "points": 6, "metrics": ["test/acc", "train/acc"]}
    series = api.http.get("/api/v3/jobs/c/series/train/acc").get_json()
    assert (series["steps"], series["values"], series["times"]) == ([0, 1, 2], [0.0, 0.25, 0.5], [5.0, 6.0, 7.0])


def test_a_file_that_ends_within_an_event_is_read_up_to_there_and_on_when_it_is_whole(api: Api) -> None:
    require(util.find_spec("tensorboardX"), "tensorboardX")
    api.job("d")
    folder = api.archive / "d" / "synced_directories" / "__tensorboard__"
    with import_module("tensorboardX").SummaryWriter(str(folder)) as writer:
        for step in range(10):
            writer.add_scalar("loss", step, step)
    (file,) = folder.iterdir()
    whole = file.read_bytes()
    for size in (len(whole) - 5, len(whole)):
        file.write_bytes(whole[:size])
        answer = api.http.post("/api/v3/jobs/d/import-tensorboard")
        assert answer.get_json()["points"] == (9 if size < len(whole) else 10)
    assert api.http.get("/api/v3/jobs/d/series/loss").get_json()["values"] == [float(step) for step in range(10)]


class TestService:
    """The TensorBoard service's own routes, as the original's REST API calls them."""

    @pytest.fixture
    def http(self, tmp_path: Path) -> Iterator[FlaskClient]:
        require(util.find_spec("tensorboard"), "TensorBoard")
        (tmp_path / "job_data" / "archive" / "a" / "synced_directories" / "__tensorboard__").mkdir(parents=True)
        service = TensorBoardApi(Settings.from_environment({"FOUNDATIONS_HOME": str(tmp_path)}))
        with service.app().test_client() as client:
            yield client
        service.close()

    def test_it_greets(self, http: FlaskClient) -> None:
        assert http.get("/").text == "Test Passed"

    def test_links_are_made_with_the_original_words(self, http: FlaskClient) -> None:
        location = {"job_id": "a", "synced_directory": "archive/a; touch /tmp/x/synced_directories/__tensorboard__"}
        answer = http.post("/create_sym_links", json={"tensorboard_locations": [location]})
        assert answer.text == "Success! the specified jobs: [a] have been sent to tensorboard"
        assert answer.headers["Location"].startswith("/tensorboard/")

    @pytest.mark.parametrize("body", [None, [], {"x": 1}])
    def test_what_is_expected_is_said(self, http: FlaskClient, body: Any) -> None:
        answer = http.post("/create_sym_links", json=body)
        words = "Bad Request. Expecting a json object with key 'tensorboard_locations'"
        assert (answer.status_code, answer.text) == (400, words)

    @pytest.mark.parametrize("job_id", ["../../etc", "$(id)", "a b", None])
    def test_what_is_no_job_id_is_refused(self, http: FlaskClient, job_id: Any) -> None:
        assert http.post("/create_sym_links", json={"tensorboard_locations": [{"job_id": job_id}]}).status_code == 400

    def test_an_unknown_selection_is_not_found(self, http: FlaskClient) -> None:
        assert http.get("/tensorboard/..%2f..%2fetc/").status_code == 404
        answer = http.get(f"/tensorboard/{'0' * 20}/data/runs")
        assert (answer.status_code, answer.get_json()["code"]) == (404, "not_found")

    def test_a_browser_is_told_so_in_a_page(self, http: FlaskClient) -> None:
        answer = http.get(f"/tensorboard/{'0' * 20}/", headers={"Accept": "text/html,*/*"})
        assert (answer.status_code, answer.mimetype) == (404, "text/html")
        assert "send the jobs to TensorBoard again" in answer.text
