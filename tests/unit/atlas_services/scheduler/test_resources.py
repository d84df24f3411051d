"""What is free."""

from __future__ import annotations

from atlas_core.resources import Resources
from atlas_services.scheduler.engines import Capacity, Gpu
from atlas_services.scheduler.resources import Free


def test_what_active_jobs_hold_is_not_free() -> None:
    free = Free.of(Capacity(4, (Gpu("0"), Gpu("1"), Gpu("2"))), ["1", None, ""])
    assert (free.slots, free.gpus) == (1, ["0", "2"])


def test_a_job_gets_the_first_free_gpus_and_a_slot() -> None:
    free = Free(2, ["0", "2"])
    assert free.take(Resources(num_gpus=1)) == ("0",)
    assert free.take(Resources(num_gpus=2)) is None
    assert free.take(Resources()) == ()
    assert free.take(Resources()) is None
    assert (free.slots, free.gpus) == (0, ["2"])
