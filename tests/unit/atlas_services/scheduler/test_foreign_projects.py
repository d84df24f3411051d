"""What the scheduler tells those who see some projects alone, as the groups of their login say."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.guarded_stack import SECRET
from tests.scheduler_service import SchedulerInProcess, scheduler_in_process
from werkzeug.test import TestResponse

from atlas_core.states import JobStatus
from atlas_services.changes import HEADER as CHANGED
from atlas_services.identity import HEADER, Identity, Role, Signature
from atlas_services.scheduler.overview import without_jobs
from atlas_services.tracker import ScheduleRecord

pytestmark = pytest.mark.redis

OF_VISION = Identity("max", Role.MEMBER, "id-of-max", ("vision",))
OF_NOTHING = Identity("olga", Role.VIEWER, "id-of-olga", ())
OF_ALL = Identity("ada", Role.ADMIN, "id-of-ada")


class Asking:
    """Asks a scheduler as the proxy does, in somebody's name."""

    def __init__(self, server: SchedulerInProcess) -> None:
        self._server = server

    def ask(self, identity: Identity, method: str, path: str, **options: Any) -> TestResponse:
        signed = Signature(SECRET).sign(identity, method, path)
        return self._server.client.open(path, method=method, headers={HEADER: signed}, **options)

    def get(self, identity: Identity, path: str) -> Any:
        answer = self.ask(identity, "GET", path)
        assert answer.status_code == 200, (path, answer.text)
        return answer.get_json()


@pytest.fixture
def server(tmp_path: Path, redis_url: str) -> Iterator[SchedulerInProcess]:
    """A scheduler where people log in, with jobs of two projects in each state."""
    secret = tmp_path / "identity.secret"
    secret.write_text(SECRET)
    variables = {"ATLAS_IDENTITY_SECRET_FILE": str(secret), "NUM_WORKERS": "0"}
    with scheduler_in_process(tmp_path, redis_url, environment=None, **variables) as server:
        for project in ("other", "vision"):
            for status in (JobStatus.QUEUED, JobStatus.COMPLETED, JobStatus.FAILED):
                server.tracker.jobs.create(
                    f"{status.value}-{project}", project, status, time.time(), "t", mode="scheduled", user="ada"
                )
        yield server


def projects(listing: dict[str, Any]) -> set[str]:
    return {entry["metadata"]["project_name"] for entry in listing.values()}


@pytest.mark.parametrize("path", ["/queued_jobs", "/completed_jobs", "/failed_jobs"])
def test_old_lists_of_jobs_leave_out_the_projects_of_others(server: SchedulerInProcess, path: str) -> None:
    asking = Asking(server)
    assert projects(asking.get(OF_ALL, path)) == {"other", "vision"}
    assert projects(asking.get(OF_VISION, path)) == {"vision"}
    assert asking.get(OF_NOTHING, path) == {}


def test_the_queue_keeps_its_places_and_counts_what_is_seen(server: SchedulerInProcess) -> None:
    asking = Asking(server)
    everything, seen = asking.get(OF_ALL, "/api/v3/queue"), asking.get(OF_VISION, "/api/v3/queue")
    assert everything["total"] == 2
    assert [(job["project"], job["position"]) for job in seen["jobs"]] == [("vision", 1)]
    assert seen["total"] == 1
    assert asking.get(OF_VISION, "/api/v3/queue?offset=1")["jobs"] == []
    assert asking.get(OF_VISION, "/api/v3/queue?limit=0") == {"total": 1, "jobs": []}
    assert asking.get(OF_NOTHING, "/api/v3/queue") == {"total": 0, "jobs": []}


