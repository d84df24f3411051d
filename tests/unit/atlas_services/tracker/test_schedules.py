"""Schedules in Redis: each changes whole or not at all."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from atlas_core.errors import NotFound
from atlas_core.states import JobStatus
from atlas_services.tracker import Fenced, Pipeline, ScheduleRecord, Tracker, keys
from atlas_services.tracker.schedules import RUNS_KEPT, Fire

pytestmark = pytest.mark.redis


def a_record(job_id: str = "nightly", **facts: object) -> ScheduleRecord:
    record = ScheduleRecord(
        job_id=job_id,
        project="digits",
        submission={"spec": {}},
        properties={"metadata": {}},
        schedule={"minute": "0"},
        active=True,
        created=100.0,
        since=100.0,
    )
    return replace(record, **facts)  # type: ignore[arg-type]


def lead(tracker: Tracker, holder: str = "us") -> int:
    term, _ = tracker.lease.take(holder, 60.0)
    assert term is not None
    return term


def fire(tracker: Tracker, term: int, time: float, run_id: str | None = "nightly_1") -> str | None:
    """Fire once for `time`, whatever has been fired before."""

    def queue(job_id: str, pipe: Pipeline) -> None:
        tracker.jobs.create(job_id, "digits", JobStatus.QUEUED, time, "token", pipe=pipe)

    return tracker.schedules.fire("nightly", term, lambda record: Fire(replace(record, fired=time), run_id, queue))


def test_a_schedule_is_kept_as_it_was_given_and_its_project_with_it(tracker: Tracker) -> None:
    record = a_record(skipped={"time": 3.0, "reason": "ä"}, runs=["one"])
    assert tracker.schedules.create(record)
    assert tracker.schedules.get("nightly") == record
    assert [project.name for project in tracker.projects.all()] == ["digits"]


def test_an_id_is_taken_once(tracker: Tracker) -> None:
    assert tracker.schedules.create(a_record())
    assert not tracker.schedules.create(a_record(project="other"))
    assert tracker.schedules.get("nightly").project == "digits"


def test_all_are_listed_in_the_order_in_which_they_came(tracker: Tracker) -> None:
    for created, job_id in enumerate(("b", "a", "c")):
        tracker.schedules.create(a_record(job_id, created=float(created)))
    tracker.schedules.remove("a")
    tracker.schedules.remove("a")
    assert [record.job_id for record in tracker.schedules.all()] == ["b", "c"]


def test_what_is_not_there_is_not_found(tracker: Tracker) -> None:
    term = lead(tracker)
    for call in (tracker.schedules.get, lambda job_id: tracker.schedules.change(job_id, lambda record: record)):
        with pytest.raises(NotFound, match="Scheduled job nightly not found"):
            call("nightly")
    with pytest.raises(NotFound):
        fire(tracker, term, 5.0)


def test_changes_that_come_at_the_same_time_are_all_made(tracker: Tracker) -> None:
    tracker.schedules.create(a_record(fired=0.0))

    def count() -> None:
        for _ in range(20):
            tracker.schedules.change("nightly", lambda record: replace(record, fired=(record.fired or 0) + 1))

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert tracker.schedules.get("nightly").fired == 80


def test_a_run_is_queued_in_the_step_that_remembers_it(tracker: Tracker) -> None:
    tracker.schedules.create(a_record())
    assert fire(tracker, lead(tracker), 5.0) == "nightly_1"
    record = tracker.schedules.get("nightly")
    assert (record.fired, record.runs) == (5.0, ["nightly_1"])
    assert tracker.queue.ids() == ["nightly_1"]


def test_a_fire_that_something_crosses_is_decided_anew(tracker: Tracker) -> None:
    tracker.schedules.create(a_record())
    term, seen = lead(tracker), []

    def decide(record: ScheduleRecord) -> Fire | None:
        seen.append(record.active)
        if record.active:
            tracker.schedules.change("nightly", lambda record: replace(record, active=False))
        return Fire(replace(record, fired=5.0)) if record.active else None

    assert tracker.schedules.fire("nightly", term, decide) is None
    assert seen == [True, False]
    assert tracker.schedules.get("nightly").fired is None


def test_a_fire_without_a_run_is_remembered(tracker: Tracker) -> None:
    tracker.schedules.create(a_record())
    assert fire(tracker, lead(tracker), 5.0, None) is None
    assert tracker.schedules.get("nightly").fired == 5.0
    assert tracker.queue.ids() == []


def test_an_id_that_a_job_has_or_had_gets_a_number(tracker: Tracker) -> None:
    tracker.schedules.create(a_record())
    term = lead(tracker)
    assert fire(tracker, term, 5.0) == "nightly_1"
    assert fire(tracker, term, 6.0) == "nightly_1_2"
    for job_id in ("nightly_1", "nightly_1_2"):
        tracker.jobs.transition_from(job_id, (JobStatus.QUEUED,), JobStatus.FAILED, 7.0)
    tracker.jobs.delete("nightly_1", 8.0)
    assert fire(tracker, term, 9.0) == "nightly_1_3"
    assert tracker.schedules.get("nightly").runs == ["nightly_1", "nightly_1_2", "nightly_1_3"]


def test_a_leader_whose_term_is_over_fires_nothing(tracker: Tracker) -> None:
    tracker.schedules.create(a_record())
    old = lead(tracker)
    tracker.lease.release(old)
    lead(tracker, "another")
    with pytest.raises(Fenced):
        fire(tracker, old, 5.0)
    assert tracker.schedules.get("nightly").fired is None
    assert tracker.queue.ids() == []


def test_the_last_runs_are_remembered_and_no_more(tracker: Tracker) -> None:
    tracker.schedules.create(a_record(runs=[f"run-{number}" for number in range(RUNS_KEPT)]))
    fire(tracker, lead(tracker), 5.0)
    runs = tracker.schedules.get("nightly").runs
    assert (len(runs), runs[0], runs[-1]) == (RUNS_KEPT, "run-1", "nightly_1")


def test_who_waits_hears_of_changes_and_not_of_fires(tracker: Tracker) -> None:
    mark = tracker.schedules.last_change()
    assert tracker.schedules.changes(mark, 0) == (mark, [])
    tracker.schedules.create(a_record())
    mark, changed = tracker.schedules.changes(mark, 5)
    assert changed == ["nightly"]
    assert mark == tracker.schedules.last_change()
    fire(tracker, lead(tracker), 5.0)
    assert tracker.schedules.changes(mark, 0.01) == (mark, [])
    tracker.schedules.remove("nightly")
    assert tracker.schedules.changes(mark, 5)[1] == ["nightly"]


def test_who_was_away_for_too_many_changes_is_told_so(tracker: Tracker) -> None:
    mark = tracker.schedules.last_change()
    for _ in range(keys.SCHEDULE_CHANGES_KEPT):
        tracker.schedules.remove("nightly")
    assert tracker.schedules.changes(mark, 0) == (tracker.schedules.last_change(), None)
