from __future__ import annotations

import pytest

from atlas_core.errors import TooManyRequests
from atlas_services.auth_proxy.attempts import _MOST_NAMES, Attempts


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_name_may_be_tried_so_often_in_a_period() -> None:
    clock = Clock()
    attempts = Attempts(3, 60.0, clock)
    for _ in range(3):
        attempts.note("ann")
    clock.now = 20.0
    with pytest.raises(TooManyRequests, match="try again in 40 seconds") as refusal:
        attempts.note("ann")
    assert refusal.value.details["retry_after"] == 40
    attempts.note("bob")
    clock.now = 60.0
    attempts.note("ann")


def test_who_succeeds_begins_anew() -> None:
    attempts = Attempts(1, 60.0, Clock())
    for _ in range(5):
        attempts.note("ann")
        attempts.forget("ann")


def test_many_names_take_no_more_memory() -> None:
    attempts = Attempts(1, 60.0, Clock())
    for number in range(_MOST_NAMES + 10):
        attempts.note(str(number))
    assert len(attempts._counts) == _MOST_NAMES
