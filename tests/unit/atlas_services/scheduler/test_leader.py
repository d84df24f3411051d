"""One scheduler leads at a time, in a term of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.scheduler_service import wait_for

from atlas_core.states import JobStatus
from atlas_services.scheduler.leader import Leadership
from atlas_services.tracker import Fenced, Tracker, keys, open_tracker

pytestmark = pytest.mark.redis


@pytest.fixture
def tracker(redis_url: str) -> Iterator[Tracker]:
    tracker = open_tracker(redis_url)
    yield tracker
    tracker.close()


@pytest.fixture
def scheduler(tracker: Tracker) -> Iterator[Callable[..., Leadership]]:
    """Makes the leadership of a scheduler with this home; all are given up at the end."""
    made: list[Leadership] = []

    def make(home: Path, seconds: float = 10.0, clock: Callable[[], float] | None = None) -> Leadership:
        made.append(Leadership(home / "server" / "lock", tracker.lease, seconds, clock))
        return made[-1]

    yield make
    for leadership in made:
        leadership.release()


def in_background(leadership: Leadership) -> threading.Thread:
    thread = threading.Thread(target=leadership.acquire, daemon=True)
    thread.start()
    return thread


def test_the_second_of_a_home_leads_at_once_when_the_first_has_gone(
    tmp_path: Path, scheduler: Callable[..., Leadership]
) -> None:
    first, second = scheduler(tmp_path), scheduler(tmp_path)
    assert first.acquire() == 1
    waiting = in_background(second)
    waiting.join(0.3)  # long enough to take a lease that is free
    assert (first.held, second.held) == (True, False)
    first.release()
    waiting.join(2)
    assert (first.held, second.term) == (False, 2)


def test_who_has_the_lock_of_a_dead_leader_does_not_wait_for_its_lease(
    tmp_path: Path, tracker: Tracker, scheduler: Callable[..., Leadership]
) -> None:
    first, second = scheduler(tmp_path, 60.0), scheduler(tmp_path, 60.0)
    first.acquire()
    waiting = in_background(second)
    first._lock.release()  # what the kernel does when a process dies
    waiting.join(2)
    assert second.term == 2


def test_a_scheduler_of_another_home_waits_for_the_lease(tmp_path: Path, scheduler: Callable[..., Leadership]) -> None:
    first, second = scheduler(tmp_path / "one", 0.5), scheduler(tmp_path / "two", 0.5)
    first.acquire()
    keeper = threading.Thread(target=first.keep, daemon=True)
    keeper.start()
    waiting = in_background(second)
    waiting.join(1.2)
    assert (first.held, second.held) == (True, False)
    first.release()
    waiting.join(5)
    assert second.held


def test_a_leader_that_was_overtaken_learns_it_and_gets_in_line_again(
    tmp_path: Path, scheduler: Callable[..., Leadership]
) -> None:
    time = 0.0
    first, second = scheduler(tmp_path, 0.3, lambda: time), scheduler(tmp_path, 0.3)
    first.acquire()
    second.acquire()  # it has no lock, but the first one is silent
    first.check(1)  # by its own clock it may be sure
    time = 10.0
    with pytest.raises(Fenced):
        first.check(1)
    assert (first.held, second.term) == (False, 2)
    wait_for(lambda: second._lock.held)  # which the first one had
    waiting = in_background(first)
    second.release()
    waiting.join(5)
    assert first.term == 3


def test_a_step_of_an_earlier_term_is_refused(tmp_path: Path, scheduler: Callable[..., Leadership]) -> None:
    leadership = scheduler(tmp_path)
    term = leadership.acquire()
    assert term is not None
    with pytest.raises(Fenced):
        leadership.check(term - 1)


def test_a_lease_that_ran_out_is_renewed_if_nobody_took_it(
    tmp_path: Path, tracker: Tracker, scheduler: Callable[..., Leadership]
) -> None:
    leadership = scheduler(tmp_path)
    term = leadership.acquire()
    assert term is not None
    tracker.client.delete(keys.LEASE)
    leadership.renew(term)
    assert (leadership.term, tracker.lease.holder()) == (term, leadership._lock.identity())


def test_a_leader_that_gave_up_leads_no_more(tmp_path: Path, scheduler: Callable[..., Leadership]) -> None:
    leadership = scheduler(tmp_path)
    leadership.acquire()
    leadership.release()
    assert (leadership.acquire(), leadership.held) == (None, False)


def test_nothing_that_a_leader_writes_after_its_term_takes_effect(tracker: Tracker) -> None:
    first, _ = tracker.lease.take("one", 10)
    second, _ = tracker.lease.take("two", 10, dead="one")
    tracker.jobs.create("j", "p", JobStatus.QUEUED, 1.0, "t")
    with pytest.raises(Fenced):
        tracker.jobs.transition("j", JobStatus.PENDING, 2.0, term=first)
    assert tracker.jobs.get("j").status is JobStatus.QUEUED
    tracker.jobs.transition("j", JobStatus.PENDING, 2.0, term=second)
    tracker.jobs.transition("j", JobStatus.FAILED, 2.0)  # a user's act belongs to no term


def test_a_transaction_of_a_leader_fails_when_its_term_ends_first(tracker: Tracker) -> None:
    term, _ = tracker.lease.take("one", 10)
    assert term is not None
    with tracker.client.pipeline() as pipe:
        tracker.lease.guard(pipe, term)
    tracker.lease.take("two", 10, dead="one")
    with tracker.client.pipeline() as pipe, pytest.raises(Fenced):
        tracker.lease.guard(pipe, term)


def test_who_is_late_does_not_end_the_lease_of_another(tracker: Tracker) -> None:
    first, _ = tracker.lease.take("one", 10)
    tracker.lease.take("two", 10, dead="one")
    assert first is not None
    tracker.lease.release(first)
    assert tracker.lease.holder() == "two"
    assert not tracker.lease.renew(first, "one", 10)