def test_running_jobs_and_machines_name_no_foreign_job(server: SchedulerInProcess) -> None:
    asking = Asking(server)
    for project in ("other", "vision"):
        server.tracker.jobs.create(
            f"now-{project}", project, JobStatus.RUNNING, time.time(), "t", mode="scheduled", user="ada"
        )
    assert {job["project"] for job in asking.get(OF_VISION, "/api/v3/running")["jobs"]} <= {"vision"}
    (node,) = asking.get(OF_VISION, "/api/v3/nodes")["nodes"]
    assert "now-other" not in node["jobs"]
    assert projects(asking.get(OF_VISION, "/running_jobs")) <= {"vision"}
    assert asking.get(OF_VISION, "/workers") == {}


def test_a_machine_is_shown_without_the_jobs_of_others() -> None:
    node = {
        "slots_used": 2,
        "jobs": ["mine", "theirs"],
        "gpus": [{"id": "0", "job": "theirs"}, {"id": "1", "job": "mine"}],
    }
    assert without_jobs(node, {"theirs"}) == {
        "slots_used": 2,
        "jobs": ["mine"],
        "gpus": [{"id": "0", "job": None}, {"id": "1", "job": "mine"}],
    }


def test_schedules_of_others_are_left_out_however_the_project_is_named(server: SchedulerInProcess) -> None:
    asking = Asking(server)
    for project in ("other", "vision"):
        record = ScheduleRecord(f"cron-{project}", project, {}, {"spec": {}}, {"hour": "3"}, False, 1.0, 1.0)
        assert server.tracker.schedules.create(record)
    assert set(asking.get(OF_ALL, "/scheduled_jobs")) == {"cron-other", "cron-vision"}
    assert set(asking.get(OF_VISION, "/scheduled_jobs")) == {"cron-vision"}
    assert asking.get(OF_NOTHING, "/scheduled_jobs") == {}
    for who in (OF_VISION, OF_NOTHING):
        named = asking.ask(who, "GET", "/scheduled_jobs", json={"project": "other"})
        assert named.get_json() == {}
    assert asking.ask(OF_VISION, "GET", "/scheduled_jobs?project=other").status_code == 404


@pytest.mark.parametrize(("method", "path"), [("DELETE", "/api/v3/queue"), ("POST", "/workers")])
def test_what_concerns_everybody_is_not_theirs_to_change(server: SchedulerInProcess, method: str, path: str) -> None:
    assert Asking(server).ask(OF_VISION, method, path).status_code == 403


@pytest.mark.parametrize("other", ["queued-other", "completed-other", "nothing"])
def test_beside_a_job_of_others_there_is_no_place(server: SchedulerInProcess, other: str) -> None:
    asking, theirs = Asking(server), replace(OF_VISION, user="ada")
    before = server.tracker.queue.ids()
    answer = asking.ask(theirs, "PATCH", "/api/v3/queue/queued-vision", json={"before": other})
    assert (answer.status_code, answer.get_json()["code"]) == (404, "job_not_found")
    assert server.tracker.queue.ids() == before


def test_why_a_job_waits_names_no_job_of_others(server: SchedulerInProcess) -> None:
    server.tracker.jobs.create(
        "now-other", "other", JobStatus.RUNNING, time.time(), "t", mode="scheduled", user="ada", spec={}
    )
    asking = Asking(server)
    path = "/api/v3/jobs/queued-vision/why"
    assert "now-other" in asking.get(OF_ALL, path)["blocking"]
    assert "-other" not in str(asking.get(OF_VISION, path))
    assert "-other" not in str(asking.get(OF_VISION, "/api/v3/queue"))


def test_the_proxy_is_told_which_jobs_left_the_queue_or_moved_in_it(server: SchedulerInProcess) -> None:
    asking = Asking(server)
    moved = asking.ask(OF_ALL, "PATCH", "/queued_jobs/1", json=0)
    removed = asking.ask(OF_ALL, "DELETE", "/queued_jobs/0")
    cleared = asking.ask(OF_ALL, "DELETE", "/api/v3/queue")
    told = [answer.headers[CHANGED] for answer in (moved, removed, cleared)]
    assert told == ["1 queued-vision", "1 queued-vision", "1 queued-other"]
