"""Job specifications as the original's clients send them: keyword arguments of docker-py, of which some are allowed.

What such a client always sends (its mounts, its network, its runtime) is understood and dropped: here an engine sees to
that. What would give a job more than a job may have is refused.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

from atlas_core.errors import InvalidSpec

_OURS = frozenset({"bundle_id", "command", "entrypoint", "environment", "image", "params", "resources", "working_dir"})
#: The only values that the original's clients send, or that change nothing.
_DROPPED: dict[str, frozenset[object]] = {
    "network": frozenset({None, "foundations-atlas"}),
    "runtime": frozenset({None, "runc", "nvidia"}),
    "detach": frozenset({None, True}),
}
#: Where the original's worker image has its mounts.
_OLD_MOUNTS = frozenset({"/job", "/root/.foundations/config"})
#: Set by the original's clients for their image; the engine sets what is right here.
_OLD_ENVIRONMENT = (("PYTHONPATH", "/job/"),)
_TOKEN = "FOUNDATIONS_TOKEN"  # noqa: S105  the name of a variable
_GB = 1024**3
#: Smaller amounts of memory cannot be meant in bytes: the original's documentation says GB.
_LEAST_BYTES = 1024**2
_UNITS = {"k": 1024, "m": 1024**2, "g": _GB, "t": 1024**4}


def translate(spec: Mapping[str, Any]) -> dict[str, Any]:
    """Return the specification in our terms. Raises `InvalidSpec` naming what cannot be asked for."""
    for name, value in spec.items():
        _check_allowed(name, value)
    translated = {name: spec[name] for name in spec if name in _OURS}
    translated.update(
        {name: _words(name, spec[name]) for name in ("command", "entrypoint") if _is_line(spec.get(name))}
    )
    if "environment" in translated:
        translated["environment"] = _environment(translated["environment"])
    if spec.get("volumes"):
        translated["volumes"] = _volumes(spec["volumes"])
    if spec.get("mem_limit") is not None:
        resources = translated.get("resources") or {}
        translated["resources"] = {**resources, "ram": resources.get("ram") or _gigabytes(spec["mem_limit"])}
    return translated


def _check_allowed(name: str, value: object) -> None:
    if name in _OURS or name in {"volumes", "mem_limit"}:
        return
    if name in _DROPPED and isinstance(value, (str, bool, type(None))) and value in _DROPPED[name]:
        return
    shown = f"spec.{name}: {value!r}" if name in _DROPPED else f"spec.{name}"
    raise InvalidSpec(
        f"{shown} cannot be asked for; a job can set {', '.join(sorted(_OURS | {'mem_limit', 'volumes'}))}.",
        field=f"spec.{name}",
    )


def _is_line(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _words(name: str, line: str) -> list[str]:
    try:
        return shlex.split(line)
    except ValueError as error:
        sentence = f"{name}: {line!r} cannot be split into words; close the quotation, or give a list of words."
        raise InvalidSpec(sentence, field=name) from error


def _environment(environment: object) -> object:
    """Drop what belongs to the original's image, and the user's own token: a job has one of its own."""
    if not isinstance(environment, Mapping):
        return environment
    kept = {name: value for name, value in environment.items() if name != _TOKEN}
    return {name: value for name, value in kept.items() if (name, value) not in _OLD_ENVIRONMENT}


def _volumes(volumes: object) -> dict[str, Any]:
    if not isinstance(volumes, Mapping):
        raise InvalidSpec(f"volumes: expected an object (key: value), but got {volumes!r}.", field="volumes")
    return {host: mount for host, mount in volumes.items() if not _is_standard(host, mount)}


def _is_standard(host: object, mount: object) -> bool:
    bound = mount.get("bind") if isinstance(mount, Mapping) else mount
    return bound == host or bound in _OLD_MOUNTS


def _gigabytes(limit: object) -> float:
    """Return docker's `mem_limit` in GB: bytes, or text with a unit, or a small number of GB."""
    number, unit = _number(limit) if isinstance(limit, int) and not isinstance(limit, bool) else limit, 1
    if isinstance(limit, str):
        text = limit.strip().lower().removesuffix("b")
        unit = _UNITS.get(text[-1:], 1)
        number = _number(text.rstrip("kmgt"))
    if not isinstance(number, float) or not 0 < number * unit < float("inf"):
        raise InvalidSpec(f"mem_limit: {limit!r} is no amount of memory; give a number of GB.", field="mem_limit")
    amount = number * unit
    return amount if amount < _LEAST_BYTES and unit == 1 else amount / _GB


def _number(text: str | int) -> float | None:
    try:
        return float(text)
    except (ValueError, OverflowError):
        return None
