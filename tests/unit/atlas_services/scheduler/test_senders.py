"""Bundles that are named like a job: who may send one, have it run, and read it, where people log in."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.scheduler_service import SchedulerInProcess, old_bundle, scheduler_in_process
from werkzeug.test import TestResponse

from atlas_core.states import JobStatus
from atlas_services.identity import HEADER, Identity, Role, Signature

pytestmark = pytest.mark.redis

SECRET = "a secret of the tests"
ANN = Identity("ann", Role.MEMBER, "id-of-ann", ("vision",))
EVE = Identity("eve", Role.MEMBER, "id-of-eve", ())
BEN = Identity("ben", Role.VIEWER, "id-of-ben", ("vision",))
ADA = Identity("ada", Role.ADMIN, "id-of-ada")
SPEC = {"image": "foundations-worker", "working_dir": "/job/job_source", "environment": {}, "command": ["main.py"]}


class Server:
    """A scheduler without workers behind its gate."""

    def __init__(self, running: SchedulerInProcess) -> None:
        self.running = running

    def ask(self, who: Identity, method: str, path: str, **options: object) -> TestResponse:
        """Ask as the proxy does for somebody."""
        signed = {HEADER: Signature(SECRET).sign(who, method, path)}
        return self.running.client.open(path, method=method, headers=signed, **options)  # type: ignore[arg-type]

    def send(self, who: Identity, job_id: str, code: str) -> int:
        """Send code for a job, as the original's clients do."""
        upload = {"job_bundle": (io.BytesIO(old_bundle(job_id, {"main.py": code})), f"{job_id}.tgz")}
        return self.ask(who, "POST", "/job_bundle", data=upload).status_code

    def queue(self, who: Identity, job_id: str, path: str = "/queued_jobs") -> tuple[int, str]:
        """Submit a job, or a schedule, whose bundle was sent before."""
        project = (who.projects or ("vision",))[0]
        metadata = {"project_name": project, "username": who.user}
        answer = self.ask(who, "POST", path, json={"job_id": job_id, "spec": SPEC, "metadata": metadata})
        return answer.status_code, answer.text

    def code(self, job_id: str) -> str:
        """Return what the job would run."""
        target = self.running.directory / f"unpacked-{job_id}"
        self.running.scheduler._bundles.unpack(job_id, None, target)
        return (target / "main.py").read_text()


@pytest.fixture
def server(tmp_path: Path, redis_url: str) -> Iterator[Server]:
    secret = tmp_path / "identity.secret"
    secret.write_text(SECRET)
    with scheduler_in_process(tmp_path, redis_url, NUM_WORKERS="0", ATLAS_IDENTITY_SECRET_FILE=str(secret)) as running:
        yield Server(running)


def test_nobody_replaces_the_code_of_somebody_elses_job(server: Server) -> None:
    assert (server.send(ANN, "job-1", "anns"), server.queue(ANN, "job-1")[0]) == (200, 201)
    assert [server.send(who, "job-1", "others") for who in (EVE, ADA)] == [403, 403]
    assert server.send(ANN, "job-1", "anns own") == 200
    assert server.code("job-1") == "anns own"


def test_nobody_replaces_what_somebody_else_has_sent_and_not_queued_yet(server: Server) -> None:
    assert server.send(ANN, "job-1", "anns") == 200
    assert [server.send(who, "job-1", "others") for who in (EVE, ADA)] == [403, 403]
    assert (server.queue(ANN, "job-1")[0], server.code("job-1")) == (201, "anns")


@pytest.mark.parametrize("path", ["/queued_jobs", "/scheduled_jobs"])
def test_nobody_has_run_what_somebody_else_has_sent(server: Server, path: str) -> None:
    olaf = Identity("olaf", Role.MEMBER, "id-of-olaf", ("other",))
    assert server.send(ANN, "job-1", "anns") == 200
    status, text = server.queue(olaf, "job-1", path)
    assert (status, "bundle" in text) == (409 if path == "/scheduled_jobs" else 400, True)
    assert server.queue(ANN, "job-1", path)[0] == 201


def test_a_job_does_not_replace_what_its_user_sent(server: Server) -> None:
    job = Identity("ann", Role.MEMBER, "job:job-1", ("vision",), "job-1")
    assert (server.send(ANN, "job-1", "first"), server.queue(ANN, "job-1")[0]) == (200, 201)
    assert (server.send(ANN, "job-2", "second"), server.send(job, "job-2", "changed")) == (200, 403)
    assert server.queue(ANN, "job-2")[0] == 201
    assert server.send(job, "job-2", "changed") == 403
    assert (server.send(job, "job-3", "its own"), server.queue(job, "job-3")[0]) == (200, 201)
    assert [server.code(name) for name in ("job-2", "job-3")] == ["second", "its own"]


def test_a_job_without_a_bundle_of_its_own_gets_none_from_others(server: Server) -> None:
    tracker = server.running.tracker
    tracker.jobs.create("job-1", "vision", JobStatus.QUEUED, 1.0, "t", user="ann", spec={"bundle_id": "0" * 64})
    assert [server.send(who, "job-1", "code") for who in (EVE, BEN, ANN)] == [403, 403, 200]


def test_the_bundle_of_a_job_is_read_by_those_who_see_the_job(server: Server) -> None:
    assert server.send(ANN, "job-1", "anns") == 200
    path = "/api/v3/bundles/job-1"
    assert [server.ask(who, "GET", path).status_code for who in (ANN, BEN, EVE)] == [404, 404, 404]
    assert server.queue(ANN, "job-1")[0] == 201
    assert [server.ask(who, "GET", path, buffered=True).status_code for who in (ANN, BEN, ADA)] == [200, 200, 200]
    refusal = server.ask(EVE, "GET", path)
    assert (refusal.status_code, refusal.get_json()["code"]) == (404, "bundle_not_found")


def test_an_id_is_free_again_once_its_job_is_gone(server: Server) -> None:
    assert (server.send(ANN, "job-1", "anns"), server.queue(ANN, "job-1")[0]) == (200, 201)
    assert server.ask(ANN, "DELETE", "/queued_jobs/0").status_code == 204
    assert server.send(EVE, "job-1", "eves") == 200
