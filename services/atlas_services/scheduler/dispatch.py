"""The dispatcher: gives waiting jobs to the engine as soon as there is room.

It keeps no state that matters: each time anything happens it reads the queue and the active jobs anew, so a lost event,
a lost answer or a crash changes nothing but the time.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from atlas_core.errors import InvalidTransition, JobNotFound
from atlas_core.ids import now
from atlas_core.resources import Resources
from atlas_core.states import Cause, JobStatus
from atlas_services.scheduler.engines import Engine
from atlas_services.scheduler.leader import Leadership
from atlas_services.scheduler.lifecycle import Lifecycle
from atlas_services.scheduler.resources import Free
from atlas_services.tracker import UNAVAILABLE, JobRecord, Tracker

_log = logging.getLogger("atlas.scheduler")

#: Jobs that are prepared, and jobs that are finished, at the same time; each mostly waits for the disk or for Redis.
_HANDS = 8
#: Seconds after which to look although nothing happened.
_LONGEST_SLEEP = 30.0
#: Seconds between tries while Redis is away.
_PAUSE = 0.5


class Dispatcher:
    """Claims jobs and sees them through, in threads of its own, as long as this scheduler leads."""

    def __init__(self, tracker: Tracker, lifecycle: Lifecycle, engine: Engine, leadership: Leadership) -> None:
        self._tracker = tracker
        self._lifecycle = lifecycle
        self._engine = engine
        self._leadership = leadership
        self._held: set[str] = set()
        self._closing = threading.Event()
        # Two, so that jobs with large bundles do not keep others from ending.
        self._beginnings = ThreadPoolExecutor(_HANDS, "begin")
        self._endings = ThreadPoolExecutor(_HANDS, "end")
        self._threads = [
            threading.Thread(target=self._dispatch, name="dispatcher", daemon=True),
            threading.Thread(target=self._collect, name="endings", daemon=True),
        ]

    def start(self) -> None:
        """Start to dispatch in the background."""
        for thread in self._threads:
            thread.start()

    @property
    def lives(self) -> bool:
        """Whether jobs still begin and end; true of one that waits to lead."""
        return all(thread.is_alive() for thread in self._threads)

    def close(self) -> None:
        """Claim no more jobs. Those that run are still seen through until `release`."""
        self._closing.set()

    def release(self) -> None:
        """Stop altogether and let another scheduler go on."""
        self.close()
        self._engine.close()
        self._beginnings.shutdown(cancel_futures=True)
        self._endings.shutdown(cancel_futures=True)
        self._leadership.release()

    def active(self) -> list[JobRecord]:
        """Return the jobs that hold a slot."""
        jobs = self._tracker.jobs
        ids = [job_id for status in (JobStatus.PENDING, JobStatus.RUNNING) for job_id in jobs.ids_in(status)]
        return [
            record
            for record in jobs.records(dict.fromkeys(ids))
            if record.mode == "scheduled" and not record.status.is_finished
        ]

    def _dispatch(self) -> None:
        if not self._lead():
            return
        _log.info("dispatching")
        self._beginnings.submit(self._sweep)
        while not self._closing.is_set():
            try:
                cursor = self._tracker.events.last_id()
                self._look()
                self._sleep(cursor)
            except UNAVAILABLE as error:
                if not self._closing.is_set():
                    _log.warning("Redis does not answer: %s", error)
                self._closing.wait(_PAUSE)
            except Exception:  # a fault in the handling of one job must not end the dispatch of all
                _log.exception("the dispatcher failed; it goes on")
                self._closing.wait(_PAUSE)

    def _lead(self) -> bool:
        """Wait until this scheduler leads; False when it closed before it did."""
        while not self._closing.is_set():
            try:
                self._leadership.acquire()
                break
            except OSError as error:
                _log.error("the lock that says which scheduler leads cannot be taken: %s", error)
                self._closing.wait(_PAUSE)
        if self._closing.is_set():
            self._leadership.release()
        return self._leadership.held

    def _look(self) -> None:
        active = self.active()
        for record in active:
            self._take_in_hand(record.job_id)
        free = Free.of(self._engine.capacity(), (record.gpu_ids for record in active))
        if free.slots <= 0:
            return
        waiting = self._tracker.jobs.records(self._tracker.queue.ids(0, free.slots - 1))
        for record in waiting:
            if self._closing.is_set() or not self._claim(record, free):
                return

    def _sleep(self, cursor: str) -> None:
        """Return when something happened that may make room or bring work."""
        while not self._closing.is_set():
            events = self._tracker.events.wait(cursor, _LONGEST_SLEEP)
            if not events or any(event.kind != "job.logged" for event in events):
                return
            cursor = events[-1].id

    def _claim(self, record: JobRecord, free: Free) -> bool:
        """Claim a waiting job; False when it does not fit and those behind it wait too."""
        try:
            wanted = Resources.from_dict(record.spec.get("resources") or {})
        except Exception:  # whatever is wrong with this job, the queue goes on
            _log.exception("job %s cannot be claimed", record.job_id)
            self._lifecycle.fail(record.job_id, Cause.INVALID_SPEC, "The job's specification cannot be used.")
            return True
        try:
            available = len(self._engine.capacity().gpus)
            if wanted.num_gpus > available:
                sentence = (
                    f"Job '{record.job_id}' expects to use more GPUs ({wanted.num_gpus}) than available ({available}), "
                    "removing from the queue"
                )
                self._lifecycle.fail(record.job_id, Cause.INVALID_SPEC, sentence)
                return True
            gpus = free.take(wanted)
            if gpus is None:
                return False
            self._tracker.jobs.transition(record.job_id, JobStatus.PENDING, now(), gpu_ids=",".join(gpus))
        except (InvalidTransition, JobNotFound):
            return True  # it was cancelled just now; what was taken for it is free again at the next look
        self._take_in_hand(record.job_id)
        return True

    def _take_in_hand(self, job_id: str) -> None:
        if job_id not in self._held:
            self._held.add(job_id)
            self._do(self._beginnings, job_id, self._begin)

    def _begin(self, job_id: str) -> None:
        if not self._lifecycle.begin(job_id):
            self._held.discard(job_id)

    def _end(self, job_id: str) -> None:
        self._lifecycle.end(job_id)
        self._held.discard(job_id)

    def _collect(self) -> None:
        while (job_id := self._engine.wait()) is not None:
            self._do(self._endings, job_id, self._end)

    def _do(self, hands: ThreadPoolExecutor, job_id: str, step: Callable[[str], None]) -> None:
        try:
            hands.submit(self._patiently, job_id, step)
        except RuntimeError:
            _log.info("job %s is left to the next scheduler", job_id)

    def _patiently(self, job_id: str, step: Callable[[str], None]) -> None:
        """Do a step of a job's life, again and again while Redis is away."""
        while True:
            try:
                step(job_id)
                return
            except UNAVAILABLE as error:
                _log.warning("job %s waits for Redis: %s", job_id, error)
                if self._closing.wait(_PAUSE):
                    return
            except Exception as error:  # a fault in the handling of one job must not reach the others
                _log.exception("job %s failed in the scheduler", job_id)
                self._give_up(job_id, error)
                return

    def _sweep(self) -> None:
        try:
            self._lifecycle.sweep()
        except UNAVAILABLE as error:
            _log.warning("what earlier schedulers left stays for the next one: %s", error)
        except Exception:
            _log.exception("what earlier schedulers left stays for the next one")

    def _give_up(self, job_id: str, error: Exception) -> None:
        try:
            self._lifecycle.abandon(job_id, f"The scheduler failed to handle the job: {error}.")
        except Exception:  # Redis or the disk; the next scheduler finds the job as it is
            _log.exception("job %s cannot be closed", job_id)
        self._held.discard(job_id)
