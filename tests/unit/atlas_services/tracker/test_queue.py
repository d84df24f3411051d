from __future__ import annotations

import random

import pytest

from atlas_core.errors import NotFound
from atlas_core.states import JobStatus
from atlas_services.tracker import Tracker


def fill(tracker: Tracker, count: int) -> list[str]:
    """Queue jobs and return their ids, first to run first."""
    ids = [f"job{index}" for index in range(count)]
    for job_id in ids:
        tracker.jobs.create(job_id, "p", JobStatus.QUEUED, 1.0, "t")
    return ids


def test_jobs_wait_in_the_order_of_their_submission(tracker: Tracker) -> None:
    ids = fill(tracker, 12)
    assert tracker.queue.ids() == ids
    assert len(tracker.queue) == 12
    assert tracker.queue.at(3) == "job3"


@pytest.mark.parametrize("position", [3, 12, -1])
def test_a_position_that_nobody_has_is_not_found(tracker: Tracker, position: int) -> None:
    fill(tracker, 3)
    with pytest.raises(NotFound, match=f"Bad queue position {position}"):
        tracker.queue.at(position)


def test_a_thousand_moves_keep_the_order_that_a_list_would_have(tracker: Tracker) -> None:
    expected = fill(tracker, 7)
    chance = random.Random(4)
    for _ in range(1000):
        job_id, position = chance.choice(expected), chance.randrange(10)
        tracker.queue.reposition(job_id, position)
        expected.remove(job_id)
        expected.insert(position, job_id)
        assert tracker.queue.ids() == expected


def test_a_job_that_does_not_wait_is_not_put_into_the_queue(tracker: Tracker) -> None:
    ids = fill(tracker, 2)
    tracker.queue.reposition("nobody", 0)
    assert tracker.queue.ids() == ids


def test_a_job_that_returns_to_the_queue_stands_last(tracker: Tracker) -> None:
    fill(tracker, 3)
    tracker.jobs.transition("job0", JobStatus.PENDING, 2.0)
    tracker.jobs.transition("job0", JobStatus.QUEUED, 3.0)
    assert tracker.queue.ids() == ["job1", "job2", "job0"]


def test_larger_priorities_go_first_and_equal_ones_in_the_order_of_their_submission(tracker: Tracker) -> None:
    for number, priority in enumerate([0, 5, -100, 0, 100, 5, None]):
        tracker.jobs.create(f"job{number}", "p", JobStatus.QUEUED, 1.0, "t", spec={"priority": priority})
    assert tracker.queue.ids() == ["job4", "job1", "job5", "job0", "job3", "job6", "job2"]


def test_places_stay_apart_after_a_trillion_submissions(tracker: Tracker) -> None:
    tracker.client.set("atlas:queue:tail", 2**40 - 10)
    for number in range(8):
        tracker.jobs.create(f"job{number}", "p", JobStatus.QUEUED, 1.0, "t", spec={"priority": 100})
    assert tracker.queue.ids() == [f"job{number}" for number in range(8)]


def test_a_job_that_returns_to_the_queue_keeps_its_priority(tracker: Tracker) -> None:
    fill(tracker, 2)
    tracker.jobs.create("urgent", "p", JobStatus.QUEUED, 1.0, "t", spec={"priority": 1})
    tracker.jobs.transition("urgent", JobStatus.PENDING, 2.0)
    tracker.jobs.transition("urgent", JobStatus.QUEUED, 3.0, attempt=2)
    assert tracker.queue.ids() == ["urgent", "job0", "job1"]


def test_a_job_may_be_moved_past_larger_priorities(tracker: Tracker) -> None:
    fill(tracker, 2)
    tracker.jobs.create("urgent", "p", JobStatus.QUEUED, 1.0, "t", spec={"priority": 9})
    tracker.queue.reposition("job1", 0)
    assert tracker.queue.ids() == ["job1", "urgent", "job0"]
    assert [tracker.queue.position(job_id) for job_id in ("job1", "job0", "nobody")] == [0, 2, None]


def test_moves_of_waiting_jobs_to_other_projects_are_counted(tracker: Tracker) -> None:
    fill(tracker, 2)
    tracker.jobs.transition("job0", JobStatus.PENDING, 2.0)
    tracker.jobs.move("job0", "other", 3.0)
    assert tracker.queue.moves() == 0
    tracker.jobs.move("job1", "other", 3.0)
    assert tracker.queue.moves() == 1
