"""What jobs may ask for on this server, as its administrator says.

The rules that no administrator can lift are in `old_spec`, `mounts` and `permits`: no privileges, nobody else's
network, none of the server's own files.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from atlas_core.config import warn_unknown
from atlas_core.errors import AtlasError, InvalidConfig, InvalidSpec
from atlas_core.jobs import HIGHEST_PRIORITY, JobSpec
from atlas_core.quantities import check_amount, check_count, check_duration
from atlas_services.scheduler.limits import Limits
from atlas_services.scheduler.mounts import Mount, read_mounts
from atlas_services.scheduler.old_spec import is_shared
from atlas_services.scheduler.permits import Permit, Permits

_KEYS = (
    "volumes",
    "images",
    "networks",
    "max_time_limit",
    "default_time_limit",
    "default_ram",
    "default_cpus",
    "max_priority",
    "limits",
)


@dataclass(frozen=True)
class Policy:
    """The rules."""

    volumes: Permits = field(default_factory=Permits)
    images: tuple[str, ...] = ("*",)
    networks: tuple[str, ...] = ()
    max_time_limit: float | None = None
    default_time_limit: float | None = None
    default_ram: float | None = None
    default_cpus: float | None = None
    max_priority: int = HIGHEST_PRIORITY
    limits: Limits = field(default_factory=Limits)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], source: str, kept: Iterable[str] = ()) -> Policy:
        """Return the checked rules; warns about unknown keys. Raises `InvalidConfig` naming `source` and the key.

        `kept` are directories that no mount may show: the server's own.
        """
        warn_unknown(data, _KEYS, source)
        try:
            policy = cls(
                volumes=Permits(tuple(map(Permit.from_dict, _entries("volumes", data.get("volumes")))), tuple(kept)),
                images=("*",) if data.get("images") is None else _names("images", data["images"]),
                networks=_networks(_names("networks", data.get("networks"))),
                max_time_limit=check_duration("max_time_limit", data.get("max_time_limit")),
                default_time_limit=check_duration("default_time_limit", data.get("default_time_limit")),
                default_ram=check_amount("default_ram", "GB", data.get("default_ram")),
                default_cpus=check_amount("default_cpus", "cores", data.get("default_cpus")),
                max_priority=_priority(data.get("max_priority")),
                limits=Limits.from_dict(data.get("limits")),
            )
            _check_default(policy)
        except AtlasError as error:
            raise InvalidConfig(f"{source}: {error.message}", **error.details) from error
        return policy

    def check(self, spec: JobSpec) -> None:
        """Raise `InvalidSpec`, naming the field, if the job asks for what is not allowed."""
        self.check_container(spec)
        if spec.priority > self.max_priority:
            raise InvalidSpec(
                f"priority: {spec.priority} is more than this server allows ({self.max_priority}).", field="priority"
            )
        limit, most = spec.time_limit, self.max_time_limit
        if limit is not None and most is not None and limit > most:
            raise InvalidSpec(
                f"time_limit: {limit:g} seconds are more than this server allows ({most:g}).", field="time_limit"
            )

    def filled(self, spec: JobSpec) -> JobSpec:
        """Return the specification with the administrator's choice for what it leaves open."""
        resources = replace(
            spec.resources,
            ram=spec.resources.ram or self.default_ram,
            cpus=spec.resources.cpus or self.default_cpus,
        )
        limit = spec.time_limit or self.default_time_limit or self.max_time_limit
        return replace(spec, time_limit=limit, resources=resources)

    def check_container(self, spec: JobSpec) -> tuple[Mount, ...]:
        """Return the mounts of a job, their sources without links, as they are at this moment on the disk.

        Raises `InvalidSpec` when one of them, its image or its network is not permitted, or a mount is not there. To be
        asked again right before a container is made.
        """
        self._check_image(spec.image)
        self._check_network(spec.network)
        return tuple(self.volumes.checked(mount) for mount in read_mounts(spec.volumes))

    def _check_image(self, image: str | None) -> None:
        if image is None:
            return
        names = [image] if ":" in image.rpartition("/")[2] or "@" in image else [image, f"{image}:latest"]
        if not any(fnmatch.fnmatchcase(name, pattern) for name in names for pattern in self.images):
            allowed = ", ".join(self.images) or "none but its own"
            raise InvalidSpec(f"image: `{image}` is not allowed on this server; it allows {allowed}.", field="image")

    def _check_network(self, network: str | None) -> None:
        if network is None or network in self.networks:
            return
        allowed = ", ".join(self.networks)
        remedy = f"choose one of {allowed}, or leave it out" if allowed else "leave it out"
        raise InvalidSpec(f"network: `{network}` is not open to jobs on this server; {remedy}.", field="network")


def _networks(names: tuple[str, ...]) -> tuple[str, ...]:
    for name in names:
        if is_shared(name):
            raise _wrong("networks", name, "jobs cannot share the network of the host or of another container")
    return names


def _check_default(policy: Policy) -> None:
    limit, most = policy.default_time_limit, policy.max_time_limit
    if limit is not None and most is not None and limit > most:
        raise _wrong("default_time_limit", f"{limit:g} s", f"it is longer than max_time_limit, {most:g} s")


def _priority(value: object) -> int:
    if value is None:
        return HIGHEST_PRIORITY
    return check_count("max_priority", "priority", value, least=-HIGHEST_PRIORITY, most=HIGHEST_PRIORITY)


def _names(key: str, value: object) -> tuple[str, ...]:
    return tuple(_each(key, value, lambda item: isinstance(item, str) and bool(item), "give a list of names"))


def _entries(key: str, value: object) -> list[Any]:
    return _each(key, value, lambda item: isinstance(item, Mapping), "give a list of keys and values")


def _each(key: str, value: object, is_right: Callable[[Any], bool], remedy: str) -> list[Any]:
    items = [] if value is None else value if isinstance(value, list) else [value]
    for item in items:
        if not is_right(item):
            raise _wrong(key, item, remedy)
    return items


def _wrong(key: str, value: object, remedy: str) -> InvalidConfig:
    return InvalidConfig(f"{key}: {value!r} cannot be used; {remedy}.", field=key)
