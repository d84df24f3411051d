"""The numbers of the workers."""

from __future__ import annotations

import threading

import pytest

from atlas_services.tracker import Tracker

pytestmark = pytest.mark.redis


def test_without_a_change_the_settings_count(tracker: Tracker) -> None:
    assert tracker.workers.ids(3) == [0, 1, 2]
    assert tracker.workers.ids(0) == []


def test_a_new_worker_has_the_next_number(tracker: Tracker) -> None:
    assert [tracker.workers.add(2), tracker.workers.add(2)] == [2, 3]
    assert tracker.workers.ids(2) == [0, 1, 2, 3]


def test_a_removed_worker_is_gone_and_tells_its_place(tracker: Tracker) -> None:
    assert tracker.workers.remove(1, 3) == 1
    assert tracker.workers.remove(2, 3) == 1
    assert tracker.workers.remove(2, 3) is None
    assert tracker.workers.ids(3) == [0]
    assert tracker.workers.add(3) == 1


def test_all_can_be_removed(tracker: Tracker) -> None:
    assert tracker.workers.remove(0, 1) == 0
    assert tracker.workers.ids(1) == []
    assert tracker.workers.add(1) == 0


def test_other_settings_end_what_people_changed(tracker: Tracker) -> None:
    tracker.workers.add(2)
    assert tracker.workers.ids(4) == [0, 1, 2, 3]


def test_a_change_is_told_to_whoever_waits(tracker: Tracker) -> None:
    before = tracker.events.last_id()
    tracker.workers.add(1)
    assert [event.kind for event in tracker.events.wait(before, 1)] == ["workers.changed"]


def test_changes_at_the_same_time_all_count(tracker: Tracker) -> None:
    threads = [threading.Thread(target=tracker.workers.add, args=(0,)) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert tracker.workers.ids(0) == list(range(10))
