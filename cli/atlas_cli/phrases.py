"""Facts about jobs in as few words as people need."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
#: So many characters of an id are shown at least; it is longer where two of them begin alike.
_SHORT = 8


def duration(seconds: float) -> str:
    """Return a duration in its one or two largest units: `42 s`, `3 min`, `2 h 05 min`, `3 d 4 h`."""
    whole = max(0, int(seconds))
    if whole < _MINUTE:
        return f"{whole} s"
    if whole < _HOUR:
        return f"{whole // _MINUTE} min"
    if whole < _DAY:
        return f"{whole // _HOUR} h {whole % _HOUR // _MINUTE:02d} min"
    return f"{whole // _DAY} d {whole % _DAY // _HOUR} h"


def needs(resources: Mapping[str, Any]) -> str:
    """Return what a job asks for, such as `2 x A100 80 GB, 8 CPUs, 16 GB RAM`; "" if it leaves all open."""
    parts = [_gpus(resources)] if resources.get("num_gpus") else []
    if resources.get("cpus"):
        parts.append(f"{resources['cpus']:g} CPU{_plural(resources['cpus'])}")
    if resources.get("ram"):
        parts.append(f"{resources['ram']:g} GB RAM")
    if resources.get("shm"):
        parts.append(f"{resources['shm']:g} GB shm")
    return ", ".join(parts)


def count(number: float, noun: str) -> str:
    """Return `1 job`, `2 jobs`."""
    return f"{number:g} {noun}{_plural(number)}"


def short_ids(job_ids: Sequence[str]) -> dict[str, str]:
    """Return, for each id, a beginning of it that none of the others has."""
    length = _SHORT
    while len({job_id[:length] for job_id in job_ids}) < len(set(job_ids)):
        length += 1
    return {job_id: job_id[:length].rstrip("-._") for job_id in job_ids}


def _gpus(resources: Mapping[str, Any]) -> str:
    number, model, memory = resources["num_gpus"], resources.get("gpu_model"), resources.get("gpu_memory")
    size = f" {memory:g} GB" if memory else ""
    return f"{number} x {model}{size}" if model else f"{number} GPU{_plural(number)}{size and ' with' + size}"


def _plural(number: float) -> str:
    return "" if number == 1 else "s"
