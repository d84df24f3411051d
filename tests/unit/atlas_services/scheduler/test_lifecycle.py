"""Steps of a job's life, one at a time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.memory_engine import Crash, Machine
from tests.stepwise_scheduler import StepwiseScheduler

from atlas_core.errors import InvalidTransition
from atlas_core.jobs import JobSpec
from atlas_core.records import operation_frame
from atlas_core.retries import Retries
from atlas_core.states import Cause, JobStatus
from atlas_services.scheduler.engines import Capacity
from atlas_services.tracker import JobRecord, Tracker, keys, open_tracker

pytestmark = pytest.mark.redis

EVERYTHING = [0] * 20


@pytest.fixture
def tracker(redis_url: str) -> Iterator[Tracker]:
    tracker = open_tracker(redis_url)
    yield tracker
    tracker.close()


class Stage:
    """A machine with one slot, a scheduler that leads, and a clock."""

    def __init__(self, tracker: Tracker, home: Path) -> None:
        self.tracker, self.home, self.machine, self.time = tracker, home, Machine(), 1000.0
        self.scheduler = self.successor()

    def successor(self) -> StepwiseScheduler:
        """Return another scheduler, which leads from now on."""
        self.tracker.client.delete(keys.LEASE)
        scheduler = StepwiseScheduler(self.tracker, self.machine, Capacity(1), self.home, lambda: self.time)
        scheduler.try_to_lead()
        return scheduler

    def submit(self, retries: Retries | None = None) -> str:
        spec = JobSpec(retries=retries or Retries()).to_dict()
        self.tracker.jobs.create("job", "p", JobStatus.QUEUED, self.time, "t", user="u", spec=spec)
        return "job"

    def record(self) -> JobRecord:
        return self.tracker.jobs.get("job")

    def log(self) -> str:
        path = self.home / "archive" / "job" / "logs" / "output.log"
        return path.read_text() if path.exists() else ""


@pytest.fixture
def stage(tracker: Tracker, tmp_path: Path) -> Stage:
    return Stage(tracker, tmp_path)


def test_a_job_of_which_the_machine_lost_everything_ends_as_lost(stage: Stage) -> None:
    stage.submit()
    stage.scheduler.work(EVERYTHING)
    stage.machine.places.clear()
    stage.successor().work(EVERYTHING)
    assert (stage.record().status, stage.record().cause) == (JobStatus.FAILED, Cause.ENGINE_LOST)
    assert "Foundations ERROR: The working directory of the job is gone." in stage.log()


def test_a_lost_job_is_tried_again_if_its_retries_say_so(stage: Stage) -> None:
    stage.submit(Retries(1))
    stage.scheduler.work(EVERYTHING)
    stage.machine.places.clear()
    successor = stage.successor()
    successor.work(EVERYTHING)
    assert (stage.record().status, stage.record().attempt) == (JobStatus.QUEUED, 2)
    stage.time += 1.0
    successor.work(EVERYTHING)
    assert stage.record().status is JobStatus.RUNNING
    assert stage.machine.runs == {("job", 1): 1, ("job", 2): 1}


def test_a_crash_between_the_end_of_an_attempt_and_its_record_changes_nothing(stage: Stage) -> None:
    stage.submit(Retries(1))
    stage.scheduler.work(EVERYTHING)
    stage.machine.end("job", 137, out_of_memory=True)
    stage.machine.acts_left = 2
    with pytest.raises(Crash):
        stage.scheduler.work([])
        stage.scheduler.work(EVERYTHING)
    stage.machine.acts_left = None
    successor = stage.successor()
    for _ in range(3):
        successor.work(EVERYTHING)
    assert (stage.record().status, stage.record().attempt) == (JobStatus.QUEUED, 2)
    assert stage.log().count("Attempt 1 of 2 failed (oom") == 1


def test_a_stop_of_a_job_in_preparation_cancels_it_at_once_whoever_is_asked(stage: Stage) -> None:
    stage.submit()
    stage.scheduler.work([])
    other = StepwiseScheduler(stage.tracker, stage.machine, Capacity(1), stage.home)
    other.lifecycle.stop("job", "stopped by the user")
    assert (stage.record().status, stage.record().cause) == (JobStatus.FAILED, Cause.STOPPED_BY_USER)
    stage.scheduler.work([])
    assert stage.scheduler.engine.cancelled == ["job"]
    stage.scheduler.work(EVERYTHING)
    assert not stage.machine.runs


def test_a_stop_that_did_not_reach_the_job_is_told_by_the_next_leader(stage: Stage) -> None:
    stage.submit(Retries(3))
    stage.scheduler.work(EVERYTHING)
    stage.scheduler.lifecycle.stop("job", "stopped by the user")
    assert stage.machine.places["job"].stop is None
    stage.successor().work(EVERYTHING)
    stop = stage.machine.places["job"].stop
    assert stop is not None
    assert (stop.cause, stop.reason) == (Cause.STOPPED_BY_USER, "stopped by the user")


def test_a_job_that_fails_while_it_is_stopped_is_not_tried_again(stage: Stage) -> None:
    stage.submit(Retries(3))
    stage.scheduler.work(EVERYTHING)
    stage.tracker.jobs.request_stop("job", Cause.STOPPED_BY_USER, "stopped by the user")
    stage.machine.end("job", 1)
    stage.scheduler.work([])
    stage.scheduler.work(EVERYTHING)
    assert (stage.record().status, stage.record().attempt) == (JobStatus.FAILED, 1)


def test_a_job_that_has_ended_cannot_be_stopped(stage: Stage) -> None:
    stage.submit()
    stage.scheduler.lifecycle.stop("job", "stopped by the user")
    with pytest.raises(InvalidTransition, match="is failed and cannot be stopped"):
        stage.scheduler.lifecycle.stop("job", "stopped by the user")


def test_an_exception_of_an_earlier_attempt_that_arrives_late_is_not_the_next_ones(stage: Stage) -> None:
    stage.submit(Retries(1))
    stage.scheduler.work(EVERYTHING)
    stage.machine.end("job", 1)
    stage.scheduler.work([])
    stage.scheduler.work(EVERYTHING)
    assert stage.record().status is JobStatus.QUEUED
    late = operation_frame("error", type="ValueError", message="of the first attempt")
    stage.tracker.journals.apply("job", "writer", 0, late, "t", stage.time)
    assert stage.record().error is None


def test_a_leader_that_was_overtaken_leaves_the_ends_of_jobs_to_its_successor(stage: Stage) -> None:
    stage.submit()
    stage.scheduler.work(EVERYTHING)
    successor = stage.successor()
    stage.time += 60.0
    stage.machine.end("job", 0)
    stage.scheduler.work(EVERYTHING)
    assert (stage.record().status, stage.scheduler.leadership.held) == (JobStatus.RUNNING, False)
    successor.work(EVERYTHING)
    successor.work(EVERYTHING)
    assert stage.record().status is JobStatus.COMPLETED


def end_behind_the_back(stage: Stage) -> None:
    """Have a job end in the tracker while it runs, as when the engine was away as it was to be killed."""
    stage.tracker.jobs.transition("job", JobStatus.FAILED, stage.time, completed_time=stage.time)


def test_a_job_that_has_ended_and_still_runs_is_ended_by_the_next_leader(stage: Stage) -> None:
    stage.submit()
    stage.scheduler.work(EVERYTHING)
    end_behind_the_back(stage)
    assert stage.machine.running() == ["job"]
    stage.successor().work(EVERYTHING)
    assert (stage.machine.places, stage.machine.archived) == ({}, {"job": 1})


def test_what_ended_jobs_left_is_looked_for_again_and_again(stage: Stage) -> None:
    stage.submit()
    stage.scheduler.work(EVERYTHING)
    successor = stage.successor()
    successor.work(EVERYTHING)
    end_behind_the_back(stage)
    successor.dispatcher._tenure.held.clear()  # type: ignore[union-attr]
    successor.work(EVERYTHING)
    assert stage.machine.running() == ["job"]
    stage.time += 3600.0
    successor.work(EVERYTHING)
    assert stage.machine.places == {}


def test_a_running_job_is_not_swept_up(stage: Stage) -> None:
    stage.submit()
    stage.scheduler.work(EVERYTHING)
    stage.time += 3600.0
    stage.scheduler.work(EVERYTHING)
    stage.successor().work(EVERYTHING)
    assert stage.machine.running() == ["job"]
