"""A Docker engine that goes away under its jobs: none is lost from sight, none runs twice, the scheduler goes on."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from docker import APIClient
from tests.docker_engine import SecondEngine, containers_of, require_docker, second_engine
from tests.integration.test_docker_engine import submit
from tests.scheduler_service import answers, scheduler_process, settings_for, wait_for

from atlas_core.client import Connection, SchedulerClient
from atlas_core.states import Cause, JobStatus
from atlas_services.tracker import Tracker, open_tracker

pytestmark = [pytest.mark.redis, pytest.mark.docker, pytest.mark.timeout(240)]

#: Small, so that it is quickly loaded; it has no Python.
IMAGE = "debian:bookworm-slim"
PATIENCE = 60.0
_COUNT = "for i in 0 1 2 3 4 5 6 7; do echo line $i; sleep 1; done"


@pytest.fixture(scope="module")
def source() -> Iterator[APIClient]:
    client = require_docker()
    yield client
    client.close()


@pytest.fixture
def is_live() -> bool:
    """Whether containers outlive the daemon."""
    return False


@pytest.fixture
def engine(source: APIClient, is_live: bool) -> Iterator[SecondEngine]:
    options = ("--live-restore",) if is_live else ()
    with (
        tempfile.TemporaryDirectory(prefix="atlas-dockerd-") as directory,
        second_engine(Path(directory), *options) as running,
    ):
        running.load(source, IMAGE)
        yield running


def variables_for(engine: SecondEngine) -> dict[str, Any]:
    return {
        "ATLAS_ENGINE": "docker",
        "ATLAS_JOB_NETWORK": "bridge",
        "ATLAS_JOB_SERVER_URL": "http://127.0.0.1:9",
        "DOCKER_HOST": engine.host,
    }


def has_ended(tracker: Tracker, job_id: str) -> bool:
    return tracker.jobs.get(job_id).status.is_finished


def text_of(log: Path) -> str:
    return log.read_text() if log.exists() else ""


def test_an_engine_that_does_not_answer_holds_nobody_up(engine: SecondEngine, tmp_path: Path, redis_url: str) -> None:
    tracker = open_tracker(redis_url)
    with scheduler_process(tmp_path / "home", redis_url, **variables_for(engine)) as (_, url):
        client = SchedulerClient(Connection(url))
        run = partial(submit, client, tmp_path, "", image=IMAGE)
        job_id = run(entrypoint=("/bin/sh", "-c", "trap 'exit 9' TERM; while :; do sleep 0.1; done"))
        wait_for(lambda: tracker.jobs.get(job_id).status is JobStatus.RUNNING, PATIENCE)
        wait_for(lambda: [each["State"] for each in engine.client.containers()] == ["running"], PATIENCE)
        with engine.stalled():
            began = time.monotonic()
            waiting = run(entrypoint=("/bin/echo", "late"))
            client.cancel(job_id)
            assert answers(url)
            assert time.monotonic() - began < 3
        wait_for(lambda: has_ended(tracker, job_id) and has_ended(tracker, waiting), PATIENCE)
    assert tracker.jobs.get(job_id).cause is Cause.STOPPED_BY_USER
    assert tracker.jobs.get(waiting).status is JobStatus.COMPLETED
    tracker.close()


@pytest.mark.parametrize("is_live", [False, True], ids=["plain", "live-restore"])
def test_an_engine_that_is_killed_and_restarted(
    engine: SecondEngine, is_live: bool, tmp_path: Path, redis_url: str
) -> None:
    home, tracker = tmp_path / "home", open_tracker(redis_url)
    archive = settings_for(home, redis_url).archive_root
    with scheduler_process(home, redis_url, **variables_for(engine)) as (_, url):
        run = partial(submit, SchedulerClient(Connection(url)), tmp_path, "", image=IMAGE)
        counting = run(entrypoint=("/bin/sh", "-c", _COUNT))
        log = archive / counting / "logs" / "output.log"
        wait_for(lambda: "line 1\n" in text_of(log), PATIENCE)
        engine.kill()
        late = run(entrypoint=("/bin/echo", "late"))
        assert answers(url)
        assert not has_ended(tracker, counting)
        engine.start()
        wait_for(lambda: has_ended(tracker, counting) and has_ended(tracker, late), PATIENCE)
        wait_for(lambda: containers_of(engine.client, home) == [])
    record = tracker.jobs.get(counting)
    if is_live:
        assert record.status is JobStatus.COMPLETED, record
        assert text_of(log) == "".join(f"line {number}\n" for number in range(8))
    else:
        assert (record.status, record.cause) == (JobStatus.FAILED, Cause.ENGINE_LOST), record
        assert record.cause_detail == "the Docker engine was restarted, which ended the job"
    assert tracker.jobs.get(late).status is JobStatus.COMPLETED
    assert text_of(archive / late / "logs" / "output.log") == "late main.py\n"
    tracker.close()
