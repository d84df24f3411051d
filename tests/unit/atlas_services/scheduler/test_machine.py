"""What the machine has."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from atlas_core.settings import Settings
from atlas_services.scheduler.engines import Gpu
from atlas_services.scheduler.machine import capacity_of, machine_cpus, machine_ram

_GB = 1024**3


def test_the_settings_decide(tmp_path: Path) -> None:
    variables = {"NUM_WORKERS": "3", "ATLAS_CPUS": "1.5", "ATLAS_RAM": "2", "ATLAS_GPUS": "0=T4:16"}
    settings = Settings.from_environment({"FOUNDATIONS_HOME": str(tmp_path), **variables})
    capacity = capacity_of(settings, {})
    assert (capacity.slots, capacity.cpus, capacity.ram) == (3, 1.5, 2)
    assert capacity.gpus == (Gpu("0", "T4", 16),)


def test_else_it_is_what_this_process_may_use(tmp_path: Path) -> None:
    assert 0 < machine_cpus(tmp_path) <= (os.cpu_count() or 1)
    assert machine_ram(tmp_path) > 0.1


@pytest.mark.parametrize(
    "files",
    [
        {"cpu.max": "50000 100000\n", "memory.max": f"{_GB // 20}\n"},
        {
            "cpu/cpu.cfs_quota_us": "50000\n",
            "cpu/cpu.cfs_period_us": "100000\n",
            "memory/memory.limit_in_bytes": f"{_GB // 20}\n",
        },
    ],
)
def test_less_if_its_cgroup_allows_less(tmp_path: Path, files: dict[str, str]) -> None:
    write(tmp_path, files)
    assert (machine_cpus(tmp_path), machine_ram(tmp_path)) == (0.5, 0.05)


@pytest.mark.parametrize(
    "files",
    [
        {"cpu.max": "max 100000\n", "memory.max": "max\n"},
        {
            "cpu/cpu.cfs_quota_us": "-1\n",
            "cpu/cpu.cfs_period_us": "100000\n",
            "memory/memory.limit_in_bytes": f"{2**63 - 4096}\n",
        },
    ],
)
def test_a_cgroup_without_limits_changes_nothing(tmp_path: Path, files: dict[str, str]) -> None:
    before = machine_cpus(tmp_path), machine_ram(tmp_path)
    write(tmp_path, files)
    assert (machine_cpus(tmp_path), machine_ram(tmp_path)) == before


def write(directory: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = directory / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
