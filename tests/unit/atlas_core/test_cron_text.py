"""Lines of cron."""

from __future__ import annotations

import pytest

from atlas_core.cron_text import schedule_of, text_of
from atlas_core.errors import InvalidInput


def test_five_fields_become_the_fields_of_a_schedule() -> None:
    assert schedule_of("*/5 8-17 1,15 jan-jun *") == {
        "minute": "*/5",
        "hour": "8-17",
        "day": "1,15",
        "month": "jan-jun",
        "day_of_week": "*",
    }


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("0", "sun"),
        ("7", "sun"),
        ("1", "mon"),
        ("1-5", "mon-fri"),
        ("MON-fri", "mon-fri"),
        ("6,0", "sat,sun"),
        ("fri-mon", "mon,fri,sat,sun"),
        ("5-1", "mon,fri,sat,sun"),
        ("0-6", "*"),
        ("0-7", "*"),
        ("*", "*"),
        ("?", "*"),
        ("*/2", "tue,thu,sat,sun"),
        ("1/2", "mon,wed,fri"),
        ("1-7/3", "mon,thu,sun"),
        ("sun,3", "wed,sun"),
    ],
)
def test_weekdays_count_from_sunday_as_in_cron(text: str, days: str) -> None:
    assert schedule_of(f"0 0 * * {text}")["day_of_week"] == days


@pytest.mark.parametrize(
    ("alias", "fields"),
    [
        ("@hourly", "0 * * * *"),
        ("@daily", "0 0 * * *"),
        (" @Weekly ", "0 0 * * sun"),
        ("@monthly", "0 0 1 * *"),
        ("@yearly", "0 0 1 1 *"),
    ],
)
def test_an_alias_stands_for_five_fields(alias: str, fields: str) -> None:
    assert list(schedule_of(alias).values()) == fields.split()


@pytest.mark.parametrize("text", ["", "* * * *", "* * * * * *", "@reboot", "every day"])
def test_what_has_not_five_fields_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(InvalidInput, match=r"five fields, such as `\*/5 \* \* \* \*`.*@hourly"):
        schedule_of(text)


@pytest.mark.parametrize("text", ["8", "x", "1-", "-1", "*/0", "1/x", ",", "²"])
def test_what_is_no_weekday_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="is no weekday"):
        schedule_of(f"0 0 * * {text}")


def test_days_and_weekdays_together_are_refused_because_cron_means_either_and_a_schedule_both() -> None:
    with pytest.raises(InvalidInput, match="both days and weekdays"):
        schedule_of("0 0 13 * 5")
    assert schedule_of("0 0 */2 * 5")["day"] == "*/2"  # cron, too, means both here


@pytest.mark.parametrize("text", ["*/5 8-17 1,15 jan-jun *", "0 0 * * mon-fri", "* * * * *"])
def test_a_schedule_reads_as_the_line_that_made_it(text: str) -> None:
    assert text_of({**schedule_of(text), "year": "*", "week": "*", "second": "0"}) == text


def test_a_schedule_that_no_line_can_say_reads_by_its_fields() -> None:
    every = dict.fromkeys(("year", "week", "month", "day", "day_of_week", "hour", "minute", "second"), "*")
    assert text_of({**every, "second": "*/10"}) == "second=*/10"
    assert (
        text_of({**every, "week": "2", "hour": "3", "minute": "0", "second": "0"}) == "week=2 hour=3 minute=0 second=0"
    )
    assert text_of(every) == "second=*"
