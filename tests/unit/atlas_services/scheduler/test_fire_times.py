"""When schedules fire."""

from __future__ import annotations

import re
from datetime import datetime
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from atlas_core.errors import InvalidInput
from atlas_services.scheduler.fire_times import CRON_FIELDS, BadSchedule, FireTimes, check_schedule

BERLIN = ZoneInfo("Europe/Berlin")


def moment(text: str, fold: int = 0) -> float:
    """Return a time that the clocks of Berlin show."""
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN, fold=fold).timestamp()


def in_berlin(**fields: Any) -> FireTimes:
    return FireTimes.of(check_schedule({"timezone": "Europe/Berlin", **fields}))


def clock(times: list[float | None]) -> list[str]:
    """Return what the clocks of Berlin show, with their distance from UTC."""
    return [datetime.fromtimestamp(time, BERLIN).strftime("%m-%d %H:%M%z") for time in times if time is not None]


class TestClockChanges:
    def test_a_daily_time_stays_the_same_on_the_clock_through_the_year(self) -> None:
        daily = in_berlin(hour="8", minute="0")
        spring = daily.next(moment("2026-03-28 12:00"), 2)
        autumn = daily.next(moment("2026-10-24 12:00"), 2)
        assert clock(spring) == ["03-29 08:00+0200", "03-30 08:00+0200"]
        assert clock(autumn) == ["10-25 08:00+0100", "10-26 08:00+0100"]

    def test_a_time_that_spring_skips_comes_an_hour_later_and_once(self) -> None:
        found = in_berlin(hour="2", minute="30").next(moment("2026-03-28 12:00"), 3)
        assert clock(found) == ["03-29 03:30+0200", "03-30 02:30+0200", "03-31 02:30+0200"]

    def test_a_time_that_is_skipped_is_not_added_to_one_that_is_there(self) -> None:
        found = in_berlin(minute="*/30").next(moment("2026-03-29 01:00"), 4)
        assert clock(found) == ["03-29 01:30+0100", "03-29 03:00+0200", "03-29 03:30+0200", "03-29 04:00+0200"]

    def test_a_time_that_autumn_repeats_comes_twice(self) -> None:
        found = in_berlin(hour="2", minute="30").next(moment("2026-10-24 12:00"), 3)
        assert clock(found) == ["10-25 02:30+0200", "10-25 02:30+0100", "10-26 02:30+0100"]

    def test_the_time_between_two_runs_of_each_half_hour_never_changes(self) -> None:
        for day in ("2026-03-29 00:10", "2026-10-25 00:10"):
            times = [time for time in in_berlin(minute="*/30").next(moment(day), 10) if time is not None]
            assert {later - time for time, later in pairwise(times)} == {1800.0}

    def test_the_stamp_is_what_the_clock_of_the_zone_shows(self) -> None:
        assert in_berlin().stamp(moment("2026-10-25 02:30", fold=1)) == "20261025_023000"
        assert FireTimes.of({"timezone": "UTC"}).stamp(moment("2026-10-25 02:30", fold=1)) == "20261025_013000"


class TestTimes:
    def test_the_next_time_is_later_than_the_given_one(self) -> None:
        every_second = in_berlin(second="*")
        assert every_second.after(100.0) == 101.0
        assert every_second.after(100.5) == 101.0

    def test_the_last_time_of_a_span_is_found_however_many_there_are(self) -> None:
        every_second, daily = in_berlin(second="*"), in_berlin(hour="8")
        noon = moment("2026-06-01 12:00")
        assert every_second.latest(noon - 7 * 86400, noon + 0.5) == noon
        assert daily.latest(noon - 7 * 86400, noon) == moment("2026-06-01 08:00")
        assert daily.latest(moment("2026-06-01 08:00"), noon) is None
        assert daily.latest(moment("2026-06-01 07:59"), moment("2026-06-01 08:00")) == moment("2026-06-01 08:00")

    def test_nothing_comes_before_the_start_or_after_the_end(self) -> None:
        dated = in_berlin(hour="8", start_date="2026-03-01", end_date="2026-03-02 23:00:00")
        found = dated.next(moment("2026-01-01 00:00"), 3)
        assert clock(found) == ["03-01 08:00+0100", "03-02 08:00+0100"]
        assert found[2] is None
        assert dated.fields["start_date"] == "2026-03-01T00:00:00+01:00"

    def test_a_schedule_without_fields_never_fires(self) -> None:
        assert in_berlin().next(0.0, 3) == [None, None, None]
        assert in_berlin(month="2", day="31").after(0.0) is None

    def test_fields_below_the_given_ones_are_the_least_and_those_above_are_all(self) -> None:
        fields = in_berlin(hour=8).fields
        assert [fields[name] for name in CRON_FIELDS] == ["*", "*", "*", "*", "*", "8", "0", "0"]
        assert (fields["start_date"], fields["end_date"]) == (None, None)


