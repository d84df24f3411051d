"""Numbers in specifications: what counts as one, and what the refusal of another says."""

from __future__ import annotations

import pytest

from atlas_core.errors import InvalidSpec
from atlas_core.quantities import check_amount, check_count, check_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [(90, 90), ("90", 90), ("90s", 90), ("30m", 1800), ("1h30m", 5400), ("2d", 172800), (" 1H ", 3600), ("1.5h", 5400)],
)
def test_a_duration_is_a_number_of_seconds_or_text_with_units(text: object, seconds: float) -> None:
    assert check_duration("time_limit", text) == seconds


@pytest.mark.parametrize("value", [0, -1, "", "0s", "h", "30 m x", "1m1h", True, [], float("nan"), float("inf"), "nan"])
def test_what_is_no_duration_is_refused_by_name(value: object) -> None:
    with pytest.raises(InvalidSpec, match=r"^time_limit: .* is no duration; give seconds, or text such as") as caught:
        check_duration("time_limit", value)
    assert caught.value.details["field"] == "time_limit"


@pytest.mark.parametrize("value", [0, -1, "", "four", True, [], float("nan"), float("inf"), 10**400, "1e999"])
def test_what_is_no_amount_is_refused_by_name(value: object) -> None:
    with pytest.raises(InvalidSpec, match=r"^ram: .* is no amount; give a number of GB greater than zero\.$"):
        check_amount("ram", "GB", value)


def test_an_amount_may_come_as_text_and_may_be_missing() -> None:
    assert (check_amount("ram", "GB", "1.5"), check_amount("ram", "GB", None)) == (1.5, None)


@pytest.mark.parametrize("value", [-1, 101, "", "x", 1.5, True, None])
def test_what_is_no_count_is_refused_with_its_limits(value: object) -> None:
    with pytest.raises(InvalidSpec, match=r"^priority: .* is no priority; give a whole number, 0 to 100\.$"):
        check_count("priority", "priority", value, most=100)
