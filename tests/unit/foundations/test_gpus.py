"""GPUs as the driver tells of them: the driver's interface is real, the device is a stand-in."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from tests.redis_server import require

from foundations.gpus import GpuReading, Gpus

#: Two devices, of which the second tells neither load nor power; errors as in the driver's header.
_DRIVER = r"""
#include <stddef.h>
#include <stdio.h>
typedef struct { unsigned long long total, free, used; } memory_t;
typedef struct { unsigned int gpu, memory; } load_t;
static int devices[2];
int nvmlInit_v2(void) { return 0; }
int nvmlDeviceGetCount_v2(unsigned int *count) { *count = 2; return 0; }
int nvmlDeviceGetHandleByIndex_v2(unsigned int index, void **device) { *device = &devices[index]; return 0; }
int nvmlSystemGetDriverVersion(char *text, unsigned int size) { snprintf(text, size, "570.1"); return 0; }
int nvmlDeviceGetName(void *device, char *text, unsigned int size) {
  snprintf(text, size, "Card %d", (int)((int *)device - devices));
  return 0;
}
int nvmlDeviceGetMemoryInfo(void *device, memory_t *memory) {
  memory->total = 80000000000ULL; memory->free = 70000000000ULL; memory->used = 10000000000ULL;
  return 0;
}
int nvmlDeviceGetUtilizationRates(void *device, load_t *load) {
  if (device != devices) return 3;
  load->gpu = 97; load->memory = 40;
  return 0;
}
int nvmlDeviceGetPowerUsage(void *device, unsigned int *milliwatts) {
  if (device != devices) return 3;
  *milliwatts = 250500;
  return 0;
}
"""


@pytest.fixture
def driver(tmp_path: Path) -> str:
    compiler = shutil.which("cc")
    require(compiler, "a C compiler")
    assert compiler is not None
    (tmp_path / "driver.c").write_text(_DRIVER)
    library = tmp_path / "libnvidia-ml.so.1"
    subprocess.run([compiler, "-shared", "-fPIC", "-o", library, tmp_path / "driver.c"], check=True)
    return str(library)


def test_every_gpu_is_described(driver: str) -> None:
    gpus = Gpus(driver)
    assert len(gpus) == 2
    assert gpus.driver() == "570.1"
    assert gpus.described() == [
        {"name": "Card 0", "memory_bytes": 80_000_000_000},
        {"name": "Card 1", "memory_bytes": 80_000_000_000},
    ]


def test_what_a_gpu_does_not_tell_is_left_out(driver: str) -> None:
    assert Gpus(driver).readings() == [
        GpuReading(97.0, 10_000_000_000, 250.5),
        GpuReading(None, 10_000_000_000, None),
    ]


def test_without_a_driver_there_are_no_gpus() -> None:
    gpus = Gpus("libnothing-of-this-name.so")
    assert (len(gpus), gpus.described(), gpus.readings(), gpus.driver()) == (0, [], [], None)
