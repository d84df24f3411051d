"""Engines run jobs somewhere. What the scheduler asks of one is `Engine`; what it says about a job is in the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from atlas_core.jobs import JobSpec


@dataclass(frozen=True)
class Capacity:
    """How much an engine can run at a time: so many jobs, on these GPUs."""

    slots: int
    gpus: tuple[str, ...] = ()


@dataclass(frozen=True)
class Assignment:
    """A job with what it was given to run on."""

    job_id: str
    project: str
    user: str
    spec: JobSpec
    gpus: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """How a job ended. Without `exit_code` it vanished. `stopped` says who or what stopped it, if that is why."""

    exit_code: int | None
    stopped: str | None = None
    dependencies_failed: bool = False


class Engine(Protocol):
    """Runs jobs. Every step may be repeated after a crash of the scheduler; a job is run at most once."""

    def capacity(self) -> Capacity:
        """Return how much can run at a time."""
        ...

    def check(self, spec: JobSpec) -> None:
        """Raise `InvalidSpec` if the engine can never run this."""
        ...

    def prepare(self, assignment: Assignment) -> None:
        """Make everything ready. Not to be called for a job that may have been started."""
        ...

    def start(self, assignment: Assignment) -> None:
        """Run a prepared job. `wait` returns its id when it has ended. Raises `EngineFailure`."""
        ...

    def adopt(self, job_id: str) -> bool:
        """Have `wait` return the id of a job that was started before; False if it never was."""
        ...

    def stop(self, job_id: str, reason: str) -> None:
        """Ask the job to end and soon force it to; one that is about to start never will."""
        ...

    def kill(self, job_id: str) -> None:
        """End every process of the job at once."""
        ...

    def wait(self) -> str | None:
        """Return the id of a job that has ended, when one has; None after `close`."""
        ...

    def outcome(self, job_id: str) -> Outcome:
        """Return how a job that has ended did end."""
        ...

    def archive(self, job_id: str) -> None:
        """Move what an ended job left in its working directory into the archive."""
        ...

    def leftovers(self) -> list[str]:
        """Return the jobs that it still has something of and that do not run."""
        ...

    def discard(self, job_id: str) -> None:
        """Forget the job and remove what it needed to run."""
        ...

    @property
    def lives(self) -> bool:
        """Whether it still notices when jobs end."""
        ...

    def close(self) -> None:
        """Watch no more jobs. They run on."""
        ...


class EngineFailure(Exception):
    """Raised when an engine cannot run a job for a reason that lies in the engine. Its text is one sentence."""
