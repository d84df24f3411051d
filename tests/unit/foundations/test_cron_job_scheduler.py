"""The client of scheduled jobs that scripts of the original use, against a real scheduler."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.redis_server import free_port
from tests.scheduler_service import packed_project, scheduler_process

from atlas_core.client import Connection
from foundations.cron_job_scheduler import CronJobScheduler, CronJobSchedulerError

pytestmark = pytest.mark.redis


@pytest.fixture
def url(tmp_path: Path, redis_url: str) -> Iterator[str]:
    with scheduler_process(tmp_path / "home", redis_url, NUM_WORKERS="0") as (_, url):
        yield url


def test_a_schedule_lives_as_the_original_had_it(url: str, tmp_path: Path) -> None:
    bundle_id, content = packed_project(tmp_path, {"main.py": "pass"})
    Connection(url).request("PUT", f"/api/v3/bundles/{bundle_id}", data=content).close()
    scheduler = CronJobScheduler(url)
    made = scheduler.schedule_job(
        "retrain",
        {"bundle_id": bundle_id, "command": ["main.py"]},
        {"month": "2", "hour": "3"},
        metadata={"project_name": "digits", "username": "ada"},
    )
    assert made == "retrain"
    assert list(scheduler.get_jobs()) == list(scheduler.get_job("retrain")) == ["retrain"]
    assert list(scheduler.get_job_with_params({"project": "digits"})) == ["retrain"]
    assert scheduler.get_job_with_params({"project": "another"}) == {}
    scheduler.pause_job("retrain")
    assert scheduler.get_job("retrain")["retrain"]["status"] == "paused"
    scheduler.resume_job("retrain")
    scheduler.update_job_schedule("retrain", {"hour": "4"})
    entry = scheduler.get_job("retrain")["retrain"]
    assert (entry["status"], entry["schedule"]["hour"]) == ("active", "4")
    scheduler.delete_job("retrain")
    assert scheduler.get_jobs() == {}


def test_what_is_refused_is_said_in_the_words_of_the_scheduler(url: str) -> None:
    scheduler = CronJobScheduler(url)
    with pytest.raises(CronJobSchedulerError, match="missing"):
        scheduler.pause_job("missing")
    with pytest.raises(CronJobSchedulerError, match="bundle"):
        scheduler.schedule_job("retrain", {"command": ["main.py"]}, {"hour": "3"}, {"project_name": "digits"})


def test_no_scheduler_is_said_so() -> None:
    with pytest.raises(CronJobSchedulerError, match=r"127\.0\.0\.1"):
        CronJobScheduler(f"http://127.0.0.1:{free_port()}").get_jobs()
