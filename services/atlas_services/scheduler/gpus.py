"""Which GPUs there are: as the driver says, or as the administrator declares them."""

from __future__ import annotations

import json
import logging
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from atlas_core.errors import InvalidConfig, InvalidSpec
from atlas_core.quantities import check_amount
from atlas_services.scheduler.engines import Gpu

_log = logging.getLogger("atlas.scheduler")

#: Seconds that the driver has to answer: at the start, when the first answer after a boot takes some, and later.
_PATIENCE, _SHORT_PATIENCE = 20.0, 5.0
#: Seconds for which a measurement is as good as a new one, and for which a driver that did not answer is left alone.
_FRESH, _SULKING = 1.0, 60.0
#: What an id may consist of: an index, `GPU-<uuid>`, `MIG-<uuid>`.
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/:-]*")
_NONE = frozenset({"none", "-1"})


@dataclass(frozen=True)
class GpuLoad:
    """What a GPU does: load in percent, GB of memory in use, degrees Celsius, watts. None is not measured."""

    load: float | None = None
    memory_used: float | None = None
    temperature: float | None = None
    power: float | None = None


def gpus_of(setting: str, environment: Mapping[str, str] = os.environ) -> tuple[Gpu, ...]:
    """Return the GPUs that `ATLAS_GPUS` means: `auto`, `off`, a list, or empty: those of `CUDA_VISIBLE_DEVICES`.

    With `auto`, `CUDA_VISIBLE_DEVICES` chooses among those that the driver knows. Raises `InvalidConfig`.
    """
    text = setting.strip()
    if text.lower() in {"off", "none"}:
        return ()
    if text.lower() == "auto":
        return _chosen(_from_driver(environment), environment)
    if text:
        return _declared(text)
    return visible_gpus(environment)


def visible_gpus(environment: Mapping[str, str] = os.environ) -> tuple[Gpu, ...]:
    """Return the GPUs that `CUDA_VISIBLE_DEVICES` declares; the word `None` means none."""
    return tuple(Gpu(name) for name in _visible(environment))


class GpuLoads:
    """What the GPUs do at this moment, as far as the driver says; asked anew at most once a second."""

    def __init__(self, gpus: Sequence[Gpu], environment: Mapping[str, str] = os.environ) -> None:
        self._gpus = gpus
        self._environment = environment
        self._lock = threading.Lock()
        self._measured: dict[str, GpuLoad] = {}
        self._good_until = float("-inf")

    def now(self) -> dict[str, GpuLoad]:
        """Return the load of each GPU by its id; a GPU that the driver does not know is missing."""
        if not self._gpus:
            return {}
        with self._lock:
            if time.monotonic() >= self._good_until:
                self._measured = self._measure()
                self._good_until = time.monotonic() + (_FRESH if self._measured else _SULKING)
            return self._measured

    def _measure(self) -> dict[str, GpuLoad]:
        try:
            known = _ask_driver(self._environment, _SHORT_PATIENCE)["gpus"]
        except InvalidConfig:
            return {}
        measured = {}
        for gpu in self._gpus:
            for facts in known:
                if gpu.id in {facts["id"], facts["index"]}:
                    measured[gpu.id] = GpuLoad(**{name: facts.get(name) for name in GpuLoad.__dataclass_fields__})
        return measured


def _visible(environment: Mapping[str, str]) -> list[str]:
    text = environment.get("CUDA_VISIBLE_DEVICES", "").strip()
    if text.lower() in _NONE:
        return []
    return list(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))


def _from_driver(environment: Mapping[str, str]) -> list[dict[str, Any]]:
    answer = _ask_driver(environment, _PATIENCE)
    for note in answer["notes"]:
        _log.warning("%s", note)
    return list(answer["gpus"])


def _chosen(known: list[dict[str, Any]], environment: Mapping[str, str]) -> tuple[Gpu, ...]:
    """Return the known GPUs that `CUDA_VISIBLE_DEVICES` names, in its order; all when it is not set."""
    if not environment.get("CUDA_VISIBLE_DEVICES", "").strip():
        return tuple(map(_gpu, known))
    chosen = []
    for name in _visible(environment):
        found = [facts for facts in known if _is_named(facts, name)]
        if len(found) != 1:
            raise InvalidConfig(
                f"CUDA_VISIBLE_DEVICES: `{name}` is {'several' if found else 'none'} of this machine's GPUs; "
                f"the driver knows {', '.join(_label(facts) for facts in known) or 'none'}.",
                field="CUDA_VISIBLE_DEVICES",
            )
        chosen.append(_gpu(found[0]))
    return tuple(dict.fromkeys(chosen))


def _is_named(facts: Mapping[str, Any], name: str) -> bool:
    """Whether this is the GPU with that index or id; as in CUDA, the beginning of an id will do."""
    return facts["index"] == name or (name.startswith(("GPU-", "MIG-")) and facts["id"].startswith(name))


def _label(facts: Mapping[str, Any]) -> str:
    return f"{facts['index']} ({facts['id']})"


def _gpu(facts: Mapping[str, Any]) -> Gpu:
    return Gpu(facts["id"], facts["model"], facts["memory"])


def _ask_driver(environment: Mapping[str, str], patience: float) -> dict[str, Any]:
    """Return what the driver says. Raises `InvalidConfig` when none answers."""
    command = [sys.executable, "-m", "atlas_services.scheduler.nvml"]
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env=dict(environment),
            timeout=patience,
            check=False,
        )
        answer: dict[str, Any] = json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        answer = {"error": f"it said nothing for {patience:g} seconds"}
    except (OSError, ValueError) as error:
        answer = {"error": f"it cannot be asked: {error}"}
    if "error" in answer:
        raise InvalidConfig(
            f"ATLAS_GPUS=auto: no NVIDIA driver answers ({answer['error']}); install it, declare the GPUs "
            "(ATLAS_GPUS=0,1), or set ATLAS_GPUS=off.",
            field="ATLAS_GPUS",
        )
    return answer


def _declared(text: str) -> tuple[Gpu, ...]:
    gpus = [_declared_gpu(part.strip()) for part in text.split(",") if part.strip()]
    for place, gpu in enumerate(gpus):
        if any(gpu.id == other.id for other in gpus[:place]):
            raise InvalidConfig(f"ATLAS_GPUS: `{gpu.id}` stands in the list twice; remove one.", field="ATLAS_GPUS")
    return tuple(gpus)


def _declared_gpu(text: str) -> Gpu:
    """Return the GPU that `id`, `id=model` or `id=model:memory` declares."""
    name, is_described, kind = (part.strip() for part in text.partition("="))
    model, has_memory, memory = (part.strip() for part in kind.partition(":"))
    is_whole = bool(kind or not is_described) and bool(memory or not has_memory)
    try:
        if _ID.fullmatch(name) and is_whole:
            return Gpu(name, model, check_amount("memory", "GB", memory or None))
    except InvalidSpec:
        pass  # the sentence below names the setting
    raise InvalidConfig(
        f"ATLAS_GPUS: `{text}` declares no GPU; write auto, off, or a list such as 0,1 or 0=NVIDIA A100:80 "
        "(id, model, GB).",
        field="ATLAS_GPUS",
    )
