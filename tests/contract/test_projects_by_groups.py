"""Who sees some projects alone: lists tell them of these, and what lies in others does not exist for them."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
import requests
from tests.fake_issuer import USERS, FakeIssuer
from tests.guarded_stack import GuardedStack, guarded_stack

from atlas_core.records import operation_frame
from atlas_core.states import JobStatus
from atlas_services.tracker import keys, open_tracker

pytestmark = pytest.mark.redis


@pytest.fixture(scope="module")
def stack(redis_server: str, issuer: FakeIssuer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[GuardedStack]:
    home = tmp_path_factory.mktemp("home")
    with guarded_stack(redis_server, home, issuer.url, ATLAS_OIDC_PROJECT_PREFIX="/projects/") as stack:
        for project in ("vision", "other"):
            begin(stack, issuer, f"run-{project}", project)
        yield stack


def begin(stack: GuardedStack, issuer: FakeIssuer, job_id: str, project: str) -> None:
    frames = operation_frame("start", project=project, user="x", time=time.time()) + operation_frame(
        "metric", name="loss", value=0.5, time=1.0, step=1
    )
    headers = {"X-Atlas-User-Token": issuer.token("ada")}
    path = f"/api/v3/jobs/{job_id}/journal/w?offset=0"
    assert stack.ask("POST", path, f"secret of {job_id}", data=frames, headers=headers).status_code == 200


@pytest.fixture
def outsider(issuer: FakeIssuer, monkeypatch: pytest.MonkeyPatch) -> str:
    """Somebody who sees no project."""
    monkeypatch.setitem(USERS, "olga", ("", ("viewer",), ()))
    return issuer.token("olga")


def test_a_search_finds_what_its_asker_sees(stack: GuardedStack, issuer: FakeIssuer, outsider: str) -> None:
    def found(token: str) -> tuple[int, list[str]]:
        answer = stack.ask("GET", "/api/v3/jobs?prefix=run-", token).json()
        return answer["total"], sorted(job["project"] for job in answer["jobs"])

    assert found(issuer.token("vera")) == (1, ["vision"])
    assert found(issuer.token("ada")) == (2, ["other", "vision"])
    assert found(outsider) == (0, [])


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_curves_of_foreign_jobs_are_as_if_there_were_none(
    stack: GuardedStack, issuer: FakeIssuer, outsider: str, method: str
) -> None:
    def jobs(token: str) -> list[str]:
        path = "/api/v3/series" + ("?jobs=run-vision,run-other&metric=loss" if method == "GET" else "")
        body = {"jobs": ["run-vision", "run-other"], "metrics": ["loss"]}
        answer = stack.ask(method, path, token, json=body if method == "POST" else None)
        assert answer.status_code == 200, answer.text
        return [series["job_id"] for series in answer.json()["series"]]

    assert jobs(issuer.token("vera")) == ["run-vision"]
    assert jobs(issuer.token("ada")) == ["run-vision", "run-other"]
    assert jobs(outsider) == []


def test_foreign_jobs_are_missing_from_those_that_are_read(
    stack: GuardedStack, issuer: FakeIssuer, outsider: str
) -> None:
    def read(token: str) -> tuple[list[str], list[str]]:
        body = {"job_ids": ["run-vision", "run-other"]}
        answer = stack.ask("POST", "/api/v3/jobs/read", token, json=body)
        assert answer.status_code == 200, answer.text
        return [job["job_id"] for job in answer.json()["jobs"]], answer.json()["missing"]

    assert read(issuer.token("vera")) == (["run-vision"], ["run-other"])
    assert read(issuer.token("ada")) == (["run-vision", "run-other"], [])
    assert read(outsider) == ([], ["run-vision", "run-other"])


def test_a_job_hides_what_it_comes_from_and_what_belongs_to_it_in_foreign_projects(
    stack: GuardedStack, issuer: FakeIssuer
) -> None:
    code = {"bundle_id": "ef" * 32}
    with closing(open_tracker(stack.environment["ATLAS_REDIS_URL"])) as tracker:
        for name, project, parent in (("old", "vision", None), ("own", "vision", "run-other"), ("far", "other", "own")):
            tracker.jobs.create(name, project, JobStatus.QUEUED, 1.0, "t", parent=parent, spec=code)

        def lineage(name: str) -> dict[str, Any]:
            answer = stack.ask("GET", "/api/v3/jobs/own/lineage", issuer.token(name)).json()
            assert isinstance(answer, dict)
            return answer

        found = lineage("vera")
        assert (found["parent_id"], found["parent"], found["children"]["total"]) == (None, None, 0)
        assert [job["job_id"] for job in found["same_code"]["jobs"]] == ["old"]
        assert (lineage("ada")["parent_id"], lineage("ada")["children"]["total"]) == ("run-other", 1)
        newest = {f"new-{number}": time.time() + 9.0 for number in range(1000)}  # only among these it is looked
        tracker.client.zadd(keys.bundle_jobs(code["bundle_id"]), newest)
        assert lineage("vera")["same_code"] == {"total": 0, "jobs": []}


def test_what_can_be_no_id_of_a_job_is_the_id_of_none(stack: GuardedStack, issuer: FakeIssuer) -> None:
    with closing(open_tracker(stack.environment["ATLAS_REDIS_URL"])) as tracker:
        tracker.client.set(keys.points("run-vision", 0, "foo}"), b"")
    odd = ["run-vision}:points:0:foo", "../x", " "]
    for name in ("max", "ada"):
        read = stack.ask("POST", "/api/v3/jobs/read", issuer.token(name), json={"job_ids": odd})
        assert (read.status_code, read.json()["missing"]) == (200, odd)
        for change in ("tags", "delete"):
            answer = stack.ask("POST", f"/api/v3/jobs/{change}", issuer.token(name), json={"job_ids": odd})
            assert (answer.status_code, answer.json()["done"]) == (200, [])
            assert [failed["job_id"] for failed in answer.json()["failed"]] == odd


def test_tensorboard_shows_no_foreign_job(stack: GuardedStack, issuer: FakeIssuer) -> None:
    for path in ("/api/v3/tensorboard", "/api/v2beta/upload_to_tensorboard"):
        both = stack.ask("POST", path, issuer.token("vera"), json={"job_ids": ["run-vision", "run-other"]})
        assert (both.status_code, both.json()["code"]) == (404, "job_not_found")
        assert "run-other" in both.json()["detail"]


def test_events_tell_of_projects_that_their_listener_sees(stack: GuardedStack, issuer: FakeIssuer) -> None:
    headers = {"Authorization": f"Bearer {issuer.token('vera')}", "Last-Event-ID": "0-0"}
    with requests.get(f"{stack.url}/api/v3/events", headers=headers, stream=True, timeout=60) as stream:
        assert stream.status_code == 200
        begin(stack, issuer, f"late-{uuid.uuid4().hex}", "other")
        last = f"late-{uuid.uuid4().hex}"
        begin(stack, issuer, last, "vision")
        heard: list[str] = []
        for line in stream.iter_lines(chunk_size=1, decode_unicode=True):
            if line.startswith("data:"):
                heard.append(line)
            if last in line:
                break
    assert heard
    assert all('"project": "vision"' in line for line in heard)
    foreign = stack.ask("GET", "/api/v3/events?project=other", issuer.token("vera"))
    assert (foreign.status_code, foreign.json()["code"]) == (404, "project_not_found")


def test_lists_and_descriptions_are_there_for_everybody(stack: GuardedStack, outsider: str) -> None:
    assert stack.ask("GET", "/api/v3/projects", outsider).json() == []
    assert stack.ask("GET", "/api/v2beta/projects", outsider).json() == []
    for path in ("/docs", "/openapi.json", "/api/v3/openapi/rest_api.json", "/api/v3/openapi/rest_api.html"):
        assert stack.ask("GET", path, outsider).status_code == 200
