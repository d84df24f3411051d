"""Jobs that fell silent."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.scheduler_service import wait_for

from atlas_core.records import operation_frame
from atlas_core.states import Cause, JobStatus
from atlas_services.scheduler.leader import Leadership
from atlas_services.scheduler.reaper import Reaper
from atlas_services.tracker import Tracker, keys, open_tracker

pytestmark = pytest.mark.redis


def test_silent_jobs_are_closed_and_the_next_look_is_when_another_may_be(tmp_path: Path, redis_url: str) -> None:
    tracker = open_tracker(redis_url)
    leadership = Leadership(tmp_path / "lock", tracker.lease)
    reaper, term = Reaper(tracker, leadership, timeout=60), leadership.take()[0]
    assert term is not None
    assert reaper.close_silent(0.0, term) == 60
    for job_id, heard in (("silent", 100.0), ("alive", 150.0)):
        start = operation_frame("start", project="digits", user="ada", time=90.0)
        tracker.journals.apply(job_id, "w", 0, start, "token", heard)
    assert reaper.close_silent(161.0, term) == pytest.approx(150 + 60 - 161, abs=0.2)
    silent, alive = tracker.jobs.get("silent"), tracker.jobs.get("alive")
    assert (silent.status, silent.cause) == (JobStatus.FAILED, Cause.LOST_HEARTBEAT)
    assert silent.cause_detail == "no sign of life for 60 seconds"
    assert alive.status is JobStatus.RUNNING
    tracker.close()


def test_a_redis_that_refuses_for_a_while_does_not_end_the_watch(tmp_path: Path, redis_url: str) -> None:
    tracker = open_tracker(redis_url)
    leadership = Leadership(tmp_path / "lock", tracker.lease)
    leadership.acquire()
    tracker.client.set(keys.HEARTBEATS, "of another type, so every command on it fails")
    reaper = Reaper(tracker, leadership, timeout=0.05)
    reaper.start()
    before = failures(tracker)
    wait_for(lambda: failures(tracker) > before)
    tracker.client.delete(keys.HEARTBEATS)
    start = operation_frame("start", project="digits", user="ada", time=90.0)
    tracker.journals.apply("silent", "w", 0, start, "token", 100.0)
    wait_for(lambda: tracker.jobs.get("silent").status is JobStatus.FAILED)
    assert reaper.lives
    reaper.close()
    leadership.release()
    tracker.close()


def failures(tracker: Tracker) -> int:
    """Return how many commands Redis has refused."""
    return int(tracker.client.info("stats")["total_error_replies"])
