"""What the planner is told about the queue and the jobs that run."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pytest

from atlas_core.resources import Resources
from atlas_core.states import JobStatus
from atlas_services.scheduler.planning import WaitingJobs, active_of
from atlas_services.tracker import JobRecord, Tracker, keys, open_tracker


@pytest.fixture
def tracker(redis_url: str) -> Iterator[Tracker]:
    tracker = open_tracker(redis_url)
    yield tracker
    tracker.close()


def fill(tracker: Tracker, count: int) -> list[str]:
    ids = [f"job{number}" for number in range(count)]
    for job_id in ids:
        tracker.jobs.create(job_id, "p", JobStatus.QUEUED, 1.0, "t", user="ada", spec={"time_limit": 9.0})
    return ids


def reads(tracker: Tracker) -> int:
    """Return how many jobs were read from Redis so far."""
    return int(tracker.client.info("commandstats").get("cmdstat_hgetall", {"calls": 0})["calls"])


def names(waiting: WaitingJobs, moment: float = 100.0, busy: tuple[str, ...] = ()) -> list[str]:
    return [job.job_id for job in waiting.due(moment, busy)]


@pytest.mark.redis
def test_jobs_come_in_the_order_of_the_queue_however_many_there_are(tracker: Tracker) -> None:
    ids = fill(tracker, 200)
    assert names(WaitingJobs(tracker)) == ids


@pytest.mark.redis
def test_no_more_is_read_than_is_asked_for_and_nothing_twice(tracker: Tracker) -> None:
    fill(tracker, 200)
    waiting, before = WaitingJobs(tracker), reads(tracker)
    assert next(waiting.due(100.0)).job_id == "job0"
    assert reads(tracker) - before <= 32
    names(waiting)
    names(waiting)
    assert reads(tracker) - before == 200


@pytest.mark.redis
def test_a_job_that_moved_to_another_project_waits_for_that_one(tracker: Tracker) -> None:
    fill(tracker, 2)
    waiting = WaitingJobs(tracker)
    names(waiting)
    tracker.jobs.move("job1", "other", 2.0)
    assert [job.project for job in waiting.due(100.0)] == ["p", "other"]


@pytest.mark.redis
def test_a_job_that_pauses_between_attempts_is_left_out_until_it_is_due(tracker: Tracker) -> None:
    fill(tracker, 2)
    tracker.jobs.transition("job0", JobStatus.PENDING, 2.0)
    tracker.jobs.transition("job0", JobStatus.QUEUED, 3.0, attempt=2, not_before=150.0)
    waiting = WaitingJobs(tracker)
    assert (names(waiting), waiting.next_due) == (["job1"], 150.0)
    assert (names(waiting, 150.0), waiting.next_due) == (["job1", "job0"], None)


@pytest.mark.redis
def test_a_job_that_is_still_being_cleared_away_is_due_a_little_later(tracker: Tracker) -> None:
    fill(tracker, 2)
    waiting = WaitingJobs(tracker)
    assert names(waiting, 100.0, ("job0",)) == ["job1"]
    assert waiting.next_due is not None
    assert 100.0 < waiting.next_due < 100.5


@pytest.mark.redis
@pytest.mark.parametrize("spec", [{"resources": "many"}, {"resources": {"num_gpus": "x"}}, {"time_limit": "long"}])
def test_a_job_whose_specification_cannot_be_used_is_named_and_the_others_go_on(
    tracker: Tracker, spec: dict[str, object]
) -> None:
    tracker.jobs.create("broken", "p", JobStatus.QUEUED, 1.0, "t", spec=spec)
    fill(tracker, 1)
    waiting = WaitingJobs(tracker)
    assert (names(waiting), waiting.unusable) == (["job0"], ["broken"])


@pytest.mark.redis
def test_what_is_remembered_of_jobs_that_wait_no_more_is_forgotten(tracker: Tracker) -> None:
    fill(tracker, 1100)
    waiting = WaitingJobs(tracker)
    names(waiting)
    tracker.client.delete(keys.QUEUE)
    names(waiting)
    assert waiting._known == {}


def test_a_running_job_holds_its_gpus_and_ends_by_its_time_limit() -> None:
    spec = {"resources": {"num_gpus": 2}, "time_limit": 60.0}
    record = JobRecord("j", "p", JobStatus.RUNNING, 1.0, user="ada", start_time=100.0, gpu_ids="3,5", spec=spec)
    active = active_of(record, 130.0)
    assert (active.gpus, active.resources.num_gpus, active.ends_by) == (("3", "5"), 2, 160.0)


def test_a_job_that_is_being_prepared_has_its_whole_time_before_it() -> None:
    record = JobRecord("j", "p", JobStatus.PENDING, 1.0, spec={"time_limit": 60.0})
    assert active_of(record, 130.0).ends_by == 190.0


def test_an_active_job_whose_specification_cannot_be_used_still_holds_its_gpus() -> None:
    record = JobRecord("j", "p", JobStatus.RUNNING, 1.0, gpu_ids="0", spec={"resources": "many"})
    active = active_of(record, 130.0)
    assert (active.gpus, active.resources, active.ends_by) == (("0",), Resources(), None)


@pytest.mark.redis
def test_which_shapes_wait_is_known_after_a_whole_walk_until_a_job_joins_the_queue(tracker: Tracker) -> None:
    fill(tracker, 40)
    waiting = WaitingJobs(tracker)
    assert waiting.shapes() is None
    next(waiting.due(100.0))
    assert waiting.shapes() is None
    names(waiting)
    assert waiting.shapes() == {(Resources(), "p", "ada"): 9.0}
    tracker.jobs.create("late", "p", JobStatus.QUEUED, 1.0, "t", user="bob", spec={})
    assert waiting.shapes() is None
    names(waiting)
    assert waiting.shapes() == {(Resources(), "p", "ada"): 9.0, (Resources(), "p", "bob"): math.inf}
    tracker.jobs.move("late", "other", 2.0)
    assert waiting.shapes() is None
