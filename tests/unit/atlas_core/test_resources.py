"""What a job needs, as it is written and as it is refused."""

from __future__ import annotations

import pytest

from atlas_core.errors import InvalidSpec
from atlas_core.resources import Resources


def test_every_wish_survives_the_wire() -> None:
    wishes = Resources(num_gpus=2, ram=16.0, cpus=4.0, gpu_memory=80.0, gpu_model="A100", shm=8.0)
    assert Resources.from_dict(wishes.to_dict()) == wishes


def test_a_job_that_asks_for_nothing_says_what_it_always_said() -> None:
    assert Resources().to_dict() == {"num_gpus": 0, "ram": None, "cpus": None}


@pytest.mark.parametrize("name", ["gpu_memory", "gpu_model"])
def test_a_kind_of_gpu_needs_a_gpu(name: str) -> None:
    value = {"gpu_memory": 40, "gpu_model": "A100"}[name]
    with pytest.raises(InvalidSpec, match=f"^{name}: the job asks for no GPU; set num_gpus to 1 or more"):
        Resources.from_dict({name: value})


def test_an_unknown_resource_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InvalidSpec, match=r"^resources\.gpus: there is no such resource; ask for num_gpus, ram, cpus"):
        Resources.from_dict({"gpus": 1})


@pytest.mark.parametrize("model", ["", "  ", 3, ["A100"], "a\x00b"])
def test_a_model_is_a_part_of_a_name(model: object) -> None:
    with pytest.raises(InvalidSpec, match=r"^gpu_model: .* is no name of a GPU"):
        Resources.from_dict({"num_gpus": 1, "gpu_model": model})


@pytest.mark.parametrize("name", ["ram", "cpus", "shm"])
def test_what_rounds_to_nothing_is_no_limit_and_so_no_amount(name: str) -> None:
    with pytest.raises(InvalidSpec, match=rf"^{name}: 1e-10 is too little; give [0-9.]+ .* or more\.$"):
        Resources.from_dict({name: 1e-10})
