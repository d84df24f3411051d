"""What holds of the planner whatever jobs come, and whenever they end."""

from __future__ import annotations

import itertools
import math
from collections import defaultdict

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.simulated_cluster import Load, Look, simulate

from atlas_core.resources import Resources
from atlas_services.scheduler.engines import Capacity, Gpu
from atlas_services.scheduler.limits import Limit, Limits
from atlas_services.scheduler.plan import Active, Plan, Shape, Waiting, make_plan
from atlas_services.scheduler.resources import impossible, matches

#: What is wrong with a planner shows only where several jobs are in each other's way.
thoroughly = settings(max_examples=400, deadline=None)
NO_LIMITS = Limits()
MODELS = ("A100", "T4")
MEMORIES = (16.0, 80.0, None)
TIMES = st.sampled_from([1.0, 2.0, 3.0, 4.0, 9.0, None])
WISHES = st.sampled_from([None, None, *MODELS])
CORES = st.sampled_from([None, None, 1.0, 2.0])


@st.composite
def capacities(draw: st.DrawFn) -> Capacity:
    kinds = st.tuples(st.sampled_from(MODELS), st.sampled_from(MEMORIES))
    gpus = draw(st.lists(kinds, min_size=draw(st.sampled_from([0, 2, 4])), max_size=4))
    return Capacity(
        draw(st.integers(1, 5)),
        tuple(Gpu(str(place), model, memory) for place, (model, memory) in enumerate(gpus)),
        draw(st.sampled_from([None, 4.0, 8.0])),
        draw(st.sampled_from([None, 16.0])),
    )


@st.composite
def wanted(draw: st.DrawFn) -> Resources:
    gpus = draw(st.integers(0, 4))
    return Resources(
        num_gpus=gpus,
        cpus=draw(st.sampled_from([None, 0.5, 2.0, 4.0])),
        ram=draw(st.sampled_from([None, 0.1, 8.0])),
        gpu_memory=draw(st.sampled_from([None, 16.0, 40.0])) if gpus else None,
        gpu_model=draw(st.sampled_from([None, "a100", "T4"])) if gpus else None,
    )


@st.composite
def loads(draw: st.DrawFn) -> list[Load]:
    """Jobs that never run for longer than their limit; some end earlier, some have none.

    They come mostly at once and their times are alike, so that they are in each other's way.
    """
    jobs, kinds = [], draw(st.lists(wanted(), min_size=1, max_size=4))
    for number in range(draw(st.integers(1, 12))):
        runs = draw(st.integers(1, 4))
        most = draw(st.sampled_from([float(runs), float(runs), runs + 2.0, None]))
        project, user = draw(st.sampled_from("pq")), draw(st.sampled_from("uv"))
        waiting = Waiting(f"job-{number}", draw(st.sampled_from(kinds)), project, user, most)
        jobs.append(Load(waiting, runs, draw(st.sampled_from([0, 0, 0, 2, 5]))))
    return jobs


@st.composite
def moments(draw: st.DrawFn) -> tuple[Capacity, list[Active], list[Waiting]]:
    """A machine in use at the time 0, and a queue before it in which most could run if they were alone."""
    models = draw(st.lists(st.sampled_from(MODELS), min_size=2, max_size=4))
    gpus = tuple(Gpu(str(place), model) for place, model in enumerate(models))
    capacity = Capacity(draw(st.sampled_from([4, 9])), gpus, 4.0)
    ends = st.sampled_from([2.0, 4.0, None])
    held = draw(st.lists(st.sampled_from([gpu.id for gpu in gpus]), unique=True, max_size=3))
    active = [Active(f"a-{gpu}", Resources(num_gpus=1, cpus=1.0), "p", "u", (gpu,), draw(ends)) for gpu in held]
    counts = st.sampled_from([*range(len(gpus) + 1), 1, 2])
    waiting = [
        Waiting(f"w-{place}", wish(gpus, draw(WISHES), draw(CORES)), "p", "u", draw(TIMES))
        for place, gpus in enumerate(draw(st.lists(counts, min_size=2, max_size=6)))
    ]
    return capacity, active, waiting


def wish(gpus: int, model: str | None, cpus: float | None) -> Resources:
    return Resources(num_gpus=gpus, cpus=cpus, gpu_model=model if gpus else None)


limits = st.builds(
    Limits,
    project=st.builds(Limit, st.sampled_from([None, 1, 2]), st.sampled_from([None, 1, 4])),
    user=st.builds(Limit, st.sampled_from([None, 1, 3]), st.sampled_from([None, 2])),
)


