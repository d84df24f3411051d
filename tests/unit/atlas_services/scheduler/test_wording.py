"""Times, durations and counts, as people read them."""

from __future__ import annotations

import pytest

from atlas_services.scheduler.wording import at, by, count, duration, listed, named

NOON = 1_700_481_600.0
DAY = 86400


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (NOON, "12:00 UTC"),
        (NOON + 119, "12:01 UTC"),
        (NOON + DAY, "21 November 12:00 UTC"),
        (NOON + 60 * DAY, "19 January 2024 12:00 UTC"),
    ],
)
def test_a_moment_has_the_date_that_is_needed(moment: float, text: str) -> None:
    assert at(moment, NOON) == text


def test_a_deadline_is_rounded_up_and_never_past() -> None:
    assert by(NOON + 61, NOON) == "12:02 UTC"
    assert by(NOON - 500, NOON) == "12:00 UTC"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.25, "0.2 s"),
        (90, "90 s"),
        (300, "5 min"),
        (7200, "2 h"),
        (7500, "2 h 5 min"),
        (3 * DAY, "3 d"),
        (3.5 * DAY, "3 d 12 h"),
    ],
)
def test_a_duration_has_its_largest_units(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_things_are_counted_and_listed() -> None:
    assert (count(1, "GPU"), count(0, "job"), count(2.5, "core")) == ("1 GPU", "0 jobs", "2.5 cores")
    assert [listed(list(words)) for words in ("", "a", "ab", "abc")] == ["", "a", "a and b", "a, b and c"]
    assert named(list("abcd")) == "a, b, c and d"
    assert named(list("abcdef")) == "a, b, c and 3 more"
