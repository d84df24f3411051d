"""What the jobs that this process submits need, unless a submission says otherwise."""

from __future__ import annotations

from typing import Any

_chosen: dict[str, Any] = {}


def set_job_resources(num_gpus: int = 0, ram: float | None = None) -> None:
    """Choose GPUs and memory (GB) for the jobs that this process submits from now on.

    Raises `ValueError` for anything but a whole number of GPUs and a positive amount of memory.
    """
    if ram is not None and not (_is_number(ram) and ram > 0):
        raise ValueError("Invalid RAM quantity. Please provide a RAM quantity greater than zero.")
    if isinstance(num_gpus, bool) or not isinstance(num_gpus, int) or num_gpus < 0:
        raise ValueError("Invalid GPU quantity. Please provide a non-negative integer GPU quantity.")
    _chosen.update(num_gpus=num_gpus, ram=ram)


def chosen_resources() -> dict[str, Any]:
    """Return what was chosen: nothing, or `num_gpus` and `ram`."""
    return dict(_chosen)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
