"""What the scheduler sees at one moment: what is held, what is free, and what the planner makes of the queue.

Any scheduler can look, the one that dispatches or another: it is all worked out from what the tracker knows.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from atlas_core.ids import now
from atlas_services.scheduler.engines import Capacity
from atlas_services.scheduler.limits import Limits
from atlas_services.scheduler.plan import Active, Plan, Waiting, make_plan
from atlas_services.scheduler.planning import WaitingJobs, active_of
from atlas_services.scheduler.room import Room
from atlas_services.tracker import JobRecord, Tracker

#: So many jobs of the queue are considered one by one; of those behind them only their position is told.
_DEPTH = 1000


@dataclass(frozen=True)
class Outlook:
    """A moment. `active` are the jobs that hold something, those that the plan starts now among them.

    `projects` says where each job is that it names. Those in `hidden` are not to be named to who asks.
    """

    moment: float
    capacity: Capacity
    records: tuple[JobRecord, ...]
    active: tuple[Active, ...]
    room: Room
    plan: Plan
    unusable: frozenset[str]
    is_led: bool
    projects: Mapping[str, str] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()

    @classmethod
    def of(
        cls,
        moment: float,
        capacity: Capacity,
        limits: Limits,
        records: Sequence[JobRecord],
        waiting: Sequence[Waiting],
        unusable: frozenset[str] = frozenset(),
        is_led: bool = True,
    ) -> Outlook:
        """Return what there is to be seen, with these active and these waiting jobs."""
        holding = [active_of(record, moment) for record in records]
        plan = make_plan(capacity, holding, waiting, limits, moment, thorough=True)
        active, room = (*holding, *_starting(plan, waiting, moment)), Room(capacity, limits)
        for job in active:
            room.take(job.need, job.gpus)
        projects = {job.job_id: job.project for job in records} | {job.job_id: job.project for job in waiting}
        return cls(moment, capacity, tuple(records), active, room, plan, unusable, is_led, projects)

    def as_seen(self, sees: Callable[[str], bool]) -> Outlook:
        """Return the same for somebody who sees some projects alone: what others have is told, not who they are."""
        return replace(self, hidden=frozenset(each for each, project in self.projects.items() if not sees(project)))

    def named(self, job_id: str) -> str:
        """Return what a job is called in a sentence."""
        return "a job of another project" if job_id in self.hidden else f"job {job_id}"


class Lookout:
    """Looks. It remembers the facts of waiting jobs that do not change, so that a long queue costs little."""

    def __init__(
        self, tracker: Tracker, capacity: Callable[[], Capacity], limits: Callable[[], Limits] = Limits
    ) -> None:
        self._tracker = tracker
        self._capacity = capacity
        self._limits = limits
        self._waiting = WaitingJobs(tracker)
        self._looking = threading.Lock()

    def look(self) -> Outlook:
        """Return what is to be seen now."""
        with self._looking:
            moment = now()
            records = self._tracker.jobs.active()
            waiting = list(islice(self._waiting.due(moment), _DEPTH))
            unusable = frozenset(self._waiting.unusable)
        is_led = self._tracker.lease.holder() is not None
        return Outlook.of(moment, self._capacity(), self._limits(), records, waiting, unusable, is_led)


def _starting(plan: Plan, waiting: Sequence[Waiting], moment: float) -> list[Active]:
    gpus = {start.job_id: start.gpus for start in plan.starts}
    return [
        Active(job.job_id, job.resources, job.project, job.user, gpus[job.job_id], _end(job, moment))
        for job in waiting
        if job.job_id in gpus
    ]


def _end(job: Waiting, moment: float) -> float | None:
    return None if job.time_limit is None else moment + job.time_limit