@thoroughly
@given(capacities(), loads(), limits)
def test_nothing_is_given_twice_nor_more_than_there_is(capacity: Capacity, jobs: list[Load], policy: Limits) -> None:
    for look in simulate(capacity, jobs, policy).looks:
        held = [gpu for job in look.active for gpu in job.gpus]
        assert len(held) == len(set(held))
        assert len(look.active) <= capacity.slots
        for most, kind in ((capacity.cpus, "cpus"), (capacity.ram, "ram")):
            used = sum(getattr(job.resources, kind) or 0.0 for job in look.active)
            assert most is None or used <= most + 1e-6
        assert_limits_hold(look, policy)


@thoroughly
@given(capacities(), loads())
def test_each_job_gets_as_many_gpus_as_it_wants_of_the_kind_it_wants(capacity: Capacity, jobs: list[Load]) -> None:
    gpus = {gpu.id: gpu for gpu in capacity.gpus}
    for look in simulate(capacity, jobs, NO_LIMITS).looks:
        for job in look.active:
            assert len(job.gpus) == job.resources.num_gpus
            assert all(matches(gpus[gpu], job.resources) for gpu in job.gpus)


@thoroughly
@given(capacities(), loads())
def test_every_job_that_can_run_does_run(capacity: Capacity, jobs: list[Load]) -> None:
    possible = {job.waiting.job_id for job in jobs if impossible(job.waiting.resources, capacity) is None}
    assert simulate(capacity, jobs, NO_LIMITS).starts.keys() == possible


@thoroughly
@given(capacities(), loads())
def test_a_promised_start_is_kept_and_never_made_later(capacity: Capacity, jobs: list[Load]) -> None:
    run = simulate(capacity, jobs, NO_LIMITS)
    promised: dict[str, float] = {}
    for look in run.looks:
        if look.promise is not None and look.promise.start is not None:
            job_id, start = look.promise.job_id, look.promise.start
            assert start <= promised.get(job_id, math.inf)
            promised[job_id] = start
    for job_id, start in promised.items():
        assert run.starts[job_id] <= start


@thoroughly
@given(capacities(), loads(), limits)
def test_jobs_that_are_alike_start_in_their_order(capacity: Capacity, jobs: list[Load], policy: Limits) -> None:
    run, latest = simulate(capacity, jobs, policy), defaultdict[object, float](float)
    for job in sorted(jobs, key=lambda job: job.arrives):
        waiting = job.waiting
        if waiting.job_id in run.starts:
            shape = (waiting.resources, waiting.project, waiting.user, waiting.time_limit)
            assert run.starts[waiting.job_id] >= latest[shape]
            latest[shape] = run.starts[waiting.job_id]


@thoroughly
@given(moments())
def test_nothing_waits_that_would_fit_and_harm_nobody(
    moment: tuple[Capacity, list[Active], list[Waiting]],
) -> None:
    capacity, active, waiting = moment
    plan = make_plan(capacity, active, waiting, NO_LIMITS, 0.0, thorough=True)
    after = active_after(active, waiting, plan)
    by_id = {job.job_id: job for job in waiting}
    for job in waiting:
        wait = plan.waits.get(job.job_id)
        for gpus in choices(capacity, after, job) if wait is not None else []:
            assert wait is not None and wait.behind is not None and plan.promise is not None
            other = by_id[wait.behind]
            assert waiting.index(other) < waiting.index(job) and other.job_id in plan.waits
            if wait.behind == plan.promise.job_id:
                assert harms(capacity, after, job, gpus, other)


@thoroughly
@given(moments())
def test_nothing_that_starts_harms_the_promised_job(moment: tuple[Capacity, list[Active], list[Waiting]]) -> None:
    capacity, active, waiting = moment
    plan = make_plan(capacity, active, waiting, NO_LIMITS, 0.0)
    promised = next((job for job in waiting if plan.promise and job.job_id == plan.promise.job_id), None)
    if promised is None or plan.promise is None:
        return
    place = waiting.index(promised)
    state = active_after(active, waiting[:place], plan)
    assert first_fit(capacity, state, promised) == plan.promise.start
    for start in plan.starts:
        job = next(job for job in waiting if job.job_id == start.job_id)
        if waiting.index(job) > place:
            assert not harms(capacity, state, job, start.gpus, promised)
            state = (*state, started(job, start.gpus))