class TestChecks:
    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("minute", "61"),
            ("minute", "every"),
            ("minute", "*/0"),
            ("minute", ""),
            ("minute", "9" * 5000),
            ("hour", -1),
            ("hour", 1.5),
            ("hour", True),
            ("hour", ["1"]),
            ("day_of_week", "fri-mon"),
            ("month", "13"),
            ("start_date", "soon"),
            ("end_date", "2026-02-30"),
            ("timezone", "Mars/Olympus"),
            ("timezone", "../../etc/passwd"),
            ("timezone", "Europe"),
            ("timezone", ""),
            ("misfire_grace", "8d"),
            ("misfire_grace", "-1"),
            ("misfire_grace", "soon"),
            ("jitter", 5),
            ("minutes", "5"),
        ],
    )
    def test_what_cannot_be_understood_is_refused_by_its_name(self, field: str, value: object) -> None:
        with pytest.raises(InvalidInput, match=rf"^schedule\.{field}: ") as refused:
            check_schedule({"second": "0", field: value})
        assert len(refused.value.message) < 600

    @pytest.mark.parametrize(
        ("field", "value", "remedy"),
        [
            ("minute", "61", "'61' cannot be used; give 0 to 59, `*`, `*/2`, a list, or a range from the lower"),
            ("hour", "9-5", "'9-5' cannot be used; give 0 to 23"),
            ("day_of_week", "someday", "'someday' cannot be used; give 0 to 6 (0 is Monday), mon to sun"),
            ("day", "32", "'32' cannot be used; give 1 to 31, last, a weekday such as `2nd fri`"),
            ("year", "soon", "'soon' cannot be used; give a year such as 2027"),
            ("start_date", "soon", "'soon' cannot be used; give a date such as 2026-03-01"),
        ],
    )
    def test_it_is_said_what_a_field_can_be(self, field: str, value: str, remedy: str) -> None:
        with pytest.raises(BadSchedule, match=rf"^schedule\.{field}: {re.escape(remedy)}"):
            check_schedule({field: value} if field in CRON_FIELDS else {"second": "0", field: value})

    def test_two_faults_are_told_by_the_field_of_the_first(self) -> None:
        with pytest.raises(BadSchedule, match=r"^schedule\.hour: '99'"):
            check_schedule({"hour": "99", "minute": "99"})

    def test_dates_alone_say_nothing_about_how_often(self) -> None:
        with pytest.raises(BadSchedule, match="how often"):
            check_schedule({"end_date": "2026-01-01"})

    @pytest.mark.parametrize("value", [None, [], "daily", 5])
    def test_what_is_no_object_is_refused(self, value: object) -> None:
        with pytest.raises(BadSchedule, match="expected an object"):
            check_schedule(value)

    def test_what_is_left_open_is_left_out_and_numbers_become_text(self) -> None:
        given = {"minute": 5, "hour": None, "misfire_grace": "2h", "timezone": "Europe/Berlin"}
        assert check_schedule(given) == {"minute": "5", "misfire_grace": 7200.0, "timezone": "Europe/Berlin"}


class TestSchedulesThatNeverFire:
    @pytest.mark.parametrize(
        "fields",
        [
            {"year": "9999", "month": "12", "day": "31", "hour": "23", "minute": "59", "second": "59"},
            {"minute": "0", "start_date": "9999-12-31 23:59:59"},
            {"day_of_week": "sun", "week": "53", "month": "3-11", "day": "1-28"},
            {"year": "2020", "minute": "0"},
        ],
    )
    def test_there_is_no_next_time_and_no_long_search_for_one(self, fields: dict[str, str]) -> None:
        never = FireTimes.of(check_schedule(fields))
        assert never.next(moment("2026-11-21 12:00"), 3) == [None, None, None]
        assert never.latest(moment("2026-11-20 12:00"), moment("2026-11-21 12:00")) is None

    def test_a_day_that_comes_every_28_years_is_found(self) -> None:
        rare = in_berlin(month="2", day="29", day_of_week="mon")
        assert clock([rare.after(moment("2024-03-01 00:00"))]) == ["02-29 00:00+0100"]

    def test_what_was_not_found_once_is_looked_for_again_from_an_earlier_time(self) -> None:
        once = in_berlin(year="2026", month="11", day="21")
        assert once.after(moment("2026-11-22 00:00")) is None
        assert once.after(moment("2026-11-20 00:00")) == moment("2026-11-21 00:00")
