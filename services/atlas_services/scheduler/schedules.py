"""Scheduled jobs: taking them in, showing them, changing and removing them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any

from atlas_core.errors import BundleNotFound, Conflict, InvalidInput, InvalidTransition, JobNotFound, NotFound
from atlas_core.ids import now
from atlas_core.jobs import Submission
from atlas_core.values import dumps, loads
from atlas_services.openapi.schema import (
    INTEGER,
    TEXT,
    TIME,
    Named,
    Schema,
    list_of,
    map_of,
    members,
    nullable,
    one_of,
    open_members,
)
from atlas_services.scheduler.bundles import BundleStore
from atlas_services.scheduler.entries import shown_spec
from atlas_services.scheduler.fire_times import CRON_FIELDS, MISFIRE_GRACE, BadSchedule, FireTimes, check_schedule
from atlas_services.scheduler.lifecycle import Lifecycle
from atlas_services.scheduler.submissions import MissingBundle, Submissions, read_submission
from atlas_services.tracker import ScheduleRecord, Tracker

#: How many fire times an entry shows.
_SHOWN_TIMES = 3
#: A run's id is the schedule's with a time stamp behind it, and must be an id of a job, too.
_LONGEST_ID = 100
#: Why a run was stopped together with its schedule.
_REMOVED = "its schedule was removed"
#: What stays when a schedule gets new times, unless the new ones say otherwise.
_KEPT = ("timezone", "misfire_grace")

#: What an entry looks like.
ENTRY: Schema = Named(
    "ScheduleEntry",
    members(
        {
            "next_run_time": list_of(nullable(INTEGER)),
            "schedule": map_of({}),
            "status": one_of(("active", "paused")),
            "properties": open_members({"job_id": TEXT, "spec": open_members({})}),
            "timezone": TEXT,
            "misfire_grace": nullable({"type": ["number", "string"]}),
            "created": TIME,
            "runs": list_of(TEXT),
            "last_fired": nullable(TIME),
            "last_skipped": nullable(members({"time": TIME, "reason": TEXT})),
        }
    ),
)


class NoBundle(Conflict):
    """Raised when a schedule comes before its bundle."""


class NeverFires(InvalidInput):
    """Raised when a schedule is to become active that has no fire time ahead."""


class ScheduledJobs:
    """The door of scheduled jobs. What is about one of them raises `NotFound` when there is no such schedule."""

    def __init__(
        self,
        tracker: Tracker,
        submissions: Submissions,
        bundles: BundleStore,
        lifecycle: Lifecycle,
        clock: Callable[[], float] = now,
    ) -> None:
        self._tracker = tracker
        self._submissions = submissions
        self._bundles = bundles
        self._lifecycle = lifecycle
        self._clock = clock

    def add(self, body: Mapping[str, Any]) -> str:
        """Take a schedule in and return its id; one without times is paused. The same body again changes nothing.

        Raises `InvalidSpec`, `BadSchedule`, `NoBundle`, or `Conflict` when there is another schedule of this id.
        """
        schedule = check_schedule({} if body.get("schedule") is None else body["schedule"])
        submission = read_submission(body)
        if len(submission.job_id) > _LONGEST_ID:
            raise InvalidInput(f"job_id: a schedule's id has {_LONGEST_ID} characters at most.", field="job_id")
        properties = _properties(body)
        if not self._is_known(submission.job_id, properties, schedule):
            record = self._record(self._with_bundle(submission), properties, schedule)
            if not self._tracker.schedules.create(record):
                self._is_known(submission.job_id, properties, schedule)  # the same request came twice at a time
        return submission.job_id

    def entry(self, job_id: str) -> dict[str, Any]:
        """Return a schedule as clients see it."""
        return _entry(self._tracker.schedules.get(job_id), self._clock())

    def entries(self, projects: Collection[str] | None = None) -> dict[str, dict[str, Any]]:
        """Return every schedule, perhaps of some projects alone, by its id."""
        moment = self._clock()
        records = self._tracker.schedules.all()
        return {
            record.job_id: _entry(record, moment)
            for record in records
            if projects is None or record.project in projects
        }

    def pause(self, job_id: str) -> None:
        """Let a schedule fire no more."""
        self._tracker.schedules.change(job_id, lambda record: replace(record, active=False))

    def resume(self, job_id: str) -> None:
        """Let a schedule fire from now on. Raises `NeverFires`; then one whose last time is past is removed."""
        record = self._tracker.schedules.get(job_id)
        moment = self._clock()
        if FireTimes.of(record.schedule).after(moment) is not None:
            self._tracker.schedules.change(job_id, lambda record: _resumed(record, moment))
            return
        if not _has_times(record.schedule):
            raise NeverFires(f"Scheduled job {job_id} has no schedule yet; give it one.", field="schedule")
        self.remove(job_id)
        raise NeverFires("Cannot mark expired monitor as active. Job will be removed.", field="status")

    def reschedule(self, job_id: str, schedule: object) -> None:
        """Give a schedule new times, and let it fire. Its time zone and grace stay unless new ones are given.

        Raises `BadSchedule`, or `NeverFires`; then the old times stay.
        """
        moment = self._clock()
        checked = check_schedule(schedule)
        if not _has_times(checked):
            raise BadSchedule("schedule: it does not say how often; give a field such as minute.", field="schedule")

        def make(record: ScheduleRecord) -> ScheduleRecord:
            kept = {name: record.schedule[name] for name in _KEPT if name in record.schedule}
            times = {**kept, **checked}
            if FireTimes.of(times).after(moment) is None:
                raise NeverFires("schedule: it has no fire time ahead; change its end_date or year.", field="schedule")
            return replace(record, schedule=times, active=True, since=moment)

        self._tracker.schedules.change(job_id, make)

    def remove(self, job_id: str) -> list[str]:
        """Remove a schedule, stop its runs, and return the ids of those that run."""
        self.pause(job_id)  # first, so that a removal that is cut off can be repeated and nothing fires meanwhile
        record = self._tracker.schedules.get(job_id)
        stopped = [run_id for run_id in record.runs if self._stop(run_id)]
        self._tracker.schedules.remove(job_id)
        self._remove_bundle(job_id)
        return stopped

    def _is_known(self, job_id: str, properties: Mapping[str, Any], schedule: Mapping[str, Any]) -> bool:
        try:
            found = self._tracker.schedules.get(job_id)
        except NotFound:
            return False
        if (found.properties, found.schedule) != (loads(dumps(properties)), schedule):
            raise Conflict(f"Scheduled job {job_id} exists already and is another one; take a new id.", job_id=job_id)
        return True

    def _with_bundle(self, submission: Submission) -> Submission:
        """Return the checked submission with a bundle that outlives its runs."""
        try:
            self._submissions.check(submission)
            if submission.spec.bundle_id is not None:
                return submission
            bundle_id = self._bundles.keep_of_job(submission.job_id)
        except (MissingBundle, BundleNotFound):
            raise NoBundle("Cannot schedule a job that has no uploaded bundle") from None
        return replace(submission, spec=replace(submission.spec, bundle_id=bundle_id))

    def _record(
        self, submission: Submission, properties: Mapping[str, Any], schedule: Mapping[str, Any]
    ) -> ScheduleRecord:
        moment = self._clock()
        return ScheduleRecord(
            job_id=submission.job_id,
            project=submission.project,
            submission=submission.to_dict(),
            properties=properties,
            schedule=schedule,
            active=_has_times(schedule),
            created=moment,
            since=moment,
        )

    def _stop(self, run_id: str) -> bool:
        """Stop a run; whether it was there to be stopped."""
        try:
            self._lifecycle.stop(run_id, _REMOVED)
        except (InvalidTransition, JobNotFound):
            return False
        return True

    def _remove_bundle(self, job_id: str) -> None:
        """Remove what an old client sent for the schedule, unless a job of the same id needs it."""
        try:
            self._tracker.jobs.get(job_id)
        except JobNotFound:
            self._bundles.remove_of_job(job_id)


def _properties(body: Mapping[str, Any]) -> dict[str, Any]:
    given = {name: body.get(name) for name in ("job_id", "spec", "metadata", "gpu_spec")}
    return {**given, "metadata": given["metadata"] or {}, "gpu_spec": given["gpu_spec"] or {}}


def _resumed(record: ScheduleRecord, moment: float) -> ScheduleRecord:
    return record if record.active else replace(record, active=True, since=moment)


def _has_times(schedule: Mapping[str, Any]) -> bool:
    return any(name in schedule for name in CRON_FIELDS)


def _entry(record: ScheduleRecord, moment: float) -> dict[str, Any]:
    times = FireTimes.of(record.schedule)
    ahead = times.next(moment, _SHOWN_TIMES) if record.active else [None] * _SHOWN_TIMES
    return {
        "next_run_time": [None if time is None else int(time) for time in ahead],
        "schedule": times.fields,
        "status": "paused" if ahead[0] is None else "active",
        "properties": {**record.properties, "spec": shown_spec(record.properties["spec"])},
        "timezone": times.timezone,
        "misfire_grace": record.schedule.get("misfire_grace", MISFIRE_GRACE),
        "created": record.created,
        "runs": record.runs,
        "last_fired": record.fired,
        "last_skipped": record.skipped,
    }
