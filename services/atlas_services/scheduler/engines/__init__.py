"""Engines run jobs somewhere. What the scheduler asks of one is `Engine`; what it says about a job is in the others."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from atlas_core.jobs import JobSpec
from atlas_core.states import Cause

#: From here on, an exit status tells the signal that ended the job.
SIGNALLED = 128


@dataclass(frozen=True)
class Gpu:
    """One GPU of the machine. `id` is what the job is given; `memory` is in GB; "" and None are not known."""

    id: str
    model: str = ""
    memory: float | None = None


@dataclass(frozen=True)
class Capacity:
    """How much can run at a time: so many jobs, on these GPUs, CPU cores and GB of memory. None is not counted."""

    slots: int
    gpus: tuple[Gpu, ...] = ()
    cpus: float | None = None
    ram: float | None = None


@dataclass(frozen=True)
class Assignment:
    """A job with what it was given to run on. `attempt` counts from 1; `owner` is the submitter's user and group id."""

    job_id: str
    project: str
    user: str
    spec: JobSpec
    gpus: tuple[str, ...] = ()
    attempt: int = 1
    owner: tuple[int, int] | None = None


@dataclass(frozen=True)
class Stop:
    """That a job was told to end: why, in a word for programs and in a sentence for people."""

    cause: Cause
    reason: str


@dataclass(frozen=True)
class Outcome:
    """How a job ended. Without `exit_code` it vanished.

    `lost` says, in a sentence, what happened to the engine, if that ended the job.
    """

    exit_code: int | None
    stopped: Stop | None = None
    dependencies_failed: bool = False
    out_of_memory: bool = False
    lost: str | None = None


class Engine(Protocol):
    """Runs jobs. Every step may be repeated after a crash of the scheduler; a job is run at most once."""

    @property
    def name(self) -> str:
        """The word that chooses this engine."""
        ...

    def capacity(self) -> Capacity:
        """Return how much can run at a time."""
        ...

    def check(self, spec: JobSpec) -> None:
        """Raise `InvalidSpec` if the engine can never run this."""
        ...

    def prepare(self, assignment: Assignment) -> None:
        """Make everything ready. Not to be called for a job that may have been started.

        May take long, as when an image is pulled; `cancel` ends it early. Raises `EngineFailure`, or `EngineAway` as
        may `start`, `adopt`, `outcome` and `leftovers`.
        """
        ...

    def cancel(self, job_id: str) -> None:
        """Give up preparing a job that is wanted no more: `prepare` soon returns or raises, whatever it was doing."""
        ...

    def start(self, assignment: Assignment) -> None:
        """Run a prepared job. `wait` returns its id when it has ended. Raises `EngineFailure`.

        A job that ran already, and of which nothing is left, is not run again: `EngineFailure` says so.
        """
        ...

    def adopt(self, job_id: str) -> bool:
        """Have `wait` return the id of a job that was started before; False if it never was."""
        ...

    def let_go(self) -> None:
        """Leave all jobs to another scheduler: tell no ends, write no logs, until they are adopted again."""
        ...

    def stop(self, job_id: str, stop: Stop) -> None:
        """Ask the job to end and soon force it to; one that is about to start never will. The first reason counts."""
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
        """Move what an ended job left in its working directory into the archive, and `save_records`."""
        ...

    def save_records(self, job_id: str) -> None:
        """Bring what an ended job logged and did not send to where it will be sent from. Its files stay."""
        ...

    def container_id(self, job_id: str) -> str | None:
        """Return the name by which the machine knows what runs the job; None when nothing does yet."""
        ...

    def unfinished_line(self, job_id: str) -> AbstractContextManager[Callable[[], bytes]]:
        """Look at the job in a context, whose value returns the line that it has begun and its log has not got yet.

        b"" when there is none, or it is not known. Raises nothing.
        """
        ...

    def leftovers(self) -> list[str]:
        """Return the jobs that it still has something of, whether they run or not."""
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
    """Raised when an engine cannot run a job. Its text is one sentence; `cause` is how the job ends for it."""

    def __init__(self, sentence: str, cause: Cause = Cause.ENGINE_LOST) -> None:
        super().__init__(sentence)
        self.cause = cause


class EngineAway(Exception):
    """Raised when what runs the jobs does not answer now. Nothing has failed for that: the step is to be repeated."""
