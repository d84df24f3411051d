"""A job's life from the claim to the end. Every step looks at the state first and may be repeated after a crash.

A step of a leader carries the term in which it was begun. It raises `Fenced`, and does nothing more, once that is over.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from atlas_core.errors import AtlasError, Conflict, InvalidTransition, JobNotFound
from atlas_core.ids import now
from atlas_core.jobs import JobSpec
from atlas_core.states import Cause, JobStatus
from atlas_services.scheduler.archive import Archive
from atlas_services.scheduler.attempts import announcement, another_follows, pause_after
from atlas_services.scheduler.engines import Assignment, Engine, EngineFailure
from atlas_services.scheduler.leader import Leadership
from atlas_services.scheduler.resources import split_gpus
from atlas_services.scheduler.verdict import Verdict, judge
from atlas_services.tracker import JobRecord, Tracker

_log = logging.getLogger("atlas.scheduler")

#: Seconds after which to look again for an end of which nobody told us: another scheduler may have seen to it.
_LONGEST_WAIT = 0.5
_WAITING = (JobStatus.QUEUED, JobStatus.PENDING)


class Lifecycle:
    """Brings jobs from one state to the next, with what has to be done on the way."""

    def __init__(
        self,
        tracker: Tracker,
        engine: Engine,
        archive: Archive,
        leadership: Leadership,
        clock: Callable[[], float] = now,
    ) -> None:
        self._tracker = tracker
        self._engine = engine
        self._archive = archive
        self._leadership = leadership
        self._clock = clock
        self._some_job_ended = threading.Condition()
        self._endings = 0

    @property
    def endings(self) -> int:
        """How many jobs this scheduler has seen end; when it changes, some job just has."""
        return self._endings

    def begin(self, job_id: str, term: int) -> bool:
        """Bring a job that was claimed to run, or go on with one that runs already.

        Returns whether the engine has it now. A job that cannot begin is failed, with the reason in its log.
        """
        self._leadership.check(term)
        try:
            return self._begin(self._tracker.jobs.get(job_id), term)
        except JobNotFound:
            self._leadership.check(term)
            self._engine.discard(job_id)
        except AtlasError as error:
            self.fail(job_id, term, Cause.INVALID_SPEC, error.message)
        except EngineFailure as error:
            self.fail(job_id, term, error.cause, str(error))
        except OSError as error:
            self.fail(job_id, term, Cause.ENGINE_LOST, f"The job cannot be prepared: {error}.")
        return False

    def end(self, job_id: str, term: int) -> None:
        """Record how a job that the engine is done with ended, once everything it left is in the archive.

        If it is to be tried again, it waits for that instead, and its files are thrown away.
        """
        self._leadership.check(term)
        try:
            record = self._tracker.jobs.get(job_id)
            if record.status is JobStatus.RUNNING:  # else this is the second time, as the first answer was lost
                self._record_end(record, term)
        except JobNotFound:
            _log.info("job %s was deleted before it ended", job_id)
        except InvalidTransition as error:
            _log.warning("job %s: %s", job_id, error.message)
        self._leadership.check(term)
        self._engine.discard(job_id)
        self._announce_end()

    def fail(self, job_id: str, term: int, cause: Cause, sentence: str) -> None:
        """End an attempt that cannot run, and say why in the job's log."""
        self._leadership.check(term)
        try:
            record = self._tracker.jobs.get(job_id)
            if not record.status.is_finished:
                self._conclude_failure(record, term, Verdict(JobStatus.FAILED, cause, sentence))
        except (InvalidTransition, JobNotFound):
            _log.info("job %s ended in another way meanwhile", job_id)
        self._leadership.check(term)
        self._engine.discard(job_id)
        self._announce_end()

    def abandon(self, job_id: str, term: int, sentence: str) -> None:
        """End a job that may have run but cannot be handled, and say why in its log. What it left stays for `sweep`."""
        self._leadership.check(term)
        self._engine.kill(job_id)
        try:
            self._close(self._tracker.jobs.get(job_id), term, Verdict(JobStatus.FAILED, Cause.ENGINE_LOST, sentence))
        except (InvalidTransition, JobNotFound):
            _log.info("job %s ended in another way meanwhile", job_id)
        self._announce_end()

    def sweep(self, term: int, is_held: Callable[[str], bool]) -> None:
        """Put away what jobs left that ended while the scheduler died or the engine was away, what still runs included.

        Jobs that are held are left alone: they are seen to.
        """
        for job_id in self._engine.leftovers():
            self._leadership.check(term)
            status = self._status(job_id)
            # In this order: a job that has ended and is held no more is done with, and one that is held is not yet.
            if (status is None or status.is_finished) and not is_held(job_id):
                try:
                    self._put_away(job_id, status is None)
                except OSError as error:
                    _log.error("job %s: what it left cannot be archived: %s", job_id, error)

    def stop(self, job_id: str, reason: str, cause: Cause = Cause.STOPPED_BY_USER) -> None:
        """Stop a job that waits or runs, for good: no other attempt follows. Any scheduler may be asked.

        A waiting one has failed when this returns; a running one is soon told by the scheduler that leads. Raises
        `JobNotFound`, `InvalidTransition` when it has ended, `Conflict` when it runs outside of the scheduler.
        """
        record = self._tracker.jobs.get(job_id)
        if record.mode != "scheduled" and not record.status.is_finished:
            raise Conflict(f"Job `{job_id}` was started outside of the scheduler; stop it there.", job_id=job_id)
        while (status := self._tracker.jobs.request_stop(job_id, cause, reason)).is_waiting:
            if self._cancel(job_id, reason, cause):
                return
        if status is not JobStatus.RUNNING:
            current = status.value
            raise InvalidTransition(
                f"Job `{job_id}` is {current} and cannot be stopped.", job_id=job_id, current=current
            )

    def force_end(self, job_id: str, term: int) -> None:
        """End a job that was stopped and is still there, without waiting for its last words."""
        self._leadership.check(term)
        self._engine.kill(job_id)
        self.end(job_id, term)

    def wait_until_ended(self, job_id: str, timeout: float) -> bool:
        """Wait for the end of a job; whether it has ended."""
        deadline = time.monotonic() + timeout
        while True:
            seen = self._endings
            if self._has_ended(job_id):
                return True
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            with self._some_job_ended:
                self._some_job_ended.wait_for(lambda: self._endings != seen, min(left, _LONGEST_WAIT))  # noqa: B023

    def _begin(self, record: JobRecord, term: int) -> bool:
        job_id = record.job_id
        if record.status not in (JobStatus.PENDING, JobStatus.RUNNING):
            if record.status.is_finished:
                self._engine.discard(job_id)
            return False
        assignment = Assignment(
            job_id=job_id,
            project=record.project,
            user=record.user or "",
            spec=JobSpec.from_dict(record.spec),
            gpus=split_gpus(record.gpu_ids),
            attempt=record.attempt,
            owner=_owner(record.owner),
        )
        if record.status is JobStatus.PENDING:
            self._engine.prepare(assignment)
            if not self._may_run(job_id, term):
                self._leadership.check(term)
                self._engine.discard(job_id)
                return False
        elif self._engine.adopt(job_id):
            _log.info("job %s: adopted", job_id)
            return True
        self._leadership.check(term)
        self._engine.start(assignment)
        _log.info("job %s: started", job_id)
        return True

    def _may_run(self, job_id: str, term: int) -> bool:
        """Make the job a running one before its process exists: from then on it cannot be cancelled, only stopped."""
        moment = self._clock()
        try:
            self._tracker.jobs.transition(job_id, JobStatus.RUNNING, moment, term=term, start_time=moment)
        except InvalidTransition as error:
            return JobStatus(error.details["current"]) is JobStatus.RUNNING  # by a request whose answer was lost
        return True

    def _record_end(self, record: JobRecord, term: int) -> None:
        outcome = self._engine.outcome(record.job_id)
        verdict = judge(outcome, record.error)
        if another_follows(record, verdict):
            self._engine.save_records(record.job_id)
            if self._requeue(record, term, verdict):
                return
        self._engine.archive(record.job_id)
        self._finish(record, term, verdict, outcome.exit_code)

    def _conclude_failure(self, record: JobRecord, term: int, verdict: Verdict) -> None:
        """Try a job again that cannot run, or end it. One that ran before may have left something."""
        ran = record.status is JobStatus.RUNNING
        if another_follows(record, verdict):
            if ran:
                self._engine.save_records(record.job_id)
            if self._requeue(record, term, verdict):
                return
        if ran:
            self._engine.archive(record.job_id)
        self._close(record, term, verdict)

    def _requeue(self, record: JobRecord, term: int, verdict: Verdict) -> bool:
        """Let the job wait for another attempt; False when it is not to have one because it was told to stop."""
        moment = self._clock()
        begins = moment + pause_after(record.attempt)
        try:
            self._tracker.jobs.transition(
                record.job_id,
                JobStatus.QUEUED,
                moment,
                term=term,
                attempt=record.attempt + 1,
                not_before=begins,
            )
        except InvalidTransition:
            return False
        sentence = announcement(record, verdict)
        _log.info("job %s: %s", record.job_id, sentence)
        self._archive.append_log(record.job_id, sentence, "WARNING")
        return True

    def _finish(self, record: JobRecord, term: int, verdict: Verdict, exit_code: int | None = None) -> None:
        moment = self._clock()
        self._tracker.jobs.transition(
            record.job_id,
            verdict.status,
            moment,
            term=term,
            completed_time=moment,
            exit_code=exit_code,
            cause=verdict.cause,
            cause_detail=verdict.detail,
        )
        _log.info("job %s: %s %s", record.job_id, verdict.status.value, verdict.cause.value if verdict.cause else "")

    def _close(self, record: JobRecord, term: int, verdict: Verdict) -> None:
        _log.error("job %s: %s", record.job_id, verdict.detail)
        self._archive.append_log(record.job_id, verdict.detail or "")
        self._finish(record, term, verdict)

    def _cancel(self, job_id: str, reason: str, cause: Cause) -> bool:
        """End a job that has not begun; False when it has."""
        moment = self._clock()
        try:
            self._tracker.jobs.transition_from(
                job_id,
                _WAITING,
                JobStatus.FAILED,
                moment,
                completed_time=moment,
                cause=cause,
                cause_detail=reason,
            )
        except InvalidTransition:
            return False
        self._engine.cancel(job_id)
        self._announce_end()
        return True

    def _put_away(self, job_id: str, is_deleted: bool) -> None:
        self._engine.kill(job_id)
        if is_deleted:
            _log.info("job %s: removing what is left of it, it was deleted", job_id)
        else:
            self._engine.archive(job_id)
        self._engine.discard(job_id)

    def _has_ended(self, job_id: str) -> bool:
        status = self._status(job_id)
        return status is None or status.is_finished

    def _status(self, job_id: str) -> JobStatus | None:
        """Return the state of a job, None when there is no such job."""
        try:
            return self._tracker.jobs.get(job_id).status
        except JobNotFound:
            return None

    def _announce_end(self) -> None:
        with self._some_job_ended:
            self._endings += 1
            self._some_job_ended.notify_all()


def _owner(text: str | None) -> tuple[int, int] | None:
    user, _, group = (text or "").partition(":")
    return (int(user), int(group)) if user and group else None
