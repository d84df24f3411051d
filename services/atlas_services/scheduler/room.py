"""What is free on the machine, and within the limits of projects and users, in every dimension that is counted."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from enum import Enum
from typing import NamedTuple

from atlas_core.resources import Resources
from atlas_services.scheduler.engines import Capacity, Gpu
from atlas_services.scheduler.limits import Limits
from atlas_services.scheduler.resources import matches

#: Cores and GB are sums of fractions: less than this is no difference.
_ROUNDING = 1e-6


class Kind(str, Enum):
    """What there can be too little of."""

    SLOTS = "slots"
    GPUS = "gpus"
    CPUS = "cpus"
    RAM = "ram"
    PROJECT_JOBS = "project_jobs"
    PROJECT_GPUS = "project_gpus"
    USER_JOBS = "user_jobs"
    USER_GPUS = "user_gpus"

    @property
    def is_limit(self) -> bool:
        """Whether a person set it, for a project or a user."""
        return self in (Kind.PROJECT_JOBS, Kind.PROJECT_GPUS, Kind.USER_JOBS, Kind.USER_GPUS)


class Dimension(NamedTuple):
    """One thing that is counted; `name` is the project or the user whose limit it is."""

    kind: Kind
    name: str = ""


class Need(NamedTuple):
    """What a job takes while it is active, and for whom."""

    resources: Resources
    project: str
    user: str

    def amounts(self) -> Iterator[tuple[Dimension, float]]:
        """Yield how much it takes of what; which GPUs it gets is another question."""
        gpus = self.resources.num_gpus
        yield Dimension(Kind.SLOTS), 1
        yield Dimension(Kind.PROJECT_JOBS, self.project), 1
        yield Dimension(Kind.USER_JOBS, self.user), 1
        if gpus:
            yield Dimension(Kind.PROJECT_GPUS, self.project), gpus
            yield Dimension(Kind.USER_GPUS, self.user), gpus
        if self.resources.cpus:
            yield Dimension(Kind.CPUS), self.resources.cpus
        if self.resources.ram:
            yield Dimension(Kind.RAM), self.resources.ram


class Room:
    """How much is left. It may be less than nothing: what runs already runs on."""

    def __init__(self, capacity: Capacity, limits: Limits) -> None:
        self._capacity = capacity
        self._limits = limits
        self._used: dict[Dimension, float] = {}
        self._held: set[str] = set()

    def copy(self) -> Room:
        """Return one that can be changed without changing this."""
        other = Room(self._capacity, self._limits)
        other._used, other._held = dict(self._used), set(self._held)
        return other

    def take(self, need: Need, gpus: Iterable[str]) -> None:
        """Count a job that holds these GPUs."""
        for dimension, amount in need.amounts():
            self._used[dimension] = self._used.get(dimension, 0) + amount
        self._held.update(gpus)

    def give_back(self, need: Need, gpus: Iterable[str]) -> None:
        """Count a job no more."""
        for dimension, amount in need.amounts():
            self._used[dimension] -= amount
        self._held.difference_update(gpus)

    def left(self, dimension: Dimension) -> float:
        """Return how much is left; infinity of what is not counted. GPUs are not asked for here."""
        most = self.most(dimension)
        return math.inf if most is None else most - self._used.get(dimension, 0)

    def most(self, dimension: Dimension) -> float | None:
        """Return how much there is of it altogether; None when it is not counted."""
        kind, name = dimension
        if kind.is_limit:
            project = kind in (Kind.PROJECT_JOBS, Kind.PROJECT_GPUS)
            limit = self._limits.of_project(name) if project else self._limits.of_user(name)
            return limit.jobs if kind in (Kind.PROJECT_JOBS, Kind.USER_JOBS) else limit.gpus
        amounts = {Kind.SLOTS: self._capacity.slots, Kind.CPUS: self._capacity.cpus, Kind.RAM: self._capacity.ram}
        return amounts[kind]

    def free_gpus(self, wanted: Resources) -> list[Gpu]:
        """Return the free GPUs that are as wanted, in the order of the machine."""
        return [gpu for gpu in self._capacity.gpus if gpu.id not in self._held and matches(gpu, wanted)]

    def lacks(self, need: Need) -> tuple[Dimension, ...]:
        """Return what there is too little of for the job to start: limits first, nothing when it fits."""
        short = [dimension for dimension, amount in need.amounts() if self._is_short(dimension, amount)]
        wanted = need.resources
        if wanted.num_gpus and len(self.free_gpus(wanted)) < wanted.num_gpus:
            short.append(Dimension(Kind.GPUS))
        return tuple(sorted(short, key=lambda dimension: not dimension.kind.is_limit))

    def still_fits(self, other: Need, need: Need, gpus: Iterable[str]) -> bool:
        """Whether a job that takes `need` and `gpus` leaves enough, in all that it takes from, for the `other`."""
        needed = dict(other.amounts())
        for dimension, amount in need.amounts():
            if dimension in needed and self._is_short(dimension, amount + needed[dimension]):
                return False
        useful = {gpu.id for gpu in self.free_gpus(other.resources)} if other.resources.num_gpus else set()
        taken = useful.intersection(gpus)
        return not taken or len(useful) - len(taken) >= other.resources.num_gpus

    def _is_short(self, dimension: Dimension, amount: float) -> bool:
        return self.left(dimension) + _ROUNDING < amount
