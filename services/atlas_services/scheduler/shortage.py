"""What there is too little of for a job to start: in words, and who has it."""

from __future__ import annotations

from collections.abc import Callable

from atlas_services.scheduler.outlook import Outlook
from atlas_services.scheduler.plan import Active
from atlas_services.scheduler.resources import matches, wishes
from atlas_services.scheduler.room import Dimension, Kind, Need
from atlas_services.scheduler.wording import by, count, is_known, named


def sentence(dimension: Dimension, need: Need, outlook: Outlook) -> str:
    """Return what is lacking and how much of it there is."""
    kind = dimension.kind
    if kind.is_limit:
        return _limit_sentence(dimension, need, outlook)
    if kind is Kind.SLOTS:
        return _slots_sentence(outlook.capacity.slots)
    if kind is Kind.GPUS:
        return _gpus_sentence(need, outlook)
    amount = dict(need.amounts())[dimension]
    most, left = outlook.room.most(dimension) or 0, max(0.0, outlook.room.left(dimension))
    unit = "GB of memory" if kind is Kind.RAM else "CPU core" if amount == 1 else "CPU cores"
    return f"It needs {amount:g} {unit}; {round(left, 2):g} of {most:g} {'is' if left == 1 else 'are'} free."


def holders(dimension: Dimension, need: Need, outlook: Outlook) -> list[Active]:
    """Return the active jobs that have some of it, the one that ends first by its time limit first."""
    has = _HOLDS.get(dimension.kind)
    kind_of_gpu = {gpu.id for gpu in outlook.capacity.gpus if matches(gpu, need.resources)}
    found = [
        job
        for job in outlook.active
        if (has(job, dimension.name) if has is not None else kind_of_gpu.intersection(job.gpus))
    ]
    return sorted(found, key=lambda job: (job.ends_by is None, job.ends_by or 0.0))


_HOLDS: dict[Kind, Callable[[Active, str], bool]] = {
    Kind.SLOTS: lambda job, name: True,
    Kind.CPUS: lambda job, name: bool(job.resources.cpus),
    Kind.RAM: lambda job, name: bool(job.resources.ram),
    Kind.PROJECT_JOBS: lambda job, name: job.project == name,
    Kind.PROJECT_GPUS: lambda job, name: job.project == name and bool(job.gpus),
    Kind.USER_JOBS: lambda job, name: job.user == name,
    Kind.USER_GPUS: lambda job, name: job.user == name and bool(job.gpus),
}


def _slots_sentence(slots: int) -> str:
    if not slots:
        return "This server runs no jobs: it has no worker (NUM_WORKERS is 0)."
    return "The only worker is busy." if slots == 1 else f"All {slots} workers are busy."


def _gpus_sentence(need: Need, outlook: Outlook) -> str:
    wanted = need.resources
    free = len(outlook.room.free_gpus(wanted))
    there = sum(matches(gpu, wanted) for gpu in outlook.capacity.gpus)
    kind = wishes(wanted)
    such = "such GPU" if kind else "GPU"
    have = f"{free} of {count(there, such)} {'is' if free == 1 else 'are'} free" if free else _none_free(there, such)
    held = [_held(job, need, outlook) for job in holders(Dimension(Kind.GPUS), need, outlook)]
    return f"It needs {count(wanted.num_gpus, 'GPU')}{kind}; {have}{f' ({named(held)})' if held else ''}."


def _none_free(there: int, such: str) -> str:
    return f"the only {such} is busy" if there == 1 else f"none of {there} {such}s is free"


def _held(job: Active, need: Need, outlook: Outlook) -> str:
    gpus = {gpu.id for gpu in outlook.capacity.gpus if matches(gpu, need.resources)}.intersection(job.gpus)
    ends_by = job.ends_by
    end = ""
    if ends_by is not None and is_known(ends_by, outlook.moment):
        end = f" until {by(ends_by, outlook.moment)} at the latest"
    return f"{outlook.named(job.job_id)} holds {len(gpus)}{end}"


def _limit_sentence(dimension: Dimension, need: Need, outlook: Outlook) -> str:
    kind, name = dimension
    owner = f"Project `{name}`" if kind in (Kind.PROJECT_JOBS, Kind.PROJECT_GPUS) else f"User `{name}`"
    most, amount = int(outlook.room.most(dimension) or 0), int(dict(need.amounts())[dimension])
    held = most - int(outlook.room.left(dimension))
    if kind in (Kind.PROJECT_JOBS, Kind.USER_JOBS):
        allowed = f"{owner} may run {count(most, 'job')} at a time on this server"
        return f"{allowed}; {held} {'is' if held == 1 else 'are'} active."
    allowed = f"{owner} may hold {count(most, 'GPU')} at a time on this server"
    if amount > most:
        return f"{allowed}, and the job needs {amount}: it cannot start unless an administrator raises that limit."
    return f"{allowed}; it holds {held}, and the job needs {amount}."
