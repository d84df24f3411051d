"""What a machine has, and whether it is enough."""

from __future__ import annotations

import pytest

from atlas_core.errors import InvalidSpec
from atlas_core.resources import Resources
from atlas_services.scheduler.engines import Capacity, Gpu
from atlas_services.scheduler.resources import check_possible, impossible, matches, split_gpus, wishes

A100 = Gpu("0", "NVIDIA A100-SXM4-80GB", 80.0)
UNKNOWN = Gpu("1")
MACHINE = Capacity(2, (A100, UNKNOWN), 8.0, 32.0)


@pytest.mark.parametrize(
    ("wanted", "is_match"),
    [
        ({}, True),
        ({"gpu_model": "a100"}, True),
        ({"gpu_model": "h100"}, False),
        ({"gpu_memory": 80}, True),
        ({"gpu_memory": 80.5}, False),
        ({"gpu_model": "A100", "gpu_memory": 96}, False),
    ],
)
def test_a_gpu_is_as_wanted_by_a_part_of_its_name_and_by_its_memory(wanted: dict[str, object], is_match: bool) -> None:
    assert matches(A100, Resources.from_dict({"num_gpus": 1, **wanted})) is is_match


def test_of_what_is_not_known_of_a_gpu_it_has_nothing() -> None:
    assert matches(UNKNOWN, Resources(num_gpus=2))
    assert not matches(UNKNOWN, Resources(num_gpus=1, gpu_model="a"))
    assert not matches(UNKNOWN, Resources(num_gpus=1, gpu_memory=0.1))


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        ({"num_gpus": 3}, "num_gpus: the job expects to use more GPUs (3) than available (2)."),
        (
            {"num_gpus": 2, "gpu_model": "a100"},
            "num_gpus: the job expects to use more GPUs of model `a100` (2) than available (1).",
        ),
        (
            {"num_gpus": 1, "gpu_memory": 96},
            "num_gpus: the job expects to use more GPUs with at least 96 GB (1) than available (0).",
        ),
        ({"cpus": 8.5}, "cpus: the job expects to use more cores (8.5) than available (8)."),
        ({"ram": 33}, "ram: the job expects to use more GB (33) than available (32)."),
    ],
)
def test_what_the_machine_can_never_give_is_refused_with_the_field(wanted: dict[str, object], sentence: str) -> None:
    with pytest.raises(InvalidSpec) as caught:
        check_possible(Resources.from_dict(wanted), MACHINE)
    assert caught.value.message == sentence
    assert caught.value.details["field"] == sentence.partition(":")[0]
    assert impossible(Resources.from_dict(wanted), MACHINE) == sentence


def test_all_that_there_is_can_be_had() -> None:
    assert impossible(Resources(num_gpus=2, cpus=8, ram=32), MACHINE) is None


def test_what_is_not_counted_is_never_too_much() -> None:
    assert impossible(Resources(cpus=1e9, ram=1e9), Capacity(1)) is None


def test_a_wish_for_memory_and_model_is_said_as_one() -> None:
    assert wishes(Resources(num_gpus=1)) == ""
    assert wishes(Resources(num_gpus=1, gpu_model="T4", gpu_memory=12.5)) == " of model `T4` with at least 12.5 GB"


@pytest.mark.parametrize(("text", "gpus"), [(None, ()), ("", ()), ("0", ("0",)), ("0,GPU-a", ("0", "GPU-a"))])
def test_gpus_are_separated_by_commas(text: str | None, gpus: tuple[str, ...]) -> None:
    assert split_gpus(text) == gpus