@thoroughly
@given(capacities(), loads(), limits)
def test_a_thorough_plan_starts_the_same_jobs(capacity: Capacity, jobs: list[Load], policy: Limits) -> None:
    waiting = [job.waiting for job in jobs]
    plan = make_plan(capacity, [], waiting, policy, 0.0)
    thorough = make_plan(capacity, [], waiting, policy, 0.0, thorough=True)
    assert plan.starts == thorough.starts
    assert plan.waits.items() <= thorough.waits.items()
    decided = [*thorough.starts, *thorough.waits, *thorough.impossible]
    assert len(decided) == len(waiting)


@thoroughly
@given(moments())
def test_a_queue_is_left_early_only_when_nothing_behind_could_start(
    moment: tuple[Capacity, list[Active], list[Waiting]],
) -> None:
    capacity, active, waiting = moment
    shapes: dict[Shape, float] = {}
    for job in waiting:
        shapes[job.shape] = min(job.longest, shapes.get(job.shape, math.inf))
    plan = make_plan(capacity, active, waiting, NO_LIMITS, 0.0)
    assert make_plan(capacity, active, waiting, NO_LIMITS, 0.0, shapes=shapes).starts == plan.starts


def assert_limits_hold(look: Look, policy: Limits) -> None:
    counts: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for job in look.active:
        for owner in (("project", job.project), ("user", job.user)):
            counts[owner][0] += 1
            counts[owner][1] += len(job.gpus)
    for (kind, _), (jobs, gpus) in counts.items():
        limit = policy.project if kind == "project" else policy.user
        assert limit.jobs is None or jobs <= limit.jobs
        assert limit.gpus is None or gpus <= limit.gpus


def choices(capacity: Capacity, active: tuple[Active, ...], job: Waiting) -> list[tuple[str, ...]]:
    """Return every set of GPUs on which the job fits now, worked out without the planner."""
    for most, kind in ((capacity.cpus, "cpus"), (capacity.ram, "ram")):
        used = sum(getattr(other.resources, kind) or 0.0 for other in active)
        if most is not None and used + (getattr(job.resources, kind) or 0.0) > most + 1e-6:
            return []
    if len(active) >= capacity.slots:
        return []
    held = {gpu for other in active for gpu in other.gpus}
    free = [gpu.id for gpu in capacity.gpus if gpu.id not in held and matches(gpu, job.resources)]
    return list(itertools.combinations(free, job.resources.num_gpus))


def active_after(active: list[Active], waiting: list[Waiting], plan: Plan) -> tuple[Active, ...]:
    """Return what is active once those of `waiting` that the plan names have started."""
    by_id = {job.job_id: job for job in waiting}
    return (*active, *(started(by_id[start.job_id], start.gpus) for start in plan.starts if start.job_id in by_id))


def started(job: Waiting, gpus: tuple[str, ...]) -> Active:
    """Return the job as it is when it starts at the time 0."""
    return Active(job.job_id, job.resources, job.project, job.user, gpus, job.time_limit)


def harms(
    capacity: Capacity, active: tuple[Active, ...], job: Waiting, gpus: tuple[str, ...], promised: Waiting
) -> bool:
    """Whether the job, started now on these GPUs, makes the promised one later, or may make it later."""
    begun = started(job, gpus)
    before = first_fit(capacity, active, promised)
    if before is not None:
        after = first_fit(capacity, (*active, begun), promised)
        return after is None or after > before
    return takes_what_is_needed(capacity, active, begun, promised)


def first_fit(capacity: Capacity, active: tuple[Active, ...], job: Waiting) -> float | None:
    """Return when the job fits at the latest; None when no one can know."""
    for moment in sorted({0.0, *(other.ends_by for other in active if other.ends_by is not None)}):
        left = tuple(other for other in active if other.ends_by is None or other.ends_by > moment)
        if choices(capacity, left, job):
            return moment
    return None


def takes_what_is_needed(capacity: Capacity, active: tuple[Active, ...], begun: Active, promised: Waiting) -> bool:
    """Whether, of something that the job takes, less is left than the promised job needs."""
    after = (*active, begun)
    if len(after) >= capacity.slots:
        return True
    for most, kind in ((capacity.cpus, "cpus"), (capacity.ram, "ram")):
        needed = getattr(promised.resources, kind)
        used = sum(getattr(other.resources, kind) or 0.0 for other in after)
        if most is not None and needed and getattr(begun.resources, kind) and most - used + 1e-6 < needed:
            return True
    held = {gpu for other in after for gpu in other.gpus}
    useful = [gpu for gpu in capacity.gpus if matches(gpu, promised.resources)]
    free = [gpu for gpu in useful if gpu.id not in held]
    takes = {gpu.id for gpu in useful}.intersection(begun.gpus)
    return promised.resources.num_gpus > 0 and bool(takes) and len(free) < promised.resources.num_gpus
