"""The dispatcher: gives waiting jobs to the engine as soon as there is room.

It keeps no state that matters: each time anything happens it reads the active jobs and the queue anew, so a lost event,
a lost answer or a crash changes nothing but the time.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Executor, ThreadPoolExecutor

from atlas_core.errors import InvalidTransition, JobNotFound
from atlas_core.ids import now
from atlas_core.states import Cause, JobStatus
from atlas_services.scheduler.engines import Engine, Stop
from atlas_services.scheduler.leader import Leadership
from atlas_services.scheduler.lifecycle import Lifecycle
from atlas_services.scheduler.limits import Limits
from atlas_services.scheduler.plan import Active, Start, make_plan
from atlas_services.scheduler.planning import WaitingJobs, active_of
from atlas_services.scheduler.slots import present_capacity
from atlas_services.scheduler.steps import Steps, Tenure
from atlas_services.tracker import UNAVAILABLE, Event, Fenced, JobRecord, Tracker

_log = logging.getLogger("atlas.scheduler")

#: Seconds after which to look although nothing happened.
_LONGEST_SLEEP = 30.0
#: After a look, the dispatcher rests as long as it took, but no longer than this: what happens meanwhile is one look.
_LONGEST_REST = 0.1
#: Seconds between tries while Redis is away.
_PAUSE = 0.5
#: Seconds between two looks for what ended jobs left.
_BETWEEN_SWEEPS = 3600.0
#: What makes no room and brings no work, and what only brings work.
_IDLE = frozenset({"job.logged", "job.pending", "job.deleted"})
_ARRIVALS = frozenset({"job.created", "job.moved", "queue.reordered"})


class Dispatcher:
    """Claims jobs and sees them through, in threads of its own, as long as this scheduler leads.

    `limits` returns those of the moment. `pool` makes what the steps of jobs' lives run in, of so many threads and with
    a name.
    """

    def __init__(
        self,
        tracker: Tracker,
        lifecycle: Lifecycle,
        engine: Engine,
        leadership: Leadership,
        limits: Callable[[], Limits] = Limits,
        *,
        pool: Callable[[int, str], Executor] = ThreadPoolExecutor,
        clock: Callable[[], float] = now,
    ) -> None:
        self._tracker = tracker
        self._lifecycle = lifecycle
        self._engine = engine
        self._leadership = leadership
        self._limits = limits
        self._clock = clock
        self._waiting = WaitingJobs(tracker)
        self._tenure: Tenure | None = None
        self._is_full = False
        self._closing = threading.Event()
        self._steps = Steps(lifecycle, engine, leadership, self._closing, pool)
        self._threads = [
            threading.Thread(target=self._dispatch, name="dispatcher", daemon=True),
            threading.Thread(target=self._collect, name="endings", daemon=True),
            threading.Thread(target=leadership.keep, name="lease", daemon=True),
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
        if not self._leadership.held:
            self._leadership.release()

    def release(self) -> None:
        """Stop altogether and let another scheduler go on."""
        self.close()
        self._engine.close()
        self._steps.shutdown()
        self._leadership.release()

    def active(self) -> list[JobRecord]:
        """Return the jobs that hold a slot."""
        return self._tracker.jobs.active()

    def lead(self, term: int) -> None:
        """Begin to see to all jobs, in a term of which the leadership knows."""
        _log.info("dispatching, in term %d", term)
        self._waiting = WaitingJobs(self._tracker)
        self._tenure = Tenure(term)

    def step_down(self) -> None:
        """Leave all jobs to the scheduler that leads now."""
        tenure, self._tenure = self._tenure, None
        self._engine.let_go()
        if tenure is not None:
            self._leadership.lose(tenure.term)
            for job_id in tuple(tenure.beginning):
                self._engine.cancel(job_id)

    def look(self) -> float:
        """Do everything that can be done now; return in how many seconds there is more if nothing happens before.

        Raises `Fenced` if this scheduler does not lead.
        """
        tenure = self._tenure
        if tenure is None:
            raise Fenced
        self._leadership.check(tenure.term)
        moment = self._clock()
        self._sweep_if_due(tenure, moment)
        beginning = set(tenure.beginning)
        records = self.active()
        active = [active_of(record, moment) for record in records]
        self._cancel(beginning.difference(record.job_id for record in records))
        for record, job in zip(records, active, strict=True):
            self._steps.begin(tenure, record.job_id)
            self._stop_if_due(tenure, record, job, moment)
        next_due = self._begin_waiting(tenure, active, moment)
        times = (next_due, *(job.ends_by for job in active))
        return min([_LONGEST_SLEEP, *(when - moment for when in times if when is not None and when > moment)])

    def tell_stops(self) -> None:
        """Tell the running jobs that are to stop, without waiting for the next look; for one that is about to close."""
        tenure, moment = self._tenure, self._clock()
        if tenure is not None:
            for record in self.active():
                self._stop_if_due(tenure, record, active_of(record, moment), moment)

    def collect(self, job_id: str) -> None:
        """See to the end of a job that the engine is done with."""
        if self._tenure is not None:
            self._steps.end(self._tenure, job_id)

    def _dispatch(self) -> None:
        while not self._closing.is_set():
            try:
                if self._tenure is None:
                    term = self._leadership.acquire()
                    if term is None:
                        break
                    self.lead(term)
                cursor, began = self._tracker.events.last_id(), time.monotonic()
                pause = self.look()
                self._closing.wait(min(time.monotonic() - began, pause, _LONGEST_REST))
                self._sleep(cursor, pause)
            except Fenced:
                _log.warning("another scheduler leads; this one waits until it is gone")
                self.step_down()
            except UNAVAILABLE as error:
                if not self._closing.is_set():
                    _log.warning("Redis does not answer: %s", error)
                self._closing.wait(_PAUSE)
            except Exception:  # a fault in the handling of one job must not end the dispatch of all
                _log.exception("the dispatcher failed; it goes on")
                self._closing.wait(_PAUSE)

    def _sleep(self, cursor: str, pause: float) -> None:
        """Return when something happened that may make room or bring work, or after `pause` seconds."""
        ends = time.monotonic() + pause
        while not self._closing.is_set() and (left := ends - time.monotonic()) > 0:
            events = self._tracker.events.wait(cursor, left)
            if any(map(self._matters, events)):
                return
            cursor = events[-1].id if events else cursor

    def _matters(self, event: Event) -> bool:
        if event.kind in _IDLE or (event.kind == "job.created" and event.status != JobStatus.QUEUED.value):
            return False
        return not (self._is_full and event.kind in _ARRIVALS)

    def _sweep_if_due(self, tenure: Tenure, moment: float) -> None:
        """Put away what is left of jobs at the beginning of a term, and again and again."""
        if tenure.swept is None or abs(moment - tenure.swept) >= _BETWEEN_SWEEPS:
            tenure.swept = moment
            self._steps.sweep(tenure)

    def _cancel(self, job_ids: Iterable[str]) -> None:
        """Give up preparing jobs that ended meanwhile: another scheduler may have been asked to stop them."""
        candidates = list(job_ids)
        for record in self._tracker.jobs.records(candidates) if candidates else ():
            if record.status.is_finished:
                self._engine.cancel(record.job_id)

    def _stop_if_due(self, tenure: Tenure, record: JobRecord, job: Active, moment: float) -> None:
        """Tell a running job to stop, once, that is past its time limit or that somebody asked to stop."""
        if record.status is not JobStatus.RUNNING or record.job_id in tenure.ending:
            return
        stop = None
        if record.stop_cause is not None:
            stop = Stop(record.stop_cause, record.stop_reason or "")
        elif job.ends_by is not None and job.ends_by <= moment:
            limit = job.ends_by - (record.start_time or moment)
            stop = Stop(Cause.TIMEOUT, f"it ran for longer than its time limit of {limit:g} s")
        if stop is not None:
            self._steps.stop(tenure, record.job_id, record.attempt, stop)

    def _begin_waiting(self, tenure: Tenure, active: list[Active], moment: float) -> float | None:
        """Claim what fits; return when the next of the jobs that may not start yet may, if that is worth to look."""
        capacity = present_capacity(self._engine, self._tracker)
        self._is_full = len(active) >= capacity.slots
        if self._is_full or self._closing.is_set():
            return None
        shapes = self._waiting.shapes()
        due = self._waiting.due(moment, tenure.held)
        plan = make_plan(capacity, active, due, self._limits(), moment, shapes=shapes)
        for job_id in self._waiting.unusable:
            self._reject(tenure, job_id, "The job's specification cannot be used.")
        for job_id, sentence in plan.impossible.items():
            self._reject(tenure, job_id, sentence)
        for start in plan.starts:
            if self._closing.is_set():
                return None
            self._claim(tenure, start)
        self._is_full = len(active) + len(plan.starts) >= capacity.slots
        return self._waiting.next_due

    def _reject(self, tenure: Tenure, job_id: str, sentence: str) -> None:
        self._waiting.forget(job_id)
        self._lifecycle.fail(job_id, tenure.term, Cause.INVALID_SPEC, sentence)

    def _claim(self, tenure: Tenure, start: Start) -> None:
        self._waiting.forget(start.job_id)
        try:
            self._tracker.jobs.transition_from(
                start.job_id,
                (JobStatus.QUEUED,),
                JobStatus.PENDING,
                self._clock(),
                term=tenure.term,
                gpu_ids=",".join(start.gpus),
            )
        except (InvalidTransition, JobNotFound):
            return  # it was cancelled just now; what it would have had is free again at the next look
        self._steps.begin(tenure, start.job_id)

    def _collect(self) -> None:
        while (job_id := self._engine.wait()) is not None:
            self.collect(job_id)
