"""Numbers that people write into specifications: amounts, counts, durations."""

from __future__ import annotations

import re
import sys

from atlas_core.errors import InvalidSpec

_SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_DURATION = re.compile("".join(rf"(?:(?P<{unit}>\d+(?:\.\d+)?){unit})?" for unit in "dhms"))


def check_amount(name: str, unit: str, value: object) -> float | None:
    """Return `value` as a number greater than zero; None stays None. Raises `InvalidSpec` naming the field."""
    if value is None:
        return None
    number = _number(value)
    if number is None or not 0 < number <= sys.float_info.max:
        raise InvalidSpec(
            f"{name}: {_shown(value)} is no amount; give a number of {unit} greater than zero.", field=name
        )
    return number


def check_count(name: str, what: str, value: object, least: int = 0, most: int | None = None) -> int:
    """Return `value` as a whole number from `least` to `most`. Raises `InvalidSpec` naming the field."""
    if isinstance(value, str):
        try:
            value = int(value)
        except ValueError:
            value = value or "''"
    if isinstance(value, bool) or not isinstance(value, int) or value < least or (most is not None and value > most):
        wanted = f"{least} or more" if most is None else f"{least} to {most}"
        raise InvalidSpec(f"{name}: {value!r} is no {what}; give a whole number, {wanted}.", field=name)
    return value


def check_duration(name: str, value: object) -> float | None:
    """Return a duration in seconds: a number of seconds, or text such as `90s`, `30m`, `1h30m`, `2d`.

    None stays None. Raises `InvalidSpec` naming the field.
    """
    if value is None:
        return None
    seconds = _number(value)
    if seconds is None and isinstance(value, str):
        parts = _DURATION.fullmatch(value.strip().lower())
        found = parts.groupdict(default="") if parts else {}
        seconds = sum(float(text) * _SECONDS[unit] for unit, text in found.items() if text)
    if seconds is None or not 0 < seconds <= sys.float_info.max:
        raise InvalidSpec(
            f"{name}: {_shown(value)} is no duration; give seconds, or text such as 90s, 30m or 1h30m.", field=name
        )
    return seconds


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        return float(value)
    except (ValueError, OverflowError):
        return None


def _shown(value: object) -> str:
    return repr(value) if value != "" else "''"
