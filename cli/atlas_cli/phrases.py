"""Facts about jobs in as few words as people need."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise, takewhile
from typing import Any

#: What follows how much waits, where that is too much.
SCARCE = " FOUNDATIONS_UNSENT_GB allows no more, so runs whose server does not answer record less."
#: How what a server has refused is settled.
SETTLE = "`foundations sync --retry-refused` offers it again, `foundations sync --forget-refused` removes it."

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_KILO = 1000
#: So many characters of an id are shown at least.
_SHORT = 8
#: Up to so many characters the id of a GPU is shown as it is.
_LONG = 14


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


def age(seconds: float) -> str:
    """Return a duration in its largest unit alone: `42 s`, `3 min`, `2 h`, `3 d`."""
    return " ".join(duration(seconds).split()[:2])


def size(amount: float) -> str:
    """Return a number of bytes in its largest unit: `512 bytes`, `3.4 MB`, `80 GB`."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if amount < _KILO:
            return f"{amount:.3g} {unit}"
        amount /= _KILO
    return f"{amount:.3g} TB"


def gpu_name(gpu: str) -> str:
    """Return the id of a GPU, short enough for a table: of those that the driver gives, the beginning."""
    return gpu if len(gpu) <= _LONG else gpu[: len("GPU-") + _SHORT]


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


def short_ids(job_ids: Iterable[str]) -> dict[str, str]:
    """Return, for each id, the shortest beginning of it that none of the others has, but not too short a one."""
    ordered = sorted(set(job_ids))
    shared = [0, *(_shared(one, next_one) for one, next_one in pairwise(ordered)), 0]
    return {
        job_id: job_id[: max(_SHORT, shared[place] + 1, shared[place + 1] + 1)] for place, job_id in enumerate(ordered)
    }


def with_short_ids(text: str, short: Mapping[str, str]) -> str:
    """Return the text with each of these ids in its short form."""
    for job_id, beginning in short.items():
        text = text.replace(job_id, beginning)
    return text


def _shared(one: str, other: str) -> int:
    """Return with how many same characters the two begin."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _gpus(resources: Mapping[str, Any]) -> str:
    number, model, memory = resources["num_gpus"], resources.get("gpu_model"), resources.get("gpu_memory")
    size = f" {memory:g} GB" if memory else ""
    return f"{number} x {model}{size}" if model else f"{number} GPU{_plural(number)}{size and ' with' + size}"


def _plural(number: float) -> str:
    return "" if number == 1 else "s"
