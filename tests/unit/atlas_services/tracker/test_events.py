from __future__ import annotations

import threading

from atlas_core.records import operation_frame
from atlas_core.states import JobStatus
from atlas_services.tracker import Event, Tracker


def test_every_change_of_a_job_is_an_event_in_order(tracker: Tracker) -> None:
    tracker.jobs.create("job", "p", JobStatus.QUEUED, 1.0, "t")
    for status in (JobStatus.PENDING, JobStatus.RUNNING):
        tracker.jobs.transition("job", status, 2.0)
    tracker.journals.apply("job", "w", 0, operation_frame("param", name="a", value=1), "t", 3.0)
    tracker.jobs.transition("job", JobStatus.COMPLETED, 4.0)
    tracker.jobs.delete("job", 5.0)
    events = tracker.events.wait("0-0", 0.1)
    assert [event.kind for event in events] == [
        "job.created",
        "job.pending",
        "job.running",
        "job.logged",
        "job.completed",
        "job.deleted",
    ]
    assert {(event.job_id, event.project) for event in events} == {("job", "p")}


def test_what_a_run_logs_with_its_end_is_told_before_the_end(tracker: Tracker) -> None:
    begin = operation_frame("start", project="p", user="ann", time=1.0)
    end = operation_frame("end", status="completed", exit_code=0, time=2.0)
    tracker.journals.apply("job", "w", 0, begin + end, "t", 3.0)
    told = [(event.kind, event.status) for event in tracker.events.wait("0-0", 0.1)]
    assert told == [("job.created", "running"), ("job.logged", "running"), ("job.completed", "completed")]


def test_a_reader_goes_on_behind_the_last_event_that_it_saw(tracker: Tracker) -> None:
    tracker.jobs.create("a", "p", JobStatus.QUEUED, 1.0, "t")
    last = tracker.events.last_id()
    tracker.jobs.create("b", "p", JobStatus.QUEUED, 1.0, "t")
    assert [event.job_id for event in tracker.events.wait(last, 0.1)] == ["b"]


def test_waiting_ends_when_something_happens_or_the_time_is_over(tracker: Tracker) -> None:
    assert tracker.events.last_id() == "0-0"
    assert tracker.events.wait("0-0", 0.01) == []
    seen: list[Event] = []
    reader = threading.Thread(target=lambda: seen.extend(tracker.events.wait("0-0", 20.0)))
    reader.start()
    tracker.jobs.create("a", "p", JobStatus.QUEUED, 1.0, "t")
    reader.join(10.0)
    assert [event.kind for event in seen] == ["job.created"]
