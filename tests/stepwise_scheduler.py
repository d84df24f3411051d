"""A scheduler without threads: it does one step when it is told to, in whatever order."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any

from atlas_core.ids import now
from atlas_services.scheduler.archive import Archive
from atlas_services.scheduler.dispatch import Dispatcher
from atlas_services.scheduler.engines import Capacity
from atlas_services.scheduler.leader import Leadership
from atlas_services.scheduler.lifecycle import Lifecycle
from atlas_services.tracker import Fenced, Tracker
from tests.memory_engine import Machine, MemoryEngine


class Postponed(Executor):
    """Keeps what it is given until `step` does one of it."""

    def __init__(self) -> None:
        self.tasks: list[Callable[[], object]] = []

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        self.tasks.append(lambda: fn(*args, **kwargs))
        return Future()

    def step(self, number: int) -> None:
        """Do one of the tasks."""
        if self.tasks:
            self.tasks.pop(number % len(self.tasks))()


class StepwiseScheduler:
    """The parts of one scheduler that lead, without any thread."""

    def __init__(
        self, tracker: Tracker, machine: Machine, capacity: Capacity, home: Path, clock: Callable[[], float] = now
    ) -> None:
        self.postponed = Postponed()
        self.engine = MemoryEngine(machine, capacity)
        self.leadership = Leadership(home / "lock", tracker.lease, clock=clock)
        self.lifecycle = Lifecycle(tracker, self.engine, Archive(home / "archive"), self.leadership, clock)
        self.dispatcher = Dispatcher(
            tracker, self.lifecycle, self.engine, self.leadership, pool=lambda hands, name: self.postponed, clock=clock
        )

    def try_to_lead(self) -> None:
        """Lead, if nobody else does."""
        term, _ = self.leadership.take()
        if term is not None:
            self.dispatcher.lead(term)

    def work(self, steps: Iterable[int]) -> None:
        """Look, do these of the postponed tasks, and notice who has ended."""
        try:
            self.dispatcher.look()
        except Fenced:
            self.dispatcher.step_down()
        for number in steps:
            self.postponed.step(number)
        while (job_id := self.engine.wait()) is not None:
            self.dispatcher.collect(job_id)
