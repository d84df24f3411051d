"""What is free: worked out from the jobs that hold something, never kept in a book that could be wrong."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from atlas_core.resources import Resources
from atlas_services.scheduler.engines import Capacity, Gpu


def declared_gpus(environment: Mapping[str, str] = os.environ) -> tuple[Gpu, ...]:
    """Return the GPUs that `CUDA_VISIBLE_DEVICES` declares; the word `None` means none."""
    text = environment.get("CUDA_VISIBLE_DEVICES", "").strip()
    if text.lower() in {"none", "-1"}:
        return ()
    return tuple(Gpu(name) for name in dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))


@dataclass
class Free:
    """What jobs can still be given: slots, and GPUs in the order in which they are given out."""

    slots: int
    gpus: list[str]

    @classmethod
    def of(cls, capacity: Capacity, held: Iterable[str | None]) -> Free:
        """Return what is left of `capacity`; `held` has the GPUs of each active job, comma-separated."""
        jobs = list(held)
        taken = {gpu for gpus in jobs for gpu in split_gpus(gpus)}
        return cls(capacity.slots - len(jobs), [gpu.id for gpu in capacity.gpus if gpu.id not in taken])

    def take(self, wanted: Resources) -> tuple[str, ...] | None:
        """Take a slot and GPUs; returns the GPUs, or None, taking nothing, when the job must wait."""
        if self.slots <= 0 or wanted.num_gpus > len(self.gpus):
            return None
        self.slots -= 1
        given, self.gpus = self.gpus[: wanted.num_gpus], self.gpus[wanted.num_gpus :]
        return tuple(given)


def split_gpus(text: str | None) -> tuple[str, ...]:
    """Return the GPUs in a comma-separated list."""
    return tuple(gpu for gpu in (text or "").split(",") if gpu)
