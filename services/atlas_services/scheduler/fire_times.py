"""When a schedule fires: cron fields in a time zone, as numbers of seconds since the epoch."""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from apscheduler.triggers.cron import CronTrigger

from atlas_core.errors import InvalidInput
from atlas_core.quantities import check_duration

#: The most significant first: what is not given is `*` above the least significant field given, and the least below it.
CRON_FIELDS = ("year", "month", "day", "week", "day_of_week", "hour", "minute", "second")
_DATES = ("start_date", "end_date")
_KNOWN = (*CRON_FIELDS, *_DATES, "timezone", "misfire_grace")
#: Seconds after a fire time at which it may still be made up, unless the schedule says otherwise; and the most it may.
MISFIRE_GRACE = 60.0
LONGEST_GRACE = 7 * 86400.0
#: A schedule is looked ahead so far, so that one which never fires costs no more than others. The 29th of February on a
#: certain day of the week comes every 28 years, and once in a century after 40.
_HORIZON = timedelta(days=41 * 366)
#: Seconds for which it is remembered that no fire time was found.
_MEMORY = 86400.0
_MANY = "`*`, `*/2`, a list, or a range from the lower to the higher"
#: What each field can be.
_REMEDIES = {
    "year": f"give a year such as 2027, {_MANY}",
    "month": f"give 1 to 12, jan to dec, {_MANY}",
    "day": f"give 1 to 31, last, a weekday such as `2nd fri`, {_MANY}",
    "week": f"give 1 to 53, {_MANY}",
    "day_of_week": f"give 0 to 6 (0 is Monday), mon to sun, {_MANY}",
    "hour": f"give 0 to 23, {_MANY}",
    "minute": f"give 0 to 59, {_MANY}",
    "second": f"give 0 to 59, {_MANY}",
    "start_date": "give a date such as 2026-03-01, or 2026-03-01 08:30",
    "end_date": "give a date such as 2026-03-01, or 2026-03-01 08:30",
}
#: A cron field is a few words.
_LONGEST_FIELD = 200


class BadSchedule(InvalidInput):
    """Raised when a schedule cannot be understood."""


def check_schedule(value: object) -> dict[str, Any]:
    """Return a schedule without what it leaves open. Raises `BadSchedule` naming field, value and remedy."""
    if not isinstance(value, Mapping):
        raise BadSchedule(f"schedule: expected an object (key: value), but got {value!r}.", field="schedule")
    checked: dict[str, Any] = {}
    for name, given in value.items():
        if name not in _KNOWN:
            raise _bad(name, f"there is no such field; use {', '.join(_KNOWN)}")
        if given is not None:
            checked[name] = _grace(given) if name == "misfire_grace" else _text(name, given)
    if not any(name in CRON_FIELDS for name in checked) and any(name in checked for name in _DATES):
        raise _bad("schedule", "it says from when or until when, but not how often; give a field such as minute")
    FireTimes.of(checked)
    return checked


class FireTimes:
    """The fire times of a checked schedule. They fall on whole seconds.

    A time that the clock skips in spring comes an hour later on the clock, once. A time that the clock shows twice in
    autumn comes twice.
    """

    def __init__(self, schedule: Mapping[str, Any]) -> None:
        zone = _zone(schedule["timezone"]) if "timezone" in schedule else None
        for name in schedule:  # each alone first, so that an error names its field
            if name in CRON_FIELDS or name in _DATES:
                _trigger(name, zone, {name: schedule[name]})
        given = {name: schedule[name] for name in (*CRON_FIELDS, *_DATES) if name in schedule}
        self._trigger = _trigger("schedule", zone, given)
        self._fires = any(name in CRON_FIELDS for name in schedule)
        self._none_since = math.inf

    @staticmethod
    def of(schedule: Mapping[str, Any]) -> FireTimes:
        """Return the fire times; those of a schedule that was asked for lately are not worked out again."""
        return _known(tuple(sorted(schedule.items())))

    @property
    def fields(self) -> dict[str, str | None]:
        """Every cron field as it counts, and the first and last date."""
        dates = {name: getattr(self._trigger, name) for name in _DATES}
        return {
            **{field.name: str(field) for field in self._trigger.fields},
            **{name: date.isoformat() if date else None for name, date in dates.items()},
        }

    @property
    def timezone(self) -> str:
        """The name of the time zone."""
        return str(self._trigger.timezone)

    def after(self, time: float) -> float | None:
        """Return the first fire time later than `time`; None when there is none any more, or not for decades."""
        if not self._fires or self._none_since <= time < self._none_since + _MEMORY:
            return None
        found = self._search(datetime.fromtimestamp(math.floor(time) + 1, self._trigger.timezone))
        if found is None:
            self._none_since = time
            return None
        return float(math.floor(found.timestamp()))

    def _search(self, start: datetime) -> datetime | None:
        bounded = copy.copy(self._trigger)
        try:
            ahead = max(start, bounded.start_date or start) + _HORIZON
            bounded.end_date = min(ahead, bounded.end_date or ahead)
            found: datetime | None = bounded.get_next_fire_time(None, start)
        except (ValueError, OverflowError, IndexError):  # at the end of the calendar
            return None
        return found

    def next(self, time: float, number: int) -> list[float | None]:
        """Return the next `number` fire times, filled up with None."""
        found: list[float | None] = []
        last: float | None = time
        for _ in range(number):
            last = None if last is None else self.after(last)
            found.append(last)
        return found

    def latest(self, after: float, until: float) -> float | None:
        """Return the last fire time later than `after` and not later than `until`."""
        found = self.after(after)
        if found is None or found > until:
            return None
        high = math.floor(until)
        while found < high:  # half of what is left falls away each time, however many fire times there are
            middle = (math.floor(found) + high) // 2
            later = self.after(middle)
            if later is not None and later <= high:
                found = later
            else:
                high = middle
        return found

    def stamp(self, time: float) -> str:
        """Return what the clock of the time zone shows then, for the id of a run."""
        return datetime.fromtimestamp(time, self._trigger.timezone).strftime("%Y%m%d_%H%M%S")


@lru_cache(maxsize=1024)
def _known(items: tuple[tuple[str, Any], ...]) -> FireTimes:
    return FireTimes(dict(items))


def _trigger(name: str, zone: ZoneInfo | None, fields: Mapping[str, str]) -> CronTrigger:
    try:
        return CronTrigger(timezone=zone, **fields)
    except (ValueError, OverflowError) as error:
        if name in fields:
            raise _bad(name, f"{fields[name]!r} cannot be used; {_REMEDIES[name]}") from error
        raise _bad(name, f"{dict(fields)} do not go together; leave out one of these fields") from error


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:  # unknown; no relative path; a directory of zones
        remedy = "give a name such as Europe/Berlin or UTC"
        raise _bad("timezone", f"{name!r} is no time zone that this machine knows; {remedy}") from error


def _text(name: str, value: object) -> str:
    if isinstance(value, (str, int)) and not isinstance(value, bool) and 0 < len(f"{value}") <= _LONGEST_FIELD:
        return str(value)
    raise _bad(name, f"{str(value)[:_LONGEST_FIELD]!r} cannot be understood; give text such as */5 or a whole number")


def _grace(value: object) -> float:
    seconds = check_duration("schedule.misfire_grace", value)
    if seconds is None or seconds > LONGEST_GRACE:
        raise _bad("misfire_grace", f"{value!r} is too long; give a week at most")
    return seconds


def _bad(name: str, sentence: str) -> BadSchedule:
    field = name if name == "schedule" else f"schedule.{name}"
    return BadSchedule(f"{field}: {sentence}.", field=field)
