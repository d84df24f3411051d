"""A job's life from the claim to the end. Every step looks at the state first and may be repeated after a crash."""

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
from atlas_services.scheduler.engines import Assignment, Engine, EngineFailure, Stop
from atlas_services.scheduler.resources import split_gpus
from atlas_services.scheduler.verdict import judge
from atlas_services.tracker import JobRecord, Tracker

_log = logging.getLogger("atlas.scheduler")

#: Seconds after which to look again for an end of which nobody told us: another scheduler may have seen to it.
_LONGEST_WAIT = 0.5
_WAITING = (JobStatus.QUEUED, JobStatus.PENDING)


class Lifecycle:
    """Brings jobs from one state to the next, with what has to be done on the way."""

    def __init__(self, tracker: Tracker, engine: Engine, archive: Archive, clock: Callable[[], float] = now) -> None:
        self._tracker = tracker
        self._engine = engine
        self._archive = archive
        self._clock = clock
        self._some_job_ended = threading.Condition()
        self._endings = 0

    @property
    def endings(self) -> int:
        """How many jobs this scheduler has seen end; when it changes, some job just has."""
        return self._endings

    def begin(self, job_id: str) -> bool:
        """Bring a job that was claimed to run, or go on with one that runs already.

        Returns whether the engine has it now. A job that cannot begin is failed, with the reason in its log.
        """
        try:
            return self._begin(self._tracker.jobs.get(job_id))
        except JobNotFound:
            self._engine.discard(job_id)
        except AtlasError as error:
            self.fail(job_id, Cause.INVALID_SPEC, error.message)
        except EngineFailure as error:
            self.fail(job_id, error.cause, str(error))
        except OSError as error:
            self.fail(job_id, Cause.ENGINE_LOST, f"The job cannot be prepared: {error}.")
        return False

    def end(self, job_id: str) -> None:
        """Record how a job that the engine is done with ended, once everything it left is in the archive."""
        try:
            record = self._tracker.jobs.get(job_id)
            if not record.status.is_finished:
                self._record_end(record)
        except JobNotFound:
            _log.info("job %s was deleted before it ended", job_id)
        except InvalidTransition as error:
            _log.warning("job %s: %s", job_id, error.message)
        self._engine.discard(job_id)
        self._announce_end()

    def fail(self, job_id: str, cause: Cause, sentence: str) -> None:
        """End a job that cannot run, and say why in its log."""
        self._close(job_id, cause, sentence)
        self._engine.discard(job_id)
        self._announce_end()

    def abandon(self, job_id: str, sentence: str) -> None:
        """End a job that may have run but cannot be handled, and say why in its log. What it left stays for `sweep`."""
        self._engine.kill(job_id)
        self._close(job_id, Cause.ENGINE_LOST, sentence)
        self._announce_end()

    def sweep(self) -> None:
        """Put away what jobs left that ended while the scheduler died."""
        for job_id in self._engine.leftovers():
            try:
                if not self._tracker.jobs.get(job_id).status.is_finished:
                    continue
                self._engine.archive(job_id)
            except JobNotFound:
                _log.info("job %s: removing what is left of it, it was deleted", job_id)
            except OSError as error:
                _log.error("job %s: what it left cannot be archived: %s", job_id, error)
                continue
            self._engine.discard(job_id)

    def stop(self, job_id: str, reason: str, cause: Cause = Cause.STOPPED_BY_USER) -> None:
        """Stop a job that waits or runs.

        A waiting one has failed when this returns; a running one soon will. Raises `JobNotFound`, `InvalidTransition`
        when it has ended, `Conflict` when it runs outside of the scheduler.
        """
        record = self._tracker.jobs.get(job_id)
        if record.mode != "scheduled" and not record.status.is_finished:
            raise Conflict(f"Job `{job_id}` was started outside of the scheduler; stop it there.", job_id=job_id)
        if record.status.is_waiting and self._cancel(job_id, reason, cause):
            return
        record = self._tracker.jobs.get(job_id)
        if record.status is not JobStatus.RUNNING:
            current = record.status.value
            raise InvalidTransition(
                f"Job `{job_id}` is {current} and cannot be stopped.", job_id=job_id, current=current
            )
        self._engine.stop(job_id, Stop(cause, reason))

    def force_end(self, job_id: str) -> None:
        """End a job that was stopped and is still there, without waiting for its last words."""
        self._engine.kill(job_id)
        self.end(job_id)

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

    def _begin(self, record: JobRecord) -> bool:
        job_id = record.job_id
        assignment = Assignment(
            job_id=job_id,
            project=record.project,
            user=record.user or "",
            spec=JobSpec.from_dict(record.spec),
            gpus=split_gpus(record.gpu_ids),
        )
        if record.status is JobStatus.PENDING:
            self._engine.prepare(assignment)
            if not self._may_run(job_id):
                self._engine.discard(job_id)
                return False
        elif record.status is not JobStatus.RUNNING:
            self._engine.discard(job_id)
            return False
        elif self._engine.adopt(job_id):
            _log.info("job %s: adopted", job_id)
            return True
        self._engine.start(assignment)
        _log.info("job %s: started", job_id)
        return True

    def _may_run(self, job_id: str) -> bool:
        """Make the job a running one before its process exists: from then on it cannot be cancelled, only stopped."""
        moment = self._clock()
        try:
            self._tracker.jobs.transition(job_id, JobStatus.RUNNING, moment, start_time=moment)
        except InvalidTransition as error:
            return JobStatus(error.details["current"]) is JobStatus.RUNNING  # by a request whose answer was lost
        return True

    def _record_end(self, record: JobRecord) -> None:
        outcome = self._engine.outcome(record.job_id)
        verdict = judge(outcome, record.error)
        self._engine.archive(record.job_id)
        moment = self._clock()
        self._tracker.jobs.transition(
            record.job_id,
            verdict.status,
            moment,
            completed_time=moment,
            exit_code=outcome.exit_code,
            cause=verdict.cause,
            cause_detail=verdict.detail,
        )
        _log.info("job %s: %s %s", record.job_id, verdict.status.value, verdict.cause.value if verdict.cause else "")

    def _close(self, job_id: str, cause: Cause, sentence: str) -> None:
        _log.error("job %s: %s", job_id, sentence)
        self._archive.append_log(job_id, sentence)
        try:
            moment = self._clock()
            self._tracker.jobs.transition(
                job_id, JobStatus.FAILED, moment, completed_time=moment, cause=cause, cause_detail=sentence
            )
        except (InvalidTransition, JobNotFound):
            _log.info("job %s ended in another way meanwhile", job_id)

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

    def _has_ended(self, job_id: str) -> bool:
        try:
            return self._tracker.jobs.get(job_id).status.is_finished
        except JobNotFound:
            return True

    def _announce_end(self) -> None:
        with self._some_job_ended:
            self._endings += 1
            self._some_job_ended.notify_all()
