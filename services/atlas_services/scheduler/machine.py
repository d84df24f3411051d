"""What this machine has to give to jobs: as the settings say, else as the kernel does."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from atlas_core.settings import Settings
from atlas_services.scheduler.engines import Capacity
from atlas_services.scheduler.gpus import gpus_of

_GB = 1024**3
_CGROUPS = Path("/sys/fs/cgroup")


def capacity_of(settings: Settings, environment: Mapping[str, str] = os.environ) -> Capacity:
    """Return how much can run at a time. Raises `InvalidConfig` when the GPUs cannot be made out."""
    return Capacity(
        slots=settings.workers,
        gpus=gpus_of(settings.gpus, environment),
        cpus=settings.cpus or machine_cpus(),
        ram=settings.ram or machine_ram(),
    )


def machine_cpus(cgroups: Path = _CGROUPS) -> float:
    """Return how many CPU cores this process, and so its jobs, can use: what its cgroup allows, if that is less."""
    present = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quota, period = _cpu_quota(cgroups)
    return min(float(present), round(quota / period, 2)) if quota and period else float(present)


def machine_ram(cgroups: Path = _CGROUPS) -> float:
    """Return how many GB of memory there are: what the cgroup of this process allows, if that is less."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    limits = (_number(cgroups / "memory.max"), _number(cgroups / "memory" / "memory.limit_in_bytes"))
    return round(min(total, *(limit for limit in limits if limit), total) / _GB, 2)


def _cpu_quota(cgroups: Path) -> tuple[int, int]:
    """Return microseconds of CPU time and in how many; zero where there is no limit."""
    words = (_text(cgroups / "cpu.max") or "max").split()
    if len(words) == 2 and words[0] != "max":
        return int(words[0]), int(words[1])
    old = cgroups / "cpu"
    return _number(old / "cpu.cfs_quota_us"), _number(old / "cpu.cfs_period_us")


def _number(path: Path) -> int:
    text = _text(path)
    return int(text) if text.isdigit() else 0


def _text(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:
        return ""
