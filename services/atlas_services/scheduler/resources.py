"""What the machine has, and whether it is enough for what a job asks for."""

from __future__ import annotations

from atlas_core.errors import InvalidSpec
from atlas_core.resources import Resources
from atlas_services.scheduler.engines import Capacity, Gpu


def matches(gpu: Gpu, wanted: Resources) -> bool:
    """Whether the GPU is of the kind that is wanted. What is not known of a GPU it does not have."""
    if wanted.gpu_memory is not None and (gpu.memory is None or gpu.memory < wanted.gpu_memory):
        return False
    return wanted.gpu_model is None or wanted.gpu_model.lower() in gpu.model.lower()


def wishes(wanted: Resources) -> str:
    """Return what each GPU must be, to stand behind "GPUs"; "" when any will do."""
    memory = "" if wanted.gpu_memory is None else f" with at least {wanted.gpu_memory:g} GB"
    return memory if wanted.gpu_model is None else f" of model `{wanted.gpu_model}`{memory}"


def check_possible(wanted: Resources, capacity: Capacity) -> None:
    """Raise `InvalidSpec`, naming the field, if this machine can never give what is wanted."""
    available = sum(matches(gpu, wanted) for gpu in capacity.gpus)
    if wanted.num_gpus > available:
        raise InvalidSpec(
            f"num_gpus: the job expects to use more GPUs{wishes(wanted)} ({wanted.num_gpus}) than available "
            f"({available}).",
            field="num_gpus",
        )
    for name, unit, most in (("cpus", "cores", capacity.cpus), ("ram", "GB", capacity.ram)):
        amount = getattr(wanted, name)
        if most is not None and amount is not None and amount > most:
            raise InvalidSpec(
                f"{name}: the job expects to use more {unit} ({amount:g}) than available ({most:g}).", field=name
            )


def impossible(wanted: Resources, capacity: Capacity) -> str | None:
    """Return why this machine can never give what is wanted; None when it can."""
    try:
        check_possible(wanted, capacity)
    except InvalidSpec as error:
        return error.message
    return None


def split_gpus(text: str | None) -> tuple[str, ...]:
    """Return the GPUs in a comma-separated list."""
    return tuple(gpu for gpu in (text or "").split(",") if gpu)
