"""Who runs next, case by case."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from atlas_core.resources import Resources
from atlas_services.scheduler.engines import Capacity, Gpu
from atlas_services.scheduler.limits import Limit, Limits
from atlas_services.scheduler.plan import Active, Plan, Promise, Start, Wait, Waiting, make_plan
from atlas_services.scheduler.room import Dimension, Kind


def gpus(count: int, model: str = "", memory: float | None = None, first: int = 0) -> tuple[Gpu, ...]:
    return tuple(Gpu(str(place), model, memory) for place in range(first, first + count))


def machine(slots: int = 8, cpus: float | None = None, ram: float | None = None, count: int = 4) -> Capacity:
    return Capacity(slots, gpus(count), cpus, ram)


def job(job_id: str, num_gpus: int = 0, *, limit: float | None = None, project: str = "p", **more: object) -> Waiting:
    return Waiting(job_id, Resources(num_gpus=num_gpus, **more), project, "u", limit)  # type: ignore[arg-type]


def holder(job_id: str, *held: str, ends_by: float | None = None, **more: object) -> Active:
    resources = Resources(num_gpus=len(held), **more)  # type: ignore[arg-type]
    return Active(job_id, resources, "p", "u", held, ends_by)


def plan(
    capacity: Capacity, active: list[Active], *waiting: Waiting, limits: Limits | None = None, thorough: bool = False
) -> Plan:
    return make_plan(capacity, active, waiting, limits or Limits(), 0.0, thorough=thorough)


def started(made: Plan) -> list[str]:
    return [start.job_id for start in made.starts]


class TestOrder:
    def test_what_fits_starts_in_the_order_of_the_queue(self) -> None:
        made = plan(machine(slots=2), [], job("a"), job("b"), job("c"))
        assert made.starts == [Start("a"), Start("b")]
        assert made.promise is None

    def test_no_more_of_the_queue_is_read_than_there_are_slots(self) -> None:
        read = []

        def queue() -> Iterator[Waiting]:
            for number in range(100):
                read.append(number)
                yield job(str(number))

        make_plan(machine(slots=3), [holder("x")], queue(), Limits(), 0.0)
        assert read == [0, 1]

    def test_a_queue_of_jobs_that_cannot_start_is_not_read_to_its_end(self) -> None:
        read = []

        def queue() -> Iterator[Waiting]:
            for number in range(1000):
                read.append(number)
                yield job(str(number), 1 + number % 2, limit=float(1000 - number))

        shapes = {job("a", count).shape: 1.0 for count in (1, 2)}
        make_plan(machine(), [holder("x", "0", "1", "2", "3")], queue(), Limits(), 0.0, shapes=shapes)
        assert read == [0]

    def test_a_thorough_plan_explains_the_whole_queue(self) -> None:
        made = plan(machine(slots=1), [holder("x", ends_by=5.0)], job("a"), job("b"), thorough=True)
        assert made.waits == {name: Wait((Dimension(Kind.SLOTS),)) for name in "ab"}
        assert made.promise == Promise("a", 5.0)

    def test_without_slots_nothing_runs_and_nothing_is_impossible(self) -> None:
        made = plan(machine(slots=0), [], job("a"), thorough=True)
        assert (made.starts, made.impossible, made.promise) == ([], {}, Promise("a", None))


class TestBackfill:
    def test_a_job_without_gpus_passes_one_that_waits_for_them(self) -> None:
        made = plan(machine(), [holder("x", "0")], job("big", 4), job("small"))
        assert started(made) == ["small"]
        assert made.promise == Promise("big", None)

    def test_it_does_not_pass_with_the_slot_that_the_other_needs(self) -> None:
        made = plan(machine(slots=2), [holder("x", "0")], job("big", 4), job("small"))
        assert made.waits["small"] == Wait(behind="big")

    def test_it_does_not_pass_with_the_memory_that_the_other_needs(self) -> None:
        made = plan(machine(ram=32.0), [holder("x", "0")], job("big", 4, ram=16), job("a", ram=16), job("b", ram=1))
        assert started(made) == ["a"]
        assert made.waits["b"].behind == "big"

    def test_gpus_that_the_waiting_job_needs_are_kept_while_no_end_is_known(self) -> None:
        made = plan(machine(), [holder("x", "0")], job("big", 4), job("short", 1, limit=1.0))
        assert made.waits["short"] == Wait(behind="big")

    def test_a_job_that_ends_before_the_promised_start_passes(self) -> None:
        active = [holder("x", "0", "1", ends_by=10.0)]
        made = plan(machine(), active, job("big", 4), job("in time", 1, limit=10.0), job("late", 1, limit=11.0))
        assert started(made) == ["in time"]
        assert made.promise == Promise("big", 10.0)
        assert made.waits["late"].behind == "big"

    def test_a_job_of_any_length_takes_what_the_promised_one_will_not_need(self) -> None:
        active = [holder("x", "0", "1", ends_by=10.0)]
        made = plan(machine(), active, job("big", 3), job("a", 1), job("b", 1))
        assert started(made) == ["a"]
        assert made.waits["b"].behind == "big"

    def test_all_that_end_at_the_promised_start_count(self) -> None:
        active = [holder("x", "0", ends_by=10.0), holder("y", "1", ends_by=10.0)]
        made = plan(machine(count=3), active, job("big", 2), job("long", 1))
        assert started(made) == ["long"]

    def test_only_the_first_that_waits_is_promised_anything(self) -> None:
        active = [holder("x", "0", "1", ends_by=10.0), holder("y", "2", ends_by=20.0)]
        made = plan(machine(), active, job("first", 3), job("second", 4), job("third", 1, limit=5.0))
        assert made.promise == Promise("first", 10.0)
        assert started(made) == ["third"]

    def test_the_second_in_line_is_not_put_off_by_small_ones(self) -> None:
        active = [holder("x", "0", "1", "2", ends_by=10.0)]
        queue = (job("first", 3, limit=30.0), job("all", 5), job("long", 1, limit=50.0), job("short", 1, limit=40.0))
        made = plan(machine(count=5), active, *queue)
        assert made.promise == Promise("first", 10.0)
        assert made.waits["long"].behind == "all"
        assert started(made) == ["short"]

    def test_a_job_that_outstays_its_limit_is_expected_to_end_at_once(self) -> None:
        made = plan(machine(), [holder("x", "0", ends_by=-3.0)], job("big", 4), job("small", 1, limit=1.0))
        assert made.promise == Promise("big", 0.0)
        assert made.waits["small"].behind == "big"

    def test_the_limits_of_the_promised_job_are_kept_for_it_too(self) -> None:
        limits = Limits(project=Limit(jobs=2))
        made = plan(machine(), [holder("x", "0")], job("big", 4), job("same"), job("other", project="q"), limits=limits)
        assert started(made) == ["other"]
        assert made.waits["same"].behind == "big"


class TestLimits:
    def test_a_job_that_only_a_limit_holds_back_reserves_nothing(self) -> None:
        limits = Limits(project=Limit(gpus=2))
        made = plan(machine(), [], job("greedy", 4), job("a", 2, project="q"), job("b", 2, project="r"), limits=limits)
        assert started(made) == ["a", "b"]
        assert made.waits["greedy"] == Wait((Dimension(Kind.PROJECT_GPUS, "p"),))
        assert made.promise is None

    def test_so_many_jobs_of_a_user_run_and_others_pass(self) -> None:
        limits = Limits(user=Limit(jobs=1))
        other = Waiting("c", Resources(), "p", "v")
        made = plan(machine(), [], job("a"), job("b"), other, limits=limits)
        assert started(made) == ["a", "c"]
        assert made.waits["b"] == Wait((Dimension(Kind.USER_JOBS, "u"),))


class TestGpus:
    def test_a_job_gets_gpus_of_the_model_and_the_memory_that_it_wants(self) -> None:
        capacity = Capacity(4, (*gpus(1, "Tesla T4", 16.0), *gpus(2, "NVIDIA A100-SXM4-80GB", 80.0, first=1)))
        made = plan(capacity, [], job("a", 1, gpu_model="a100"), job("b", 1, gpu_memory=40))
        assert made.starts == [Start("a", ("1",)), Start("b", ("2",))]

    def test_the_larger_ones_are_spared(self) -> None:
        capacity = Capacity(4, (*gpus(1, "A100", 80.0), *gpus(1, "T4", 16.0, first=1)))
        assert plan(capacity, [], job("a", 1)).starts == [Start("a", ("1",))]

    def test_those_that_the_promised_job_wants_are_spared(self) -> None:
        capacity = Capacity(4, (*gpus(2, "V100", 16.0), *gpus(1, "T4", 32.0, first=2)))
        made = plan(capacity, [holder("x", "0")], job("wants both", 2, gpu_model="v100"), job("any", 1))
        assert made.starts == [Start("any", ("2",))]

    def test_of_what_is_not_known_of_a_gpu_it_has_nothing(self) -> None:
        made = plan(machine(), [], job("a", 1, gpu_memory=1), job("b", 1, gpu_model="T4"))
        assert made.impossible.keys() == {"a", "b"}


class TestImpossible:
    def test_a_job_that_can_never_run_is_named_and_blocks_nobody(self) -> None:
        made = plan(machine(), [], job("a", 9), job("b", 4))
        sentence = "Job 'a' expects to use more GPUs (9) than available (4), removing from the queue"
        assert made.impossible == {"a": sentence}
        assert started(made) == ["b"]
        assert made.promise is None

    @pytest.mark.parametrize(
        ("wanted", "words"),
        [
            ({"ram": 64}, "ram: the job expects to use more GB (64) than available (32)."),
            ({"cpus": 9}, "cpus: the job expects to use more cores (9) than available (8)."),
        ],
    )
    def test_more_than_the_machine_has_is_impossible(self, wanted: dict[str, float], words: str) -> None:
        made = plan(machine(cpus=8.0, ram=32.0), [], job("a", **wanted))  # type: ignore[arg-type]
        assert made.impossible == {"a": f"Job 'a' can never run here, removing from the queue: {words}"}

    def test_fractions_of_cores_add_up(self) -> None:
        made = plan(machine(cpus=0.3), [], *(job(str(number), cpus=0.1) for number in range(4)))
        assert started(made) == ["0", "1", "2"]
