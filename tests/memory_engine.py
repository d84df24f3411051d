"""An engine whose jobs are entries of a dictionary: the `Machine` outlives any scheduler, and tells what went wrong.

A crash can be armed: after so many further acts of an engine the scheduler is gone, between any two of them. So can an
interruption: after so many acts that are done, something else happens before the scheduler goes on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field

from atlas_core.jobs import JobSpec
from atlas_services.scheduler.engines import Assignment, Capacity, EngineFailure, Outcome, Stop


class Crash(BaseException):
    """Raised where the scheduler dies."""


@dataclass
class Place:
    """The working directory of an attempt, and its process."""

    attempt: int
    gpus: tuple[str, ...]
    taken: bool = False
    outcome: Outcome | None = None
    stop: Stop | None = None

    @property
    def runs(self) -> bool:
        """Whether the process lives."""
        return self.taken and self.outcome is None


@dataclass
class Machine:
    """What is there whoever schedules. `wrongs` must stay empty."""

    places: dict[str, Place] = field(default_factory=dict)
    runs: Counter[tuple[str, int]] = field(default_factory=Counter)
    archived: Counter[str] = field(default_factory=Counter)
    wrongs: list[str] = field(default_factory=list)
    acts_left: int | None = None
    acts_until_interruption: int | None = None
    interruption: Callable[[], None] = lambda: None

    def act(self) -> None:
        """Count an act of the scheduler; raises `Crash` when it is the last."""
        if self.acts_left is not None:
            self.acts_left -= 1
            if self.acts_left < 0:
                self.acts_left = None
                raise Crash

    def acted(self) -> None:
        """Count an act of the scheduler that is done; something may happen now."""
        self.act()
        if self.acts_until_interruption is not None:
            self.acts_until_interruption -= 1
            if self.acts_until_interruption < 0:
                self.acts_until_interruption = None
                self.interruption()

    def end(self, job_id: str, exit_code: int | None, out_of_memory: bool = False) -> None:
        """End the process of a job."""
        self.places[job_id].outcome = Outcome(exit_code, out_of_memory=out_of_memory)

    def running(self) -> list[str]:
        """Return the jobs whose process lives."""
        return [job_id for job_id, place in self.places.items() if place.runs]


class MemoryEngine:
    """See `Engine`. `ended` has the jobs whose end it has noticed and nobody has asked for."""

    name = "memory"

    def __init__(self, machine: Machine, capacity: Capacity) -> None:
        self._machine = machine
        self._capacity = capacity
        self._followed: set[str] = set()
        self.cancelled: list[str] = []

    def capacity(self) -> Capacity:
        self._machine.acted()
        return self._capacity

    def check(self, spec: JobSpec) -> None:
        return None

    def prepare(self, assignment: Assignment) -> None:
        self._machine.act()
        self._must_not_run(assignment.job_id, "prepared")
        self._machine.places[assignment.job_id] = Place(assignment.attempt, assignment.gpus)
        self._machine.acted()

    def cancel(self, job_id: str) -> None:
        self.cancelled.append(job_id)

    def start(self, assignment: Assignment) -> None:
        self._machine.act()
        place = self._machine.places.get(assignment.job_id)
        if place is None or place.attempt != assignment.attempt:
            raise EngineFailure("The working directory of the job is gone.")
        if not place.taken:
            place.taken = True
            self._machine.runs[assignment.job_id, assignment.attempt] += 1
        self._followed.add(assignment.job_id)
        self._machine.acted()

    def adopt(self, job_id: str) -> bool:
        self._machine.act()
        place = self._machine.places.get(job_id)
        if place is None or not place.taken:
            return False
        self._followed.add(job_id)
        return True

    def let_go(self) -> None:
        self._followed.clear()

    def stop(self, job_id: str, stop: Stop) -> None:
        self._machine.act()
        place = self._machine.places.get(job_id)
        if place is None:
            return
        place.stop = place.stop or stop
        if not place.taken:
            place.taken, place.outcome = True, Outcome(None)
        self._machine.acted()

    def kill(self, job_id: str) -> None:
        if job_id in self._machine.running():
            self._machine.end(job_id, 137)

    def wait(self) -> str | None:
        for job_id in sorted(self._followed):
            if job_id not in self._machine.running():
                self._followed.discard(job_id)
                return job_id
        return None

    def outcome(self, job_id: str) -> Outcome:
        self._machine.act()
        place = self._machine.places[job_id]
        self._must_not_run(job_id, "judged")
        ended = place.outcome or Outcome(None)
        return Outcome(ended.exit_code, place.stop, out_of_memory=ended.out_of_memory)

    def archive(self, job_id: str) -> None:
        self._machine.act()
        self._must_not_run(job_id, "archived")
        self._machine.archived[job_id] += 1
        self._machine.acted()

    def save_records(self, job_id: str) -> None:
        self._machine.acted()

    def container_id(self, job_id: str) -> str | None:
        place = self._machine.places.get(job_id)
        return job_id if place is not None and place.runs else None

    def unfinished_line(self, job_id: str) -> AbstractContextManager[Callable[[], bytes]]:
        return nullcontext(bytes)

    def leftovers(self) -> list[str]:
        return list(self._machine.places)

    def discard(self, job_id: str) -> None:
        self._machine.act()
        self._must_not_run(job_id, "discarded")
        self._machine.places.pop(job_id, None)
        self._followed.discard(job_id)
        self._machine.acted()

    @property
    def lives(self) -> bool:
        return True

    def close(self) -> None:
        self._followed.clear()

    def _must_not_run(self, job_id: str, what: str) -> None:
        if job_id in self._machine.running():
            self._machine.wrongs.append(f"{job_id} was {what} while it ran")
