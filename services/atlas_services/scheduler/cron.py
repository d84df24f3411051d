"""Fires schedules: when one is due its run joins the queue, in the step in which the schedule remembers that."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace

from atlas_core.errors import AtlasError, JobNotFound, NotFound
from atlas_core.ids import now
from atlas_core.jobs import Submission
from atlas_services.background import Background
from atlas_services.scheduler.fire_times import MISFIRE_GRACE, BadSchedule, FireTimes
from atlas_services.scheduler.leader import Leadership
from atlas_services.scheduler.submissions import Submissions
from atlas_services.tracker import UNAVAILABLE, Fenced, ScheduleRecord, Tracker
from atlas_services.tracker.schedules import Fire

_log = logging.getLogger("atlas.scheduler")

#: Seconds after which to look although nothing is due: the system's clock may have been set.
_LONGEST_SLEEP = 30.0
#: Seconds between tries while Redis is away, or another scheduler leads.
_PAUSE = 0.5
#: Redis ends a wait by up to so many seconds late.
_INEXACT = 0.12


class Cron(Background):
    """Sleeps until the next fire time or the next change of a schedule, as long as this scheduler leads."""

    def __init__(
        self, tracker: Tracker, submissions: Submissions, leadership: Leadership, clock: Callable[[], float] = now
    ) -> None:
        super().__init__("cron")
        self._tracker = tracker
        self._submissions = submissions
        self._leadership = leadership
        self._clock = clock
        self._due: dict[str, float] = {}

    def read(self) -> None:
        """Work out anew when each schedule is due."""
        self._due = {}
        for record in self._tracker.schedules.all():
            self._plan(record)

    def fire_due(self, term: int) -> float:
        """Fire every schedule that is due; return in how many seconds the next one will be.

        Raises `Fenced` when the term is over.
        """
        moment = self._clock()
        for job_id in [job_id for job_id, time in self._due.items() if time <= moment]:
            if self._closing.is_set():
                break
            self._fire(job_id, term, moment)
        return min(self._due.values(), default=float("inf")) - self._clock()

    def _run(self) -> None:
        while not self._closing.is_set():
            try:
                term = self._leadership.term
                if term is None:
                    self._closing.wait(_PAUSE)
                else:
                    self._lead(term)
            except Fenced:
                _log.info("another scheduler fires the schedules now")
                self._closing.wait(_PAUSE)
            except UNAVAILABLE as error:
                if not self._closing.is_set():
                    _log.warning("schedules wait for Redis: %s", error)
                self._closing.wait(_PAUSE)
            except Exception:  # a fault in one schedule must not end the others
                _log.exception("the firing of schedules failed; it goes on")
                self._closing.wait(_PAUSE)

    def _lead(self, term: int) -> None:
        """Fire as long as this scheduler leads. Raises `Fenced` when its term is over."""
        mark = self._tracker.schedules.last_change()
        self.read()
        while self._leadership.term == term and not self._closing.is_set():
            mark, changed = self._sleep(mark, min(max(self.fire_due(term), 0.0), _LONGEST_SLEEP))
            if changed is None:
                self.read()
            for job_id in dict.fromkeys(changed or ()):
                self._plan_anew(job_id)

    def _sleep(self, mark: str, pause: float) -> tuple[str, list[str] | None]:
        """Wait for `pause` seconds, nearly so, or until a schedule is changed; return a new mark and what was."""
        if pause > _INEXACT:
            return self._tracker.schedules.changes(mark, pause - _INEXACT)
        self._closing.wait(pause)
        return self._tracker.schedules.changes(mark, 0)

    def _plan(self, record: ScheduleRecord) -> None:
        self._due.pop(record.job_id, None)
        if not record.active:
            return
        try:
            time = FireTimes.of(record.schedule).after(max(record.since, record.fired or 0.0))
        except BadSchedule as error:  # this machine lacks its time zone
            _log.error("schedule %s cannot be fired: %s", record.job_id, error.message)
            return
        except Exception:  # whatever is wrong with this schedule, the others fire
            _log.exception("schedule %s cannot be fired", record.job_id)
            return
        if time is not None:
            self._due[record.job_id] = time

    def _plan_anew(self, job_id: str) -> None:
        try:
            self._plan(self._tracker.schedules.get(job_id))
        except NotFound:
            self._due.pop(job_id, None)  # it was removed

    def _fire(self, job_id: str, term: int, moment: float) -> None:
        try:
            run_id = self._tracker.schedules.fire(job_id, term, lambda record: self._decide(record, moment))
            if run_id:
                _log.info("schedule %s: queued run %s", job_id, run_id)
        except NotFound:
            _log.info("schedule %s was removed just now", job_id)
        except (Fenced, *UNAVAILABLE):
            raise
        except Exception:  # whatever is wrong with this schedule, the others fire
            _log.exception("schedule %s cannot be fired; it is tried again in %g seconds", job_id, _LONGEST_SLEEP)
            self._due[job_id] = moment + _LONGEST_SLEEP
            return
        self._plan_anew(job_id)

    def _decide(self, record: ScheduleRecord, moment: float) -> Fire | None:
        """Return what comes of the fire times up to `moment`: a run for the last, if it is not too late for it."""
        times = FireTimes.of(record.schedule)
        since = max(record.since, record.fired or 0.0)
        last = times.latest(since, moment) if record.active else None
        if last is None:
            return None
        run = Submission.from_dict({**record.submission, "job_id": f"{record.job_id}_{times.stamp(last)}"})
        reason = self._obstacle(record, run, late=moment - last)
        if reason is not None:
            _log.warning("schedule %s: skipped %s: %s", record.job_id, times.stamp(last), reason)
            return Fire(replace(record, fired=last, skipped={"time": last, "reason": reason}))
        return Fire(
            replace(record, fired=last),
            run.job_id,
            lambda run_id, pipe: self._submissions.queue(replace(run, job_id=run_id), pipe),
        )

    def _obstacle(self, record: ScheduleRecord, run: Submission, late: float) -> str | None:
        """Return why there is to be no run, None if nothing speaks against it."""
        if late >= record.schedule.get("misfire_grace", MISFIRE_GRACE):
            return f"no scheduler was there until {late:.0f} seconds later"
        if record.runs and self._goes_on(record.runs[-1]):
            return f"run {record.runs[-1]} had not ended"
        try:
            self._submissions.check(run)
        except AtlasError as error:  # such as a policy that has changed
            return error.message
        return None

    def _goes_on(self, run_id: str) -> bool:
        try:
            return not self._tracker.jobs.get(run_id).status.is_finished
        except JobNotFound:
            return False
