"""Whatever happens in whatever order, crashes of schedulers included: no GPU twice, no job lost, none run twice."""

from __future__ import annotations

import itertools
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from tests.memory_engine import Crash, Machine
from tests.stepwise_scheduler import StepwiseScheduler

from atlas_core.errors import AtlasError
from atlas_core.jobs import JobSpec
from atlas_core.resources import Resources
from atlas_core.retries import Retries
from atlas_core.states import Cause, JobStatus
from atlas_services.scheduler.engines import Capacity, Gpu
from atlas_services.scheduler.leader import LEASE_SECONDS
from atlas_services.tracker import JobRecord, keys, open_tracker

pytestmark = pytest.mark.redis

CAPACITY = Capacity(3, tuple(Gpu(name) for name in "0123"))
#: GPUs, priority, time limit and retries of a job.
WISHES = st.tuples(
    st.integers(0, 4), st.sampled_from([0, 0, 5, -5]), st.sampled_from([None, 5.0, 50.0]), st.integers(0, 2)
)
#: Which of the postponed tasks are done, one after the other.
STEPS = st.lists(st.integers(0, 9), max_size=8)


class Schedulers(RuleBasedStateMachine):
    """Two schedulers, of which one leads, on one machine."""

    url = ""

    def __init__(self) -> None:
        super().__init__()
        self.directory = tempfile.TemporaryDirectory()
        self.home = Path(self.directory.name)
        self.tracker = open_tracker(self.url)
        self.tracker.client.flushall()
        self.machine = Machine()
        self.time = 1000.0
        self.numbers = itertools.count()
        self.jobs: list[str] = []
        self.finished: dict[str, JobRecord] = {}
        self.schedulers: list[StepwiseScheduler] = []
        self.leader = 0

    @initialize()
    def start(self) -> None:
        self.schedulers = [self.new_scheduler(), self.new_scheduler()]
        self.take_over(0)

    @rule(wishes=st.lists(WISHES, min_size=1, max_size=4))
    def submit(self, wishes: list[tuple[int, int, float | None, int]]) -> None:
        for gpus, priority, time_limit, retries in wishes:
            job_id = f"job{next(self.numbers)}"
            spec = JobSpec(
                resources=Resources(num_gpus=gpus), priority=priority, time_limit=time_limit, retries=Retries(retries)
            )
            self.tracker.jobs.create(job_id, "p", JobStatus.QUEUED, self.time, "t", user="u", spec=spec.to_dict())
            self.jobs.append(job_id)

    @rule(steps=STEPS, crash=st.none() | st.integers(0, 12))
    def work(self, steps: list[int], crash: int | None) -> None:
        """The leader looks, does some of what there is to do, in some order, and perhaps dies in the midst of it."""
        self.machine.acts_left = crash
        self.as_far_as_it_comes(self.leader, lambda scheduler: scheduler.work(steps))
        self.machine.acts_left = None

    @rule(steps=STEPS, acts=st.integers(0, 8))
    def work_and_be_overtaken(self, steps: list[int], acts: int) -> None:
        """The leader is paused in the midst of its work; when it goes on, another has led for a while."""

        def meanwhile() -> None:
            self.overtake()
            for _ in range(3):
                self.schedulers[self.leader].work([0] * 6)
                self.time += 2.0

        self.interrupt(steps, acts, meanwhile)

    @rule(steps=STEPS, acts=st.integers(0, 8))
    def work_while_everything_is_stopped(self, steps: list[int], acts: int) -> None:
        """Somebody stops all jobs in the midst of the leader's work."""

        def meanwhile() -> None:
            for number in range(len(self.jobs)):
                self.stop(0, number)

        self.interrupt(steps, acts, meanwhile)

    @rule(steps=st.lists(st.integers(0, 9), max_size=4))
    def wake(self, steps: list[int]) -> None:
        """The one that does not lead goes on with what it had begun, if it ever led."""
        self.schedulers[1 - self.leader].work(steps)

    @precondition(lambda self: self.machine.running())
    @rule(
        number=st.integers(0, 9), end=st.sampled_from([(0, False), (0, False), (1, False), (137, True), (None, False)])
    )
    def end(self, number: int, end: tuple[int | None, bool]) -> None:
        running = self.machine.running()
        self.machine.end(running[number % len(running)], *end)

    @precondition(lambda self: self.jobs)
    @rule(which=st.integers(0, 1), number=st.integers(0, 99))
    def stop(self, which: int, number: int) -> None:
        job_id = self.jobs[number % len(self.jobs)]

        def ask(scheduler: StepwiseScheduler) -> None:
            try:
                scheduler.lifecycle.stop(job_id, "stopped by the user")
            except AtlasError:
                assert self.tracker.jobs.get(job_id).status.is_finished

        self.as_far_as_it_comes(which, ask)

    @precondition(lambda self: self.jobs)
    @rule(number=st.integers(0, 99), position=st.integers(0, 9))
    def reposition(self, number: int, position: int) -> None:
        self.tracker.queue.reposition(self.jobs[number % len(self.jobs)], position)

    @rule(seconds=st.sampled_from([0.5, 2.0, 20.0]))
    def let_time_pass(self, seconds: float) -> None:
        self.time += seconds

    @rule(heir=st.integers(0, 1))
    def crash(self, heir: int) -> None:
        """The leader dies; either the other one leads from now on, or its own successor."""
        self.schedulers[self.leader] = self.new_scheduler()
        self.take_over(heir)

    @rule()
    def overtake(self) -> None:
        """The leader is paused, or cut off from Redis, until its lease has run out."""
        self.take_over(1 - self.leader)

    @invariant()
    def nothing_is_held_twice(self) -> None:
        active = self.records(JobStatus.PENDING, JobStatus.RUNNING)
        given = [gpu for record in active for gpu in (record.gpu_ids or "").split(",") if gpu]
        assert len(given) == len(set(given))
        assert len(active) <= CAPACITY.slots
        for record in active:
            wanted = (record.spec.get("resources") or {}).get("num_gpus", 0)
            assert len([gpu for gpu in (record.gpu_ids or "").split(",") if gpu]) == wanted

    @invariant()
    def what_runs_has_what_it_was_given_alone(self) -> None:
        held = [gpu for place in self.machine.places.values() if place.runs for gpu in place.gpus]
        assert len(held) == len(set(held))
        for job_id in self.machine.running():
            record = self.tracker.jobs.get(job_id)
            assert (record.status, record.attempt) == (JobStatus.RUNNING, self.machine.places[job_id].attempt)
        assert self.machine.wrongs == []
        assert all(count == 1 for count in self.machine.runs.values())

    @invariant()
    def no_job_is_lost(self) -> None:
        members = Counter(job_id for status in JobStatus for job_id in self.tracker.jobs.ids_in(status))
        assert members == Counter(self.jobs)
        assert sorted(self.tracker.queue.ids()) == sorted(self.tracker.jobs.ids_in(JobStatus.QUEUED))
        active = [record.job_id for record in self.tracker.jobs.active()]
        assert Counter(active) == Counter(
            job_id for status in (JobStatus.PENDING, JobStatus.RUNNING) for job_id in self.tracker.jobs.ids_in(status)
        )

    @invariant()
    def what_has_ended_stays_as_it_is(self) -> None:
        for record in self.records(JobStatus.COMPLETED, JobStatus.FAILED):
            assert self.finished.setdefault(record.job_id, record) == record

    @invariant()
    def no_more_is_tried_than_was_allowed(self) -> None:
        for record in self.tracker.jobs.records(self.jobs):
            assert record.attempt <= 1 + (record.spec.get("retries") or {"limit": 0})["limit"]
            if record.status is JobStatus.QUEUED:
                assert (record.exit_code, record.cause, record.gpu_ids, record.start_time) == (None,) * 4
                assert record.stop_cause is None
            if record.status is JobStatus.COMPLETED:
                assert self.machine.runs[record.job_id, record.attempt] == 1

    def teardown(self) -> None:
        try:
            if self.schedulers:
                self.finish_everything()
        finally:
            self.tracker.client.close()
            self.directory.cleanup()

    def finish_everything(self) -> None:
        """After a last crash, every job comes to its end, each once."""
        self.machine.acts_left = None
        self.crash(0)
        scheduler = self.schedulers[0]
        for _ in range(20 * len(self.jobs) + 20):
            scheduler.work([0] * 50)
            for job_id in self.machine.running():
                self.machine.end(job_id, 0)
            self.time += 1.0
            if len(self.finished) == len(self.jobs) and not self.machine.places:
                break
            self.what_has_ended_stays_as_it_is()
            self.nothing_is_held_twice()
            self.what_runs_has_what_it_was_given_alone()
        assert sorted(self.finished) == sorted(self.jobs)
        assert self.machine.places == {}
        ends = Counter(event.job_id for event in self.tracker.events.wait("0", 0.001) if event.kind in _ENDS)
        assert all(count == 1 for count in ends.values())
        for record in self.finished.values():
            assert record.cause is not Cause.INVALID_SPEC

    def interrupt(self, steps: list[int], acts: int, meanwhile: Callable[[], None]) -> None:
        self.machine.acts_until_interruption, self.machine.interruption = acts, meanwhile
        self.schedulers[self.leader].work(steps)
        self.machine.acts_until_interruption = None

    def take_over(self, which: int) -> None:
        self.time += LEASE_SECONDS
        self.tracker.client.delete(keys.LEASE)
        self.schedulers[which].try_to_lead()
        self.leader = which

    def as_far_as_it_comes(self, which: int, act: Callable[[StepwiseScheduler], object]) -> None:
        """Have a scheduler act; if it dies in the midst of it, another takes its place."""
        try:
            act(self.schedulers[which])
        except Crash:
            self.schedulers[which] = self.new_scheduler()
            self.take_over(which)

    def new_scheduler(self) -> StepwiseScheduler:
        return StepwiseScheduler(self.tracker, self.machine, CAPACITY, self.home, lambda: self.time)

    def records(self, *statuses: JobStatus) -> list[JobRecord]:
        return self.tracker.jobs.records(job_id for status in statuses for job_id in self.tracker.jobs.ids_in(status))


_ENDS = frozenset({"job.completed", "job.failed"})


def test_schedulers_keep_their_promises_whatever_happens(redis_url: str) -> None:
    class Here(Schedulers):
        url = redis_url

    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=100,
            stateful_step_count=40,
            deadline=None,
            phases=(Phase.explicit, Phase.generate),  # to shrink an example would take minutes
            suppress_health_check=list(HealthCheck),
        ),
    )
