"""The five fields of cron, as people write them, and the fields of a schedule, as the scheduler takes them."""

from __future__ import annotations

from collections.abc import Mapping

from atlas_core.errors import InvalidInput

_ALIASES = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
_FIELDS = ("minute", "hour", "day", "month", "day_of_week")
#: By cron's numbers, in which Sunday is both 0 and 7.
_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat", "sun")
_REMEDY = "write five fields, such as `*/5 * * * *` (minute, hour, day, month, weekday), or one of"


def schedule_of(text: str) -> dict[str, str]:
    """Return the fields of a schedule for a line of cron: five fields, or an alias such as `@daily`.

    Raises `InvalidInput`. What stands in the fields other than the weekday is checked by the scheduler.
    """
    words = _ALIASES.get(text.strip().lower(), text).split()
    if len(words) != len(_FIELDS):
        raise InvalidInput(f"cron: {text!r} has not five fields; {_REMEDY} {', '.join(_ALIASES)}.", field="cron")
    fields = dict(zip(_FIELDS, words))
    if not any(fields[name].startswith("*") for name in ("day", "day_of_week")):
        raise InvalidInput(
            f"cron: {text!r} names both days and weekdays; make a schedule for each of the two.", field="cron"
        )
    return {**fields, "day_of_week": _weekdays(fields["day_of_week"])}


def text_of(schedule: Mapping[str, str | None]) -> str:
    """Return a schedule in few words: as five fields of cron if it can be, else by the fields that say something."""
    if schedule.get("second") == "0" and schedule.get("year") == schedule.get("week") == "*":
        return " ".join(str(schedule.get(name)) for name in _FIELDS)
    named = (f"{name}={schedule.get(name)}" for name in ("year", "week", *reversed(_FIELDS), "second"))
    return " ".join(part for part in named if not part.endswith("=*")) or "second=*"


def _weekdays(text: str) -> str:
    """Return a weekday field by names: the scheduler's numbers begin on Monday, those of cron on Sunday."""
    if text in {"*", "?"}:
        return "*"
    days = {day for part in text.split(",") for day in _days(part, text)}
    week = _WEEKDAYS[1:]
    if len(days) == len(week):
        return "*"
    named = [day for day in week if day in days]
    first, last = week.index(named[0]), week.index(named[-1])
    whole_span = 2 < len(named) == last - first + 1
    return f"{named[0]}-{named[-1]}" if whole_span else ",".join(named)


def _days(part: str, whole: str) -> list[str]:
    span, slash, step = part.partition("/")
    first, dash, last = span.partition("-")
    if span == "*":
        start, end = 0, 6
    else:
        start = _number(first, whole)
        end = _number(last, whole) if dash else (6 if slash else start)
    if dash and end < start:
        end += 7  # such as fri-mon
    if slash and not (step.isdigit() and int(step)):
        raise _bad(whole)
    return [_WEEKDAYS[number % 7] for number in range(start, end + 1, int(step) if slash else 1)]


def _number(word: str, whole: str) -> int:
    name = word.lower()
    if name in _WEEKDAYS:
        return _WEEKDAYS.index(name)
    if name.isascii() and name.isdigit() and int(name) < len(_WEEKDAYS):
        return int(name)
    raise _bad(whole)


def _bad(text: str) -> InvalidInput:
    return InvalidInput(
        f"cron: {text!r} is no weekday; write 0 to 7 (0 and 7 are Sunday), sun to sat, or a list or range of these.",
        field="cron",
    )
