"""What the jobs that this process submits need, unless a submission says otherwise."""

from __future__ import annotations

from typing import Any

from atlas_core.errors import InvalidSpec
from atlas_core.resources import Resources

_chosen: dict[str, Any] = {}


def set_job_resources(
    num_gpus: int = 0,
    ram: float | None = None,
    cpus: float | None = None,
    gpu_memory: float | None = None,
    gpu_model: str | None = None,
) -> None:
    """Choose GPUs, memory (GB) and CPU cores for the jobs that this process submits from now on.

    `gpu_memory` (GB) and `gpu_model` (a part of the name) are what each of the GPUs must have. Raises `ValueError` for
    anything but a whole number of GPUs and positive amounts.

        foundations.set_job_resources(num_gpus=1, ram=8)
    """
    if ram is not None and not (_is_number(ram) and ram > 0):
        raise ValueError("Invalid RAM quantity. Please provide a RAM quantity greater than zero.")
    if isinstance(num_gpus, bool) or not isinstance(num_gpus, int) or num_gpus < 0:
        raise ValueError("Invalid GPU quantity. Please provide a non-negative integer GPU quantity.")
    wanted = {"num_gpus": num_gpus, "ram": ram, "cpus": cpus, "gpu_memory": gpu_memory, "gpu_model": gpu_model}
    try:
        Resources.from_dict(wanted)
    except InvalidSpec as error:
        raise ValueError(error.message) from None
    _chosen.update(wanted)


def chosen_resources() -> dict[str, Any]:
    """Return what was chosen: nothing, or each resource by its name."""
    return dict(_chosen)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
