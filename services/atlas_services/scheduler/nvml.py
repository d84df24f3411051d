"""`python -m atlas_services.scheduler.nvml`: what the NVIDIA driver says about the GPUs of this machine, as JSON.

A process of its own: the library is large, and a driver that hangs must not hold the scheduler up. It prints
`{"gpus": [...], "notes": [...]}`, or `{"error": "..."}` and exits 1. GPUs come in the order of their PCI addresses, a
GPU that is cut into MIG devices as those devices. Memory is in GB of 10^9 bytes, as GPUs are sold.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pynvml

_GB = 1e9


def main() -> int:
    """Print what the driver says; returns the exit status."""
    try:
        pynvml.nvmlInit()
        answer, status = _inventory(), 0
    except pynvml.NVMLError as error:
        answer, status = {"error": str(error)}, 1
    sys.stdout.write(f"{json.dumps(answer)}\n")
    return status


def _inventory() -> dict[str, Any]:
    notes: list[str] = []
    gpus = [gpu for index in range(pynvml.nvmlDeviceGetCount()) for gpu in _of_card(index, notes)]
    return {"gpus": gpus, "notes": notes}


def _of_card(index: int, notes: list[str]) -> list[dict[str, Any]]:
    """Return a card as one GPU, or as its MIG devices; a card that does not answer is left out, with a note."""
    try:
        card = pynvml.nvmlDeviceGetHandleByIndex(index)
        if not _is_cut(card):
            return [{"index": str(index), **_facts(card), **_state(card)}]
        # the driver measures load, temperature and power of the whole card alone
        parts = [{"index": f"{index}:{place}", **_facts(part)} for place, part in _parts(card)]
    except pynvml.NVMLError as error:
        notes.append(f"GPU {index} is left out: the driver says {error}.")
        return []
    if not parts:
        notes.append(f"GPU {index} is left out: MIG is enabled on it, but it has no MIG devices; create some.")
    return parts


def _is_cut(card: Any) -> bool:
    try:
        current, _ = pynvml.nvmlDeviceGetMigMode(card)
    except pynvml.NVMLError:  # no such mode on this model
        return False
    return bool(current == pynvml.NVML_DEVICE_MIG_ENABLE)


def _parts(card: Any) -> Iterator[tuple[int, Any]]:
    for place in range(pynvml.nvmlDeviceGetMaxMigDeviceCount(card)):
        with suppress(pynvml.NVMLError_NotFound):
            yield place, pynvml.nvmlDeviceGetMigDeviceHandleByIndex(card, place)


def _facts(device: Any) -> dict[str, Any]:
    memory = _answer(lambda: pynvml.nvmlDeviceGetMemoryInfo(device))
    return {
        "id": pynvml.nvmlDeviceGetUUID(device),
        "model": _answer(lambda: pynvml.nvmlDeviceGetName(device)) or "",
        "memory": memory and round(memory.total / _GB, 1),
        "memory_used": memory and round(memory.used / _GB, 1),
    }


def _state(card: Any) -> dict[str, Any]:
    rates = _answer(lambda: pynvml.nvmlDeviceGetUtilizationRates(card))
    power = _answer(lambda: pynvml.nvmlDeviceGetPowerUsage(card))
    return {
        "load": rates and rates.gpu,
        "temperature": _answer(lambda: pynvml.nvmlDeviceGetTemperature(card, pynvml.NVML_TEMPERATURE_GPU)),
        "power": power and power / 1000,
    }


def _answer(ask: Callable[[], Any]) -> Any:
    """Return what the driver answers; None where this model, or this machine's memory, has no such thing."""
    try:
        return ask()
    except pynvml.NVMLError:
        return None


if __name__ == "__main__":
    sys.exit(main())
