"""The inventory of GPUs: NVIDIA's own Python library, over a driver's library that stands in for the device."""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.redis_server import require

from atlas_core.errors import InvalidConfig
from atlas_services.scheduler import gpus as module
from atlas_services.scheduler.engines import Gpu
from atlas_services.scheduler.gpus import GpuLoad, GpuLoads, gpus_of

_SOURCE = Path(__file__).with_name("nvidia_driver.c")
_A100 = "GPU-aaaa-1|NVIDIA A100-SXM4-80GB|85899345920"
_H100 = "GPU-aabb-2|NVIDIA H100 80GB HBM3|85520809984"

Machine = Callable[..., dict[str, str]]


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of the driver's library."""
    require(shutil.which("gcc"), "gcc, which compiles the driver's stand-in,")
    directory = tmp_path_factory.mktemp("driver")
    target = directory / "libnvidia-ml.so.1"
    subprocess.run(["gcc", "-shared", "-fPIC", "-D_DEFAULT_SOURCE", "-o", target, _SOURCE], check=True)
    return directory


@pytest.fixture
def machine(driver: Path) -> Machine:
    """The environment of a machine with such GPUs."""

    def make(*cards: str, **variables: str) -> dict[str, str]:
        return {"PATH": os.environ["PATH"], "LD_LIBRARY_PATH": str(driver), "FAKE_GPUS": ";".join(cards), **variables}

    return make


@pytest.mark.parametrize(
    ("text", "gpus"),
    [("", ()), ("None", ()), ("-1", ()), ("0", ("0",)), (" 1, 0,,1", ("1", "0")), ("GPU-a", ("GPU-a",))],
)
def test_without_the_setting_gpus_are_those_that_cuda_may_see(text: str, gpus: tuple[str, ...]) -> None:
    assert gpus_of("", {"CUDA_VISIBLE_DEVICES": text}) == tuple(map(Gpu, gpus))
    assert gpus_of("", {}) == ()


@pytest.mark.parametrize("setting", ["off", "None", " OFF "])
def test_gpus_can_be_left_out(setting: str) -> None:
    assert gpus_of(setting, {"CUDA_VISIBLE_DEVICES": "0,1"}) == ()


def test_declared_gpus_have_the_model_and_the_memory_that_is_said() -> None:
    assert gpus_of("0, 1=NVIDIA A100:80,2=T4,3=:24,GPU-ab", {}) == (
        Gpu("0"),
        Gpu("1", "NVIDIA A100", 80),
        Gpu("2", "T4"),
        Gpu("3", "", 24),
        Gpu("GPU-ab"),
    )


@pytest.mark.parametrize("setting", ["=A100", "0=A100:much", "0=A100:-1", "zz=", "0=A100:", "0=:", "a b", "0,0", "0;1"])
def test_what_declares_no_gpu_is_refused_by_name(setting: str) -> None:
    with pytest.raises(InvalidConfig, match=r"^ATLAS_GPUS: `.*`.*\.$"):
        gpus_of(setting, {})


def test_the_driver_says_which_gpus_there_are(machine: Machine) -> None:
    assert gpus_of("auto", machine(_A100, _H100)) == (
        Gpu("GPU-aaaa-1", "NVIDIA A100-SXM4-80GB", 85.9),
        Gpu("GPU-aabb-2", "NVIDIA H100 80GB HBM3", 85.5),
    )


@pytest.mark.parametrize(
    ("visible", "found"),
    [("1", ["GPU-aabb-2"]), ("1,0", ["GPU-aabb-2", "GPU-aaaa-1"]), ("GPU-aaa", ["GPU-aaaa-1"]), ("none", [])],
)
def test_what_cuda_may_see_chooses_among_them(machine: Machine, visible: str, found: list[str]) -> None:
    known = gpus_of("auto", machine(_A100, _H100, CUDA_VISIBLE_DEVICES=visible))
    assert [gpu.id for gpu in known] == found


@pytest.mark.parametrize(("visible", "word"), [("7", "none"), ("GPU-a", "several")])
def test_a_choice_that_is_none_is_refused(machine: Machine, visible: str, word: str) -> None:
    with pytest.raises(InvalidConfig, match=f"^CUDA_VISIBLE_DEVICES: `{visible}` is {word} of this machine's GPUs"):
        gpus_of("auto", machine(_A100, _H100, CUDA_VISIBLE_DEVICES=visible))


def test_a_gpu_that_is_cut_counts_as_its_parts(machine: Machine, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING, "atlas.scheduler")
    found = gpus_of("auto", machine(f"{_A100}|m", f"{_H100}|e", "lost|x|1", "GPU-c|GTX 1080|0"))
    assert found == (
        Gpu("MIG-GPU-aaaa-1-0", "NVIDIA A100-SXM4-80GB MIG 1g", 10.7),
        Gpu("MIG-GPU-aaaa-1-1", "NVIDIA A100-SXM4-80GB MIG 1g", 10.7),
        Gpu("GPU-c", "GTX 1080", None),
    )
    assert [record.getMessage() for record in caplog.records] == [
        "GPU 1 is left out: MIG is enabled on it, but it has no MIG devices; create some.",
        "GPU 2 is left out: the driver says GPU is lost.",
    ]


def test_without_a_driver_the_setting_cannot_be_obeyed(machine: Machine) -> None:
    for environment in (machine(), machine(LD_LIBRARY_PATH="")):
        with pytest.raises(InvalidConfig, match=r"^ATLAS_GPUS=auto: no NVIDIA driver answers \(.*\); install it"):
            gpus_of("auto", environment)


def test_a_driver_that_hangs_is_not_waited_for(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PATIENCE", 0.5)
    with pytest.raises(InvalidConfig, match=r"it said nothing for 0\.5 seconds"):
        gpus_of("auto", machine("hangs"))


def test_the_load_of_each_gpu_is_measured_however_it_was_named(machine: Machine) -> None:
    loads = GpuLoads((Gpu("0"), Gpu("GPU-aabb-2"), Gpu("5")), machine(_A100, _H100))
    assert loads.now() == {
        "0": GpuLoad(load=87, memory_used=21.5, temperature=61, power=250.5),
        "GPU-aabb-2": GpuLoad(load=87, memory_used=21.4, temperature=61, power=250.5),
    }
    assert GpuLoads((Gpu("GPU-c"),), machine("GPU-c|GTX 1080|0")).now() == {
        "GPU-c": GpuLoad(load=87, memory_used=None, temperature=61, power=None)
    }


def test_a_declared_gpu_without_a_driver_has_no_load(machine: Machine) -> None:
    assert GpuLoads((Gpu("0"),), machine()).now() == {}
    assert GpuLoads((), {}).now() == {}
