"""Who runs next: the order of the queue, with jobs passing one that waits where that harms it in nothing.

The first job that does not fit gets a promise: the moment at which it fits at the latest, if the jobs that are in its
way have time limits. A job behind it may start when it ends before that moment, or when what it takes is not needed by
the promised one then. Where the moment is unknown, a job may pass if in all that it takes from enough is left for the
promised one at once. So nothing that starts ever makes a promise later. A job that only a limit of its project or
user keeps from starting is passed over and promised nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from atlas_core.resources import Resources
from atlas_services.scheduler.engines import Capacity, Gpu
from atlas_services.scheduler.limits import Limits
from atlas_services.scheduler.resources import impossible, matches, wishes
from atlas_services.scheduler.room import Dimension, Need, Room


@dataclass(frozen=True)
class Waiting:
    """A job in the queue. `time_limit` is in seconds."""

    job_id: str
    resources: Resources
    project: str
    user: str
    time_limit: float | None = None

    @property
    def need(self) -> Need:
        """What it takes when it starts."""
        return Need(self.resources, self.project, self.user)


@dataclass(frozen=True)
class Active:
    """A job that holds what it needs. `ends_by` is when it ends at the latest; None is not known."""

    job_id: str
    resources: Resources
    project: str
    user: str
    gpus: tuple[str, ...] = ()
    ends_by: float | None = None

    @property
    def need(self) -> Need:
        """What it holds."""
        return Need(self.resources, self.project, self.user)


@dataclass(frozen=True)
class Start:
    """A job that starts now, on these GPUs."""

    job_id: str
    gpus: tuple[str, ...] = ()


@dataclass(frozen=True)
class Wait:
    """Why a job does not start now: what there is too little of or, when it would fit, which promise it would break."""

    lacks: tuple[Dimension, ...] = ()
    behind: str | None = None


@dataclass(frozen=True)
class Promise:
    """The job that nothing may delay, and when it starts at the latest; None when no one can know."""

    job_id: str
    start: float | None


@dataclass
class Plan:
    """What to do now. `waits` has the jobs that were looked at; `impossible` those that can never run, and why."""

    starts: list[Start] = field(default_factory=list)
    waits: dict[str, Wait] = field(default_factory=dict)
    promise: Promise | None = None
    impossible: dict[str, str] = field(default_factory=dict)


def make_plan(
    capacity: Capacity,
    active: Sequence[Active],
    waiting: Iterable[Waiting],
    limits: Limits,
    now: float,
    *,
    thorough: bool = False,
) -> Plan:
    """Return who of `waiting`, first to run first, starts `now`.

    Takes no more of `waiting` than it must: it stops when no slot is free, unless it is to be `thorough`.
    """
    planner = _Planner(capacity, active, limits, now)
    jobs = iter(waiting)
    while thorough or planner.slots > 0:
        job = next(jobs, None)
        if job is None:
            break
        planner.consider(job)
    return planner.plan


class _Planner:
    """One pass over the queue. What is free only becomes less, so what did not fit once is not tried again."""

    def __init__(self, capacity: Capacity, active: Sequence[Active], limits: Limits, now: float) -> None:
        self.plan = Plan()
        #: Without a free slot no job at all can start. It is asked for each job of a long queue, so it is kept here.
        self.slots = capacity.slots - len(active)
        self._capacity = capacity
        self._now = now
        self._active = list(active)
        self._room = Room(capacity, limits)
        for job in active:
            self._room.take(job.need, job.gpus)
        self._tried: dict[object, Wait] = {}
        self._promised: Waiting | None = None
        #: What is free when the promised job starts; when that is unknown, now.
        self._then = self._room

    def consider(self, job: Waiting) -> None:
        """Decide on the next job of the queue."""
        shape = (job.resources, job.project, job.user, job.time_limit)
        wait = self._tried.get(shape)
        if wait is None:
            never = impossible(job.resources, self._capacity)
            if never is not None:
                self.plan.impossible[job.job_id] = _removal(job, self._capacity, never)
                return
            wait = self._try(job)
            if wait is None:
                return
            self._tried[shape] = wait
        self.plan.waits[job.job_id] = wait

    def _try(self, job: Waiting) -> Wait | None:
        """Start the job, or return why it waits."""
        lacks = self._room.lacks(job.need)
        if lacks:
            if self._promised is None and not lacks[0].kind.is_limit:
                self._promise(job)
            return Wait(lacks)
        gpus = self._choose(job.resources)
        if self._promised is not None and not self._ends_in_time(job):
            if not self._then.still_fits(self._promised.need, job.need, gpus):
                return Wait(behind=self._promised.job_id)
            self._then.take(job.need, gpus)
        self._start(job, gpus)
        return None

    def _start(self, job: Waiting, gpus: tuple[str, ...]) -> None:
        self._room.take(job.need, gpus)
        self.slots -= 1
        ends_by = None if job.time_limit is None else self._now + job.time_limit
        self._active.append(Active(job.job_id, job.resources, job.project, job.user, gpus, ends_by))
        self.plan.starts.append(Start(job.job_id, gpus))

    def _ends_in_time(self, job: Waiting) -> bool:
        start = None if self.plan.promise is None else self.plan.promise.start
        return start is not None and job.time_limit is not None and self._now + job.time_limit <= start

    def _promise(self, job: Waiting) -> None:
        """Find the first moment at which the job fits, by the time limits of the active ones."""
        self._promised = job
        self._then, start = self._room.copy(), None
        known = [(other.ends_by, other) for other in self._active if other.ends_by is not None]
        for end, other in sorted(known, key=lambda pair: pair[0]):
            if start is not None and end > start:
                break
            self._then.give_back(other.need, other.gpus)
            if start is None and not self._then.lacks(job.need):
                start = max(end, self._now)
        if start is None:
            self._then = self._room.copy()
        self.plan.promise = Promise(job.job_id, start)

    def _choose(self, wanted: Resources) -> tuple[str, ...]:
        """Return GPUs for a job that fits: those that the promised job has no use for first, then those with less."""
        promised = self._promised.resources if self._promised is not None else Resources()

        def worth(gpu: Gpu) -> tuple[bool, float]:
            return (promised.num_gpus > 0 and matches(gpu, promised), gpu.memory or 0.0)

        return tuple(gpu.id for gpu in sorted(self._room.free_gpus(wanted), key=worth)[: wanted.num_gpus])


def _removal(job: Waiting, capacity: Capacity, never: str) -> str:
    """Return the sentence with which a job that can never run leaves the queue."""
    available = sum(matches(gpu, job.resources) for gpu in capacity.gpus)
    if job.resources.num_gpus > available:
        return (
            f"Job '{job.job_id}' expects to use more GPUs{wishes(job.resources)} ({job.resources.num_gpus}) "
            f"than available ({available}), removing from the queue"
        )
    return f"Job '{job.job_id}' can never run here, removing from the queue: {never}"
