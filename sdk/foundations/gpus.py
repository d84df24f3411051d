"""The GPUs of this machine, as NVIDIA's driver tells of them; through its own library, without any package."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from typing import Any, NamedTuple

_LIBRARY = "libnvidia-ml.so.1"
_TEXT = 96


class _Memory(ctypes.Structure):
    _fields_ = (("total", ctypes.c_ulonglong), ("free", ctypes.c_ulonglong), ("used", ctypes.c_ulonglong))


class _Utilization(ctypes.Structure):
    _fields_ = (("gpu", ctypes.c_uint), ("memory", ctypes.c_uint))


class GpuReading(NamedTuple):
    """What a GPU does at a moment; None for what it does not tell."""

    utilization_percent: float | None
    memory_bytes: int | None
    power_watts: float | None


class Gpus:
    """The GPUs that the driver shows. Without a driver there are none; nothing here raises."""

    def __init__(self, library: str = _LIBRARY) -> None:
        self._devices: list[ctypes.c_void_p] = []
        try:
            self._library: Any = ctypes.CDLL(library)
        except OSError:
            return
        count = ctypes.c_uint()
        if self._call("nvmlInit_v2") and self._call("nvmlDeviceGetCount_v2", ctypes.byref(count)):
            self._devices = list(self._found(count.value))

    def __len__(self) -> int:
        return len(self._devices)

    def described(self) -> list[dict[str, Any]]:
        """Return name and memory of each."""
        return [{"name": self._name(device), "memory_bytes": self._memory(device).total} for device in self._devices]

    def driver(self) -> str | None:
        """Return the driver's version."""
        text = ctypes.create_string_buffer(_TEXT)
        known = bool(self._devices) and self._call("nvmlSystemGetDriverVersion", text, _TEXT)
        return text.value.decode("utf-8", "replace") if known else None

    def readings(self) -> list[GpuReading]:
        """Return what each does now."""
        return [self._reading(device) for device in self._devices]

    def _reading(self, device: ctypes.c_void_p) -> GpuReading:
        load, power = _Utilization(), ctypes.c_uint()
        has_load = self._call("nvmlDeviceGetUtilizationRates", device, ctypes.byref(load))
        has_power = self._call("nvmlDeviceGetPowerUsage", device, ctypes.byref(power))
        memory = self._memory(device)
        return GpuReading(
            float(load.gpu) if has_load else None,
            memory.used if memory.total else None,
            power.value / 1000 if has_power else None,
        )

    def _found(self, count: int) -> Iterator[ctypes.c_void_p]:
        for index in range(count):
            device = ctypes.c_void_p()
            if self._call("nvmlDeviceGetHandleByIndex_v2", ctypes.c_uint(index), ctypes.byref(device)):
                yield device

    def _name(self, device: ctypes.c_void_p) -> str:
        text = ctypes.create_string_buffer(_TEXT)
        self._call("nvmlDeviceGetName", device, text, ctypes.c_uint(_TEXT))
        return text.value.decode("utf-8", "replace")

    def _memory(self, device: ctypes.c_void_p) -> _Memory:
        memory = _Memory()
        self._call("nvmlDeviceGetMemoryInfo", device, ctypes.byref(memory))
        return memory

    def _call(self, name: str, *arguments: Any) -> bool:
        function = getattr(self._library, name, None)
        return function is not None and function(*arguments) == 0
