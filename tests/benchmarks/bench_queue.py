"""The queue: how well GPUs are used, and what a long queue costs.

Run with `python -m tests.benchmarks.bench_queue`. A simulated clock drives the real planner over a mixed load; the same
load in strict order, where nobody passes anybody, stands beside it. Then a look at ten thousand waiting jobs stands
beside a look at ten.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.redis_server import running_redis
from tests.simulated_cluster import Load, Run, simulate, strict_order

from atlas_core.ids import now
from atlas_core.resources import Resources
from atlas_core.states import JobStatus
from atlas_services.scheduler.engines import Capacity, Gpu
from atlas_services.scheduler.limits import Limits
from atlas_services.scheduler.outlook import Lookout
from atlas_services.scheduler.plan import Active, Waiting, make_plan
from atlas_services.scheduler.planning import WaitingJobs, active_of
from atlas_services.tracker import Tracker, open_tracker

GPUS = 8
JOBS = 400
LOADS = 10
#: GPUs of a job, and how often jobs of that size come.
SIZES = {1: 8, 2: 4, 4: 2, 8: 1}
BUDGET_USED = 0.95
FEW, MANY = 10, 10_000
ROUNDS = 20


def machine(slots: int) -> Capacity:
    """Return a machine with its declared GPUs."""
    return Capacity(slots, tuple(Gpu(str(place)) for place in range(GPUS)))


def mixed_load(seed: int, shortest: float) -> list[Load]:
    """Return jobs that are all there from the beginning; each runs for `shortest` to all of its time limit."""
    draw = random.Random(seed)
    loads = []
    for number in range(JOBS):
        size = draw.choices(list(SIZES), list(SIZES.values()))[0]
        limit = float(round(draw.lognormvariate(7, 0.8)))  # of 18 minutes in the middle, some of hours
        waiting = Waiting(str(number), Resources(num_gpus=size), "p", "u", limit)
        loads.append(Load(waiting, limit * draw.uniform(shortest, 1.0)))
    return loads


def used(run: Run) -> float:
    """Return the part of the GPU-seconds that was used while anything waited."""
    spent = there = 0.0
    for look, following in zip(run.looks, run.looks[1:], strict=False):
        if look.waiting:
            seconds = following.now - look.now
            spent += seconds * sum(len(job.gpus) for job in look.active)
            there += seconds * GPUS
    return spent / there


def delays(loads: Sequence[Load], ours: Run, strict: Run) -> list[float]:
    """Return how much later than in strict order each job starts that needs every GPU; less than 0 is earlier."""
    whole = (load.waiting.job_id for load in loads if load.waiting.resources.num_gpus == GPUS)
    return [ours.starts[job_id] - strict.starts[job_id] for job_id in whole]


def utilization(shortest: float, what: str) -> None:
    """Print how much of the GPUs a mixed load uses, and when its largest jobs start."""
    ours_used, strict_used, later, count = [], [], [], 0
    for seed in range(LOADS):
        loads = mixed_load(seed, shortest)
        ours, strict = (simulate(machine(64), loads, Limits(), planner) for planner in (make_plan, strict_order))
        ours_used.append(used(ours))
        strict_used.append(used(strict))
        found = delays(loads, ours, strict)
        count += len(found)
        later += [delay for delay in found if delay > 0]
    mean, floor = sum(ours_used) / LOADS, sum(strict_used) / LOADS
    sys.stdout.write(
        f"{what:23}{100 * mean:7.1f} %    budget {100 * BUDGET_USED:.0f}, worst load {100 * min(ours_used):.1f}, "
        f"strict order {100 * floor:.1f}, ratio {mean / floor:.2f}\n"
        f"  {GPUS}-GPU jobs later than in strict order: {len(later)} of {count}\n"
    )


def fill(tracker: Tracker, count: int) -> None:
    """Let so many jobs wait, of which the first holds up those behind it."""
    for number in range(count):
        spec = {"resources": {"num_gpus": GPUS if number == 0 else number % 4 + 1}, "time_limit": 3600.0}
        tracker.jobs.create(
            str(uuid.uuid4()), "bench", JobStatus.QUEUED, now(), "token", mode="scheduled", user="bench", spec=spec
        )


def milliseconds(action: Callable[[], object]) -> float:
    """Return the median time that an action takes when it has been done before."""
    action()
    times = []
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        action()
        times.append(time.perf_counter() - begin)
    return sorted(times)[ROUNDS // 2] * 1000


def looks(count: int) -> tuple[float, float, float]:
    """Return what a look of the dispatcher costs when a job can start and when none can, and an explanation."""
    with tempfile.TemporaryDirectory() as directory, running_redis(Path(directory)) as redis_url:
        tracker = open_tracker(redis_url)
        fill(tracker, count)
        busy = str(uuid.uuid4())
        tracker.jobs.create(
            busy,
            "bench",
            JobStatus.PENDING,
            now(),
            "token",
            mode="scheduled",
            user="bench",
            gpu_ids="0,1,2,3,4,5,6,7",
            spec={"resources": {"num_gpus": 8}},
        )
        active = [active_of(tracker.jobs.get(busy), now())]
        waiting, lookout = WaitingJobs(tracker), Lookout(tracker, lambda: machine(4))

        def look(held: list[Active]) -> None:
            make_plan(machine(4), held, waiting.due(now()), Limits(), now(), shapes=waiting.shapes())

        some, none = milliseconds(lambda: look([])), milliseconds(lambda: look(active))
        told = milliseconds(lookout.look)
        tracker.close()
        return some, none, told


def main() -> None:
    """Print all figures."""
    sys.stdout.write(f"{GPUS} GPUs, {LOADS} loads of {JOBS} jobs of {', '.join(map(str, SIZES))} GPUs\n")
    utilization(1.0, "used, exact limits")
    utilization(0.5, "used, generous limits")
    few, many = looks(FEW), looks(MANY)
    for name, short, long in zip(("jobs can start", "nothing fits", "explanations"), few, many, strict=True):
        sys.stdout.write(
            f"look, {name:17}{long:7.1f} ms   {MANY} jobs; {FEW} jobs {short:.1f}, ratio {long / short:.1f}\n"
        )


if __name__ == "__main__":
    main()
