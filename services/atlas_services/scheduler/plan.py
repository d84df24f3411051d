"""Who runs next: the order of the queue, with jobs passing one that waits where that harms it in nothing.

The first job that does not fit gets a promise: the moment at which it fits at the latest, if the jobs that are in its
way have time limits. A job behind it may start when it ends before that moment, or when what it takes is not needed by
the promised one then. Where the moment is unknown, a job may pass if in all that it takes from enough is left for the
promised one at once. So nothing that starts ever makes a promise later. The next few that do not fit are kept room for
in the same way, in their order, behind the promised one: else a large job that is second in line could be put off by
many small ones. A job that only a limit of its project or user keeps from starting is passed over and reserves nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from atlas_core.resources import Resources
from atlas_services.scheduler.engines import Capacity, Gpu
from atlas_services.scheduler.limits import Limits
from atlas_services.scheduler.resources import impossible, matches, wishes
from atlas_services.scheduler.room import Dimension, Need, Room

#: For so many jobs that wait room is kept. With more, fewer GPUs are used and nobody starts earlier.
_KEPT = 4


#: What a job needs, and whose it is: jobs alike in this fail alike.
Shape = tuple[Resources, str, str]


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

    @property
    def shape(self) -> Shape:
        """What it has in common with jobs like it."""
        return (self.resources, self.project, self.user)

    @property
    def longest(self) -> float:
        """For how many seconds it runs at most; infinity without a limit."""
        return math.inf if self.time_limit is None else self.time_limit


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
    shapes: Mapping[Shape, float] | None = None,
) -> Plan:
    """Return who of `waiting`, first to run first, starts `now`.

    Takes no more of `waiting` than it must: it stops when no slot is free, and when it has seen that none of all the
    `shapes` that wait can start, of each of which the shortest run is given; unless it is to be `thorough`.
    """
    planner = _Planner(capacity, active, limits, now, shapes)
    jobs = iter(waiting)
    while thorough or planner.goes_on:
        job = next(jobs, None)
        if job is None:
            break
        planner.consider(job)
    return planner.plan


@dataclass
class _Reservation:
    """A job that waits, when it can start, and what is free then, before it takes it. None: nobody knows when.

    What is free then is what is free now if nobody knows when.
    """

    job: Waiting
    start: float | None
    gpus: tuple[str, ...]
    then: Room


class _Change(NamedTuple):
    """A job begins, or ends."""

    begins: bool
    need: Need
    gpus: tuple[str, ...]

    def apply(self, room: Room) -> None:
        (room.take if self.begins else room.give_back)(self.need, self.gpus)


class _Planner:
    """One pass over the queue. What is free only becomes less, so what did not fit once is not tried again."""

    def __init__(
        self,
        capacity: Capacity,
        active: Sequence[Active],
        limits: Limits,
        now: float,
        shapes: Mapping[Shape, float] | None,
    ) -> None:
        self.plan = Plan()
        #: Without a free slot no job at all can start. It is asked for each job of a long queue, so it is kept here.
        self._slots = capacity.slots - len(active)
        self._shapes = shapes
        self._hopeless: set[Shape] = set()
        self._has_looked_ahead = False
        self._capacity = capacity
        self._now = now
        self._active = list(active)
        self._room = Room(capacity, limits)
        for job in active:
            self._room.take(job.need, job.gpus)
        #: By shape, why a job waits, and for runs of which length and more.
        self._tried: dict[Shape, tuple[float, Wait]] = {}
        self._reserved: list[_Reservation] = []
        self._may_keep = True

    @property
    def goes_on(self) -> bool:
        """Whether any job at all may start yet."""
        return self._slots > 0 and (self._shapes is None or len(self._hopeless) < len(self._shapes))

    def consider(self, job: Waiting) -> None:
        """Decide on the next job of the queue."""
        shape = job.shape
        longest, wait = self._tried.get(shape, (math.inf, None))
        if wait is None or job.longest < longest:
            never = impossible(job.resources, self._capacity)
            if never is not None:
                self.plan.impossible[job.job_id] = _removal(job, self._capacity, never)
                self._hopeless.add(shape)
                return
            wait = self._try(job)
            if wait is None:
                return
            self._note_failure(job, wait)
        self.plan.waits[job.job_id] = wait
        self._look_ahead()
        if self._may_keep and not (wait.lacks and wait.lacks[0].kind.is_limit):
            self._reserve(job)

    def _note_failure(self, job: Waiting, wait: Wait) -> None:
        """Remember why the job waits. What is lacking is lacking for any run, a promise is broken only by long ones."""
        longest = 0.0 if wait.lacks else job.longest
        self._tried[job.shape] = (longest, wait)
        if self._shapes is not None and longest <= self._shapes.get(job.shape, 0.0):
            self._hopeless.add(job.shape)

    def _look_ahead(self) -> None:
        """Find out, once after each start, for which shapes there is no room any more, wherever they stand."""
        if self._shapes is not None and not self._has_looked_ahead:
            self._has_looked_ahead = True
            self._hopeless.update(shape for shape in self._shapes if self._room.lacks(Need(*shape)))

    def _try(self, job: Waiting) -> Wait | None:
        """Start the job, or return why it waits."""
        lacks = self._room.lacks(job.need)
        if lacks:
            return Wait(lacks)
        gpus, end = self._choose(job.resources, self._room), self._now + job.longest
        overlapping = [kept for kept in self._reserved if kept.start is None or end > kept.start]
        for kept in overlapping:
            if not kept.then.still_fits(kept.job.need, job.need, gpus):
                return Wait(behind=kept.job.job_id)
        for kept in overlapping:
            kept.then.take(job.need, gpus)
        self._start(job, gpus)
        return None

    def _start(self, job: Waiting, gpus: tuple[str, ...]) -> None:
        self._room.take(job.need, gpus)
        self._slots -= 1
        self._has_looked_ahead = False
        ends_by = None if job.time_limit is None else self._now + job.time_limit
        self._active.append(Active(job.job_id, job.resources, job.project, job.user, gpus, ends_by))
        self.plan.starts.append(Start(job.job_id, gpus))

    def _reserve(self, job: Waiting) -> None:
        """Keep what the job needs from the first moment on at which it fits, by the time limits of the others.

        When nobody knows that of one, nobody knows it of those behind it.
        """
        kept = self._first_fit(job)
        if not self._reserved:
            self.plan.promise = Promise(job.job_id, None if kept is None else kept.start)
        self._may_keep = kept is not None and len(self._reserved) + 1 < _KEPT
        if kept is not None or not self._reserved:
            self._reserved.append(kept or _Reservation(job, None, (), self._room.copy()))

    def _first_fit(self, job: Waiting) -> _Reservation | None:
        """Find room for the job that begins no earlier than what is kept for those before it."""
        earliest = (self._reserved[-1].start if self._reserved else None) or self._now
        room = self._room.copy()
        for moment, changes in self._timeline():
            for change in changes:
                change.apply(room)
            if moment >= earliest and not room.lacks(job.need):
                return _Reservation(job, moment, self._choose(job.resources, room), room)
        return None

    def _timeline(self) -> list[tuple[float, list[_Change]]]:
        """Return what ends and what begins at each moment to come; ends come first."""
        changes: dict[float, list[_Change]] = {}
        for job in self._active:
            if job.ends_by is not None:
                changes.setdefault(max(job.ends_by, self._now), []).append(_Change(False, job.need, job.gpus))
        for kept in self._reserved:
            if kept.start is not None:
                changes.setdefault(kept.start, []).append(_Change(True, kept.job.need, kept.gpus))
                end = kept.start + kept.job.longest
                changes.setdefault(end, []).append(_Change(False, kept.job.need, kept.gpus))
        changes.pop(math.inf, None)
        return [(moment, sorted(changes[moment], key=lambda change: change.begins)) for moment in sorted(changes)]

    def _choose(self, wanted: Resources, room: Room) -> tuple[str, ...]:
        """Return GPUs for a job that fits: those that no reservation has a use for first, then those with less."""
        kept = [other.job.resources for other in self._reserved if other.job.resources.num_gpus]

        def worth(gpu: Gpu) -> tuple[int, float]:
            first = next((len(kept) - place for place, other in enumerate(kept) if matches(gpu, other)), 0)
            return (first, gpu.memory or 0.0)

        return tuple(gpu.id for gpu in sorted(room.free_gpus(wanted), key=worth)[: wanted.num_gpus])


def _removal(job: Waiting, capacity: Capacity, never: str) -> str:
    """Return the sentence with which a job that can never run leaves the queue."""
    available = sum(matches(gpu, job.resources) for gpu in capacity.gpus)
    if job.resources.num_gpus > available:
        return (
            f"Job '{job.job_id}' expects to use more GPUs{wishes(job.resources)} ({job.resources.num_gpus}) "
            f"than available ({available}), removing from the queue"
        )
    return f"Job '{job.job_id}' can never run here, removing from the queue: {never}"
