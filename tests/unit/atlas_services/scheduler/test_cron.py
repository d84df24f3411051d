"""Firing schedules, by a clock that the tests turn."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from tests.scheduler_service import wait_for

from atlas_core.errors import InvalidSpec
from atlas_core.states import JobStatus
from atlas_services.scheduler.cron import Cron
from atlas_services.scheduler.leader import Leadership
from atlas_services.scheduler.submissions import Submissions
from atlas_services.tracker import Fenced, JobRecord, Pipeline, ScheduleRecord, Tracker, keys, open_tracker

pytestmark = pytest.mark.redis

BERLIN = ZoneInfo("Europe/Berlin")


class OpenDoor(Submissions):
    """Queues what it is given, without bundles and policies, unless a test says why not."""

    def __init__(self, tracker: Tracker) -> None:
        self.tracker = tracker
        self.refusal: str | None = None

    def check(self, submission: Any) -> None:
        if self.refusal:
            raise InvalidSpec(self.refusal)

    def queue(self, submission: Any, pipe: Pipeline | None = None) -> bool:
        spec, project = submission.spec.to_dict(), submission.project
        return self.tracker.jobs.create(submission.job_id, project, JobStatus.QUEUED, 0.0, "t", pipe=pipe, spec=spec)


@dataclass
class Clockwork:
    """A `Cron` without its thread, on a clock that stands."""

    tracker: Tracker
    leadership: Leadership
    door: OpenDoor
    time: float = 0.0

    def __post_init__(self) -> None:
        self.term = self.leadership.take()[0] or 0
        self.restart()

    def restart(self) -> None:
        """Begin anew, as after a crash, with what Redis knows."""
        self.cron = Cron(self.tracker, self.door, self.leadership, lambda: self.time)
        self.cron.read()

    def add(self, moment: float, **schedule: Any) -> None:
        self.time = moment
        body = {"metadata": {"project_name": "digits"}, "spec": {"command": ["main.py"], "priority": 7}}
        record = ScheduleRecord(
            "nightly", "digits", body, body, {"timezone": "Europe/Berlin", **schedule}, True, moment, moment
        )
        assert self.tracker.schedules.create(record)
        self.cron.read()

    def turn_to(self, moment: float) -> float:
        """Let it be `moment`, and fire what is due; returns in how many seconds something will be."""
        self.time = moment
        return self.cron.fire_due(self.term)

    def end_runs(self) -> None:
        for job_id in self.tracker.queue.ids():
            self.tracker.jobs.transition_from(job_id, (JobStatus.QUEUED,), JobStatus.FAILED, 0.0)

    @property
    def schedule(self) -> ScheduleRecord:
        return self.tracker.schedules.get("nightly")

    @property
    def runs(self) -> list[JobRecord]:
        return self.tracker.jobs.records(self.tracker.jobs.ids_of_project("digits"))


@pytest.fixture
def clockwork(tmp_path: Path, redis_url: str) -> Iterator[Clockwork]:
    tracker = open_tracker(redis_url)
    yield Clockwork(tracker, Leadership(tmp_path / "lock", tracker.lease), OpenDoor(tracker))
    tracker.close()


def moment(text: str, fold: int = 0) -> float:
    """Return a time that the clocks of Berlin show."""
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN, fold=fold).timestamp()


NOON = moment("2026-06-01 12:00")


def test_a_run_joins_the_queue_at_its_time_and_not_before(clockwork: Clockwork) -> None:
    clockwork.add(NOON, hour="13")
    assert clockwork.turn_to(NOON + 3599.5) == pytest.approx(0.5)
    assert clockwork.runs == []
    assert clockwork.turn_to(NOON + 3600) == pytest.approx(86400)
    assert clockwork.tracker.queue.ids() == ["nightly_20260601_130000"]
    assert clockwork.runs[0].spec["priority"] == 7
    clockwork.turn_to(NOON + 3601)
    assert len(clockwork.runs) == 1


def test_nothing_is_due_without_schedules(clockwork: Clockwork) -> None:
    assert clockwork.turn_to(NOON) == float("inf")


class TestRestarts:
    def test_a_time_that_was_fired_is_not_fired_again(self, clockwork: Clockwork) -> None:
        clockwork.add(NOON, hour="13")
        clockwork.turn_to(NOON + 3600)
        clockwork.end_runs()
        clockwork.restart()
        clockwork.turn_to(NOON + 3600.5)
        assert len(clockwork.runs) == 1

    def test_a_schedule_that_was_read_before_another_fired_it_is_not_fired_twice(self, clockwork: Clockwork) -> None:
        clockwork.add(NOON, hour="13")
        late = Cron(clockwork.tracker, clockwork.door, clockwork.leadership, lambda: NOON + 3600)
        late.read()
        clockwork.turn_to(NOON + 3600)
        clockwork.end_runs()
        late.fire_due(clockwork.term)
        assert len(clockwork.runs) == 1

    def test_a_crash_before_the_step_leaves_the_time_to_the_next_scheduler(self, clockwork: Clockwork) -> None:
        clockwork.add(NOON, hour="13")
        clockwork.time = NOON + 3610
        clockwork.restart()
        clockwork.turn_to(NOON + 3610)
        assert [run.job_id for run in clockwork.runs] == ["nightly_20260601_130000"]

    def test_of_many_missed_times_the_last_is_made_up_if_it_is_young(self, clockwork: Clockwork) -> None:
        clockwork.add(NOON, minute="*")
        clockwork.turn_to(NOON + 3 * 3600 + 59)
        assert [run.job_id for run in clockwork.runs] == ["nightly_20260601_150000"]

    def test_a_missed_time_that_is_old_is_passed_over_and_noted(self, clockwork: Clockwork) -> None:
        clockwork.add(NOON, hour="13")
        assert clockwork.turn_to(NOON + 3600 + 60) == pytest.approx(86400 - 60)
        assert clockwork.runs == []
        assert clockwork.schedule.skipped == {
            "time": NOON + 3600,
            "reason": "no scheduler was there until 60 seconds later",
        }

    def test_a_schedule_may_give_its_times_more_grace(self, clockwork: Clockwork) -> None:
        clockwork.add(NOON, hour="13", misfire_grace=86400.0)
        clockwork.turn_to(NOON + 10 * 3600)
        assert [run.job_id for run in clockwork.runs] == ["nightly_20260601_130000"]

    def test_a_leader_that_was_overtaken_fires_nothing(self, clockwork: Clockwork) -> None:
        clockwork.add(NOON, hour="13")
        clockwork.tracker.lease.release(clockwork.term)
        clockwork.tracker.lease.take("another", 60)
        with pytest.raises(Fenced):
            clockwork.turn_to(NOON + 3600)
        assert clockwork.runs == []


class TestOverlap:
    def test_a_run_that_waits_keeps_the_next_from_coming(self, clockwork: Clockwork) -> None:
        clockwork.add(NOON, minute="*")
        clockwork.turn_to(NOON + 60)
        clockwork.turn_to(NOON + 120)
        first = "nightly_20260601_120100"
        assert clockwork.tracker.queue.ids() == [first]
        assert clockwork.schedule.skipped == {"time": NOON + 120, "reason": f"run {first} had not ended"}

    def test_the_next_comes_once_the_run_has_ended_and_what_was_skipped_stays_skipped(
        self, clockwork: Clockwork
    ) -> None:
        clockwork.add(NOON, minute="*")
        clockwork.turn_to(NOON + 60)
        clockwork.turn_to(NOON + 120)
        clockwork.end_runs()
        clockwork.turn_to(NOON + 150)
        assert clockwork.tracker.queue.ids() == []
        clockwork.turn_to(NOON + 180)
        assert clockwork.tracker.queue.ids() == ["nightly_20260601_120300"]

    def test_a_run_that_was_deleted_keeps_nothing_from_coming(self, clockwork: Clockwork) -> None:
        clockwork.add(NOON, minute="*")
        clockwork.turn_to(NOON + 60)
        clockwork.end_runs()
        clockwork.tracker.jobs.delete("nightly_20260601_120100", 0.0)
        clockwork.turn_to(NOON + 120)
        assert clockwork.tracker.queue.ids() == ["nightly_20260601_120200"]


class TestChanges:
    def test_what_a_paused_schedule_missed_is_not_made_up(self, clockwork: Clockwork) -> None:
        clockwork.add(NOON, minute="*")
        clockwork.tracker.schedules.change("nightly", lambda record: replace(record, active=False))
        clockwork.turn_to(NOON + 60)
        assert clockwork.runs == []
        clockwork.tracker.schedules.change("nightly", lambda record: replace(record, active=True, since=NOON + 61))
        clockwork.cron.read()
        clockwork.turn_to(NOON + 62)
        assert clockwork.runs == []

    def test_a_schedule_that_was_removed_a_moment_ago_is_forgotten(self, clockwork: Clockwork) -> None:
        clockwork.add(NOON, minute="*")
        clockwork.tracker.schedules.remove("nightly")
        assert clockwork.turn_to(NOON + 60) == float("inf")

    def test_what_is_no_longer_allowed_is_not_queued_and_the_reason_is_noted(self, clockwork: Clockwork) -> None:
        clockwork.add(NOON, minute="*")
        clockwork.door.refusal = "image: `x` is not allowed any more."
        clockwork.turn_to(NOON + 60)
        assert clockwork.runs == []
        assert clockwork.schedule.skipped == {"time": NOON + 60, "reason": "image: `x` is not allowed any more."}

    def test_a_schedule_that_cannot_be_handled_keeps_no_other_from_firing(self, clockwork: Clockwork) -> None:
        clockwork.add(NOON, minute="*")
        broken = replace(clockwork.schedule, job_id="broken", submission={})
        lost = replace(clockwork.schedule, job_id="lost", schedule={"minute": "*", "timezone": "Mars/Olympus"})
        for record in (broken, lost):
            clockwork.tracker.schedules.create(replace(record, created=NOON - 1))
        clockwork.cron.read()
        clockwork.turn_to(NOON + 60)
        assert [run.job_id for run in clockwork.runs] == ["nightly_20260601_120100"]


class TestClockChanges:
    def test_an_hour_that_autumn_repeats_gives_each_run_an_id_of_its_own(self, clockwork: Clockwork) -> None:
        clockwork.add(moment("2026-10-25 01:00"), hour="2", minute="30")
        for fold in (0, 1):
            clockwork.turn_to(moment("2026-10-25 02:30", fold))
            clockwork.end_runs()
            clockwork.turn_to(moment("2026-10-25 02:30", fold) + 1)
        assert [run.job_id for run in clockwork.runs] == ["nightly_20261025_023000", "nightly_20261025_023000_2"]

    def test_an_hour_that_spring_skips_gives_one_run(self, clockwork: Clockwork) -> None:
        clockwork.add(moment("2026-03-29 01:00"), hour="2", minute="30")
        for hour in ("01:59", "03:00", "03:30", "03:31", "04:30"):
            clockwork.turn_to(moment(f"2026-03-29 {hour}"))
            clockwork.end_runs()
        assert [run.job_id for run in clockwork.runs] == ["nightly_20260329_033000"]

    def test_another_time_zone_with_the_same_clock_gives_another_id(self, clockwork: Clockwork) -> None:
        clockwork.add(NOON, hour="13")
        clockwork.turn_to(NOON + 3600)
        clockwork.end_runs()
        in_london = {"timezone": "Europe/London", "hour": "13"}
        clockwork.tracker.schedules.change("nightly", lambda record: replace(record, schedule=in_london))
        clockwork.cron.read()
        clockwork.turn_to(NOON + 2 * 3600)
        assert [run.job_id for run in clockwork.runs] == ["nightly_20260601_130000", "nightly_20260601_130000_2"]


def test_a_redis_that_refuses_for_a_while_does_not_end_the_firing(clockwork: Clockwork) -> None:
    clockwork.tracker.client.set(keys.SCHEDULES, "of another type, so every command on it fails")
    cron = Cron(clockwork.tracker, clockwork.door, clockwork.leadership)
    cron.start()
    before = clockwork.tracker.client.info("stats")["total_error_replies"]
    wait_for(lambda: clockwork.tracker.client.info("stats")["total_error_replies"] > before)
    clockwork.tracker.client.delete(keys.SCHEDULES)
    clockwork.add(datetime.now().timestamp(), second="*")
    wait_for(lambda: clockwork.tracker.queue.ids() != [])
    assert cron.lives
    cron.close()
