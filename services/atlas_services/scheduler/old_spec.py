"""Job specifications as the original's clients send them: keyword arguments of docker-py, of which some are allowed.

What has a meaning here is translated, what such a client always sends (its mounts, its network, its runtime) is
understood and dropped: here an engine sees to that. What would give a job more than a job may have is refused. The
specifications of our own clients come this way too.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping
from typing import Any

from atlas_core.errors import InvalidSpec
from atlas_core.jobs import JobSpec
from atlas_core.quantities import check_count
from atlas_services.scheduler.job_variables import asked_variables
from atlas_services.scheduler.mounts import written
from atlas_services.scheduler.old_mounts import asked_mounts

_OURS = frozenset(JobSpec.__dataclass_fields__)
#: The network of the original, and its images, which no registry has any more: what the server takes by itself.
_OLD_NETWORK = "foundations-atlas"
_OLD_IMAGE = re.compile(r"us\.gcr\.io/dessa-atlas/worker(-gpu)?(:[\w.-]+)?")
#: The only values that the original's clients send, or that change nothing.
_DROPPED: dict[str, frozenset[object]] = {
    "runtime": frozenset({"runc", "nvidia"}),
    "detach": frozenset({True}),
}
#: What says why others cannot be asked for.
_REASONS = {
    "it would give the job rights over the machine": """privileged cap_add devices device_cgroup_rules security_opt
        pid_mode ipc_mode uts_mode userns_mode cgroupns cgroup_parent sysctls volumes_from volume_driver mounts
        group_add oom_kill_disable oom_score_adj""",
    "the server decides how a job reaches the network": """network_mode network_disabled networking_config ports
        publish_all_ports extra_hosts links dns dns_opt dns_search hostname domainname mac_address""",
    "the server decides as whom a job runs": "user",
}
_GB = 1024**3
#: Smaller amounts of memory cannot be meant in bytes: the original's documentation says GB.
_LEAST_BYTES = 1024**2
_UNITS = {"k": 1024, "m": 1024**2, "g": _GB, "t": 1024**4}


def translate(spec: Mapping[str, Any], job_id: object = None) -> dict[str, Any]:
    """Return the specification of the job with this id in our terms.

    Raises `InvalidSpec` naming what cannot be asked for.
    """
    asked = {name: value for name, value in spec.items() if not _is_nothing(name, value)}
    for name, value in asked.items():
        _check_allowed(name, value)
    translated = {name: value for name, value in asked.items() if name in _OURS}
    for name in ("command", "entrypoint"):
        if isinstance(asked.get(name), str):
            translated[name] = _words(name, asked[name])
    if "environment" in asked:
        translated["environment"] = asked_variables(asked["environment"], job_id)
    if "volumes" in asked:
        translated["volumes"] = written(asked_mounts(asked["volumes"], job_id))
    if _is_ours(asked.get("image")):
        del translated["image"]
    if asked.get("network") == _OLD_NETWORK:
        del translated["network"]
    resources = _resources(asked)
    return {**translated, "resources": resources} if resources else translated


def is_shared(network: object) -> bool:
    """Whether this is no network of docker's, but that of the host or of another container."""
    return isinstance(network, str) and (network == "host" or network.startswith(("container:", "ns:")))


def _is_nothing(name: str, value: object) -> bool:
    """Whether docker takes this value for none given. Of what a job can set, only null is: the rest may be mistakes."""
    if name in _MEANINGS or name in _OURS - {"volumes"}:
        return value is None
    return value is None or value is False or (isinstance(value, (str, list, tuple, dict)) and not value)


def _check_allowed(name: str, value: object) -> None:
    if name == "network" and is_shared(value):
        raise InvalidSpec(
            f"spec.network: {value!r} cannot be asked for: a job has no part in the network of the host or of another "
            "container; leave it out.",
            field="spec.network",
        )
    if name in _OURS or name in _MEANINGS:
        return
    if name in _DROPPED and isinstance(value, (str, bool)) and value in _DROPPED[name]:
        return
    shown = f"spec.{name}: {value!r}" if name in _DROPPED else f"spec.{name}"
    reason = next((f": {reason}" for reason, names in _REASONS.items() if name in names.split()), "")
    raise InvalidSpec(
        f"{shown} cannot be asked for{reason}; a job can set {', '.join(sorted(_OURS | set(_MEANINGS)))}.",
        field=f"spec.{name}",
    )


def _is_ours(image: object) -> bool:
    return isinstance(image, str) and _OLD_IMAGE.fullmatch(image) is not None


def _words(name: str, line: str) -> list[str]:
    try:
        return shlex.split(line)
    except ValueError as error:
        sentence = f"{name}: {line!r} cannot be split into words; close the quotation, or give a list of words."
        raise InvalidSpec(sentence, field=name) from error


def _resources(spec: Mapping[str, Any]) -> Any:
    """Return the resources that are asked for; what stands under `resources` itself wins."""
    meant = {}
    for name, (resource, amount_of) in _MEANINGS.items():
        if name in spec:
            meant[resource] = amount_of(name, spec[name])
    resources = spec.get("resources")
    if resources is not None and not isinstance(resources, Mapping):
        return resources
    named = {name: value for name, value in (resources or {}).items() if value is not None}
    return {**(resources or {}), **meant, **named}


def _gigabytes(name: str, limit: object) -> float:
    """Return an amount of memory in GB: bytes, or text with a unit, or a small number of GB."""
    number, unit = _number(limit) if isinstance(limit, int) and not isinstance(limit, bool) else limit, 1
    if isinstance(limit, str):
        text = limit.strip().lower().removesuffix("b")
        unit = _UNITS.get(text[-1:], 1)
        number = _number(text.rstrip("kmgt"))
    if not isinstance(number, float) or not 0 < number * unit < float("inf"):
        raise InvalidSpec(f"{name}: {limit!r} is no amount of memory; give a number of GB.", field=name)
    amount = number * unit
    return amount if amount < _LEAST_BYTES and unit == 1 else amount / _GB


def _cores(name: str, value: object) -> float:
    return check_count(name, "number of billionths of a CPU core", value, least=1) / 1e9


def _gpus(name: str, value: object) -> int:
    """Return how many GPUs docker's `device_requests` ask for; which ones is the server's choice."""
    requests = value if isinstance(value, list) else [value]
    return sum(_gpus_of(name, request) for request in requests)


def _gpus_of(name: str, request: object) -> int:
    facts = {str(key).lower(): part for key, part in request.items() if part} if isinstance(request, Mapping) else {}
    count, kinds = facts.pop("count", None), str(facts.pop("capabilities", ""))
    if facts.pop("driver", "nvidia") != "nvidia" or facts or "'gpu'" not in kinds or count == -1:
        raise InvalidSpec(
            f"{name}: {request!r} cannot be asked for; ask for a number of GPUs: "
            '[{"Count": 1, "Capabilities": [["gpu"]]}], or num_gpus: 1.',
            field=name,
        )
    return check_count(name, "number of GPUs", count, least=1)


def _number(text: str | int) -> float | None:
    try:
        return float(text)
    except (ValueError, OverflowError):
        return None


#: Arguments of docker-py that mean one of our resources.
_MEANINGS: dict[str, tuple[str, Callable[[str, object], float]]] = {
    "mem_limit": ("ram", _gigabytes),
    "shm_size": ("shm", _gigabytes),
    "nano_cpus": ("cpus", _cores),
    "device_requests": ("num_gpus", _gpus),
}
