"""Times, durations and counts in sentences for people."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime, timezone

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
#: So many things are named before the rest is only counted.
_NAMED = 3
#: Nobody plans further ahead: a later moment is as good as none, and not every calendar has it.
_HORIZON = 100 * 365 * _DAY


def is_known(moment: float | None, now: float) -> bool:
    """Whether a moment to come is known, and not so far away that it says nothing."""
    return moment is not None and moment - now < _HORIZON


def at(moment: float, now: float) -> str:
    """Return the minute of a moment, such as `14:05 UTC`; with its date when that is not today's."""
    then, today = (datetime.fromtimestamp(time, timezone.utc) for time in (moment, now))
    date = "" if then.date() == today.date() else f"{then.day} {then:%B} "
    year = "" if then.year == today.year else f"{then.year} "
    return f"{date}{year}{then:%H:%M} UTC"


def by(moment: float, now: float) -> str:
    """Return the minute before whose end a moment has passed, such as `14:06 UTC`."""
    return at(math.ceil(max(moment, now) / _MINUTE) * _MINUTE, now)


def duration(seconds: float) -> str:
    """Return a duration in its largest units, such as `90 s`, `5 min`, `2 h 5 min`, `3 d`."""
    if seconds < 2 * _MINUTE:
        return f"{round(seconds, 1):g} s"
    for unit, name, part, part_name in ((_DAY, "d", _HOUR, "h"), (_HOUR, "h", _MINUTE, "min")):
        if seconds >= unit:
            whole, rest = divmod(int(seconds), unit)
            return f"{whole} {name} {rest // part} {part_name}" if rest >= part else f"{whole} {name}"
    return f"{int(seconds) // _MINUTE} min"


def count(number: float, noun: str) -> str:
    """Return `1 job`, `2 jobs`."""
    return f"{number:g} {noun}{'' if number == 1 else 's'}"


def listed(words: Sequence[str]) -> str:
    """Return `a`, `a and b`, `a, b and c`."""
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def named(words: Sequence[str]) -> str:
    """As `listed`; of a long list the first ones, and how many more there are."""
    if len(words) <= _NAMED + 1:
        return listed(words)
    return listed([*words[:_NAMED], f"{len(words) - _NAMED} more"])
