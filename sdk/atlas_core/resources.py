"""What a job needs while it runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from atlas_core.errors import InvalidSpec
from atlas_core.quantities import check_amount, check_count

#: Less than this no program starts with, and what rounds to nothing would count as no limit at all.
LEAST_RAM = 0.006
LEAST_CPUS = 0.01
LEAST_SHM = 0.0001


@dataclass(frozen=True)
class Resources:
    """Whole GPUs, memory in GB, CPU cores. None leaves it to the server.

    `gpu_memory` is what each of the GPUs must have at least, in GB; `gpu_model` is a part of the name that each must
    have, in any case: `a100` fits `NVIDIA A100-SXM4-80GB`. `shm` is the size of shared memory (/dev/shm) in GB.
    """

    num_gpus: int = 0
    ram: float | None = None
    cpus: float | None = None
    gpu_memory: float | None = None
    gpu_model: str | None = None
    shm: float | None = None

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Resources:
        """Return the checked resources; raises `InvalidSpec`. `num_gpus: null` means none."""
        for name in data:
            if name not in cls.__dataclass_fields__:
                known = ", ".join(cls.__dataclass_fields__)
                raise InvalidSpec(f"resources.{name}: there is no such resource; ask for {known}.", field="resources")
        num_gpus = data.get("num_gpus")
        resources = cls(
            num_gpus=0 if num_gpus is None else check_count("num_gpus", "number of GPUs", num_gpus),
            ram=_at_least("ram", LEAST_RAM, "GB", check_amount("ram", "GB", data.get("ram"))),
            cpus=_at_least("cpus", LEAST_CPUS, "of a core", check_amount("cpus", "cores", data.get("cpus"))),
            gpu_memory=check_amount("gpu_memory", "GB", data.get("gpu_memory")),
            gpu_model=_check_model(data.get("gpu_model")),
            shm=_at_least("shm", LEAST_SHM, "GB", check_amount("shm", "GB", data.get("shm"))),
        )
        resources._check_gpu_wishes()
        return resources

    def to_dict(self) -> dict[str, Any]:
        """Return the form that crosses the wire."""
        always = {"num_gpus": self.num_gpus, "ram": self.ram, "cpus": self.cpus}
        more = {"gpu_memory": self.gpu_memory, "gpu_model": self.gpu_model, "shm": self.shm}
        return {**always, **{name: value for name, value in more.items() if value is not None}}

    def _check_gpu_wishes(self) -> None:
        for name in ("gpu_memory", "gpu_model"):
            if getattr(self, name) is not None and not self.num_gpus:
                raise InvalidSpec(f"{name}: the job asks for no GPU; set num_gpus to 1 or more.", field=name)


def _at_least(name: str, least: float, unit: str, amount: float | None) -> float | None:
    if amount is not None and amount < least:
        raise InvalidSpec(f"{name}: {amount:g} is too little; give {least:g} {unit} or more.", field=name)
    return amount


def _check_model(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, str) and value.strip() and "\x00" not in value:
        return value.strip()
    raise InvalidSpec(f"gpu_model: {value!r} is no name of a GPU; give a part of it, such as A100.", field="gpu_model")
