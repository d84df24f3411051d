"""A cluster whose clock is a number: the real planner, jobs that only take time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from atlas_services.scheduler.engines import Capacity
from atlas_services.scheduler.limits import Limits
from atlas_services.scheduler.plan import Active, Plan, Promise, Waiting, make_plan

Planner = Callable[[Capacity, Sequence[Active], Iterable[Waiting], Limits, float], Plan]


@dataclass(frozen=True)
class Load:
    """A job that comes at a moment and runs for so many seconds."""

    waiting: Waiting
    runs: float
    arrives: float = 0.0


@dataclass
class Run:
    """What happened: when each job started, and every look at the queue."""

    starts: dict[str, float] = field(default_factory=dict)
    ends: dict[str, float] = field(default_factory=dict)
    looks: list[Look] = field(default_factory=list)


@dataclass(frozen=True)
class Look:
    """The state of the cluster after the planner decided."""

    now: float
    active: tuple[Active, ...]
    waiting: tuple[Waiting, ...]
    promise: Promise | None


def simulate(capacity: Capacity, loads: Sequence[Load], limits: Limits, planner: Planner = make_plan) -> Run:
    """Run every job that can run, one event after the other."""
    run, active, queue = Run(), dict[str, Active](), list[Load]()
    arriving = sorted(loads, key=lambda load: load.arrives)
    now = 0.0
    while True:
        active = {job_id: job for job_id, job in active.items() if run.ends[job_id] > now}
        while arriving and arriving[0].arrives <= now:
            queue.append(arriving.pop(0))
        plan = planner(capacity, list(active.values()), [load.waiting for load in queue], limits, now)
        by_id = {load.waiting.job_id: load for load in queue}
        for start in plan.starts:
            job, runs = by_id[start.job_id].waiting, by_id[start.job_id].runs
            ends_by = None if job.time_limit is None else now + job.time_limit
            active[job.job_id] = Active(job.job_id, job.resources, job.project, job.user, start.gpus, ends_by)
            assert job.job_id not in run.starts, "a job starts once"
            run.starts[job.job_id], run.ends[job.job_id] = now, now + runs
        gone = {start.job_id for start in plan.starts} | plan.impossible.keys()
        queue = [load for load in queue if load.waiting.job_id not in gone]
        run.looks.append(Look(now, tuple(active.values()), tuple(load.waiting for load in queue), plan.promise))
        moments = [run.ends[job_id] for job_id in active] + [load.arrives for load in arriving[:1]]
        if not moments:
            return run
        now = min(moments)


def strict_order(
    capacity: Capacity, active: Sequence[Active], waiting: Iterable[Waiting], limits: Limits, now: float
) -> Plan:
    """Plan as a queue without backfill does: nobody passes the first that does not fit."""
    held, whole = list(active), Plan()
    for job in waiting:
        plan = make_plan(capacity, held, [job], limits, now)
        if not plan.starts:
            break
        whole.starts += plan.starts
        held.append(Active(job.job_id, job.resources, job.project, job.user, plan.starts[0].gpus))
    return whole
