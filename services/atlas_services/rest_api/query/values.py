"""Values as a filter writes them, checked against the field that they are compared with."""

from __future__ import annotations

import math
from datetime import datetime, timezone
from typing import Any

from atlas_core.errors import InvalidInput
from atlas_core.states import Cause, JobStatus
from atlas_services.rest_api.query.fields import TEXTS, TIMES, Field
from atlas_services.rest_api.query.tokens import Path, Span, Token, refuse

_WORDS: dict[str, Any] = {"true": True, "false": False, "null": None, "nan": math.nan}
_ORDERS = ("<", "<=", ">", ">=")
#: What the values of some fields are one of.
_CHOICES = {
    "status": tuple(status.value for status in JobStatus),
    "cause": tuple(cause.value for cause in Cause),
    "mode": ("scheduled", "execution"),
}


def value_of(field: Field, operator: str, token: Token, time: float) -> Any:
    """Return what a word means as a value of the field; `-7d` counts from `time`. Raises `InvalidInput`."""
    value = _plain(token)
    if operator == "~":
        return _searched(field, token, value)
    if field.kind == "m":
        return _of_kind(token, value, (int, float), "a number")
    if field.kind == "a":
        return _attribute(field, operator, token, value, time)
    if isinstance(value, Span):
        raise _unexpected(token, "a number, a text in quotes, true, false or null")
    if operator in _ORDERS and (value is None or isinstance(value, bool)):
        raise _unexpected(token, "a number or a text in quotes")
    return value


def _plain(token: Token) -> Any:
    if token.kind == "word" and token.text in _WORDS:
        return _WORDS[token.text]
    if token.kind in {"symbol", "end", "word"}:
        written = isinstance(token.value, Path)
        raise _unexpected(token, f'a value; a text stands in quotes: "{token.text}"' if written else "a value")
    return token.value


def _searched(field: Field, token: Token, value: Any) -> str:
    if field.kind == "m" or (field.kind == "a" and field.name not in TEXTS):
        raise refuse("filter", field.position, f"`{field}` holds no text", "another operator than `~`")
    return str(_of_kind(token, value, (str,), "a text in quotes"))


def _attribute(field: Field, operator: str, token: Token, value: Any, time: float) -> Any:
    if field.name in TIMES:
        return _time(token, value, time)
    if field.name == "duration":
        if isinstance(value, Span):
            return value.seconds
        return _of_kind(token, value, (int, float), "a duration such as 90s, 30m or 1h30m")
    choices = _CHOICES.get(field.name)
    _of_kind(token, value, (str,), "a text in quotes")
    if choices and value not in choices:
        raise _unexpected(token, "one of " + ", ".join(f'"{choice}"' for choice in choices))
    if choices and operator in _ORDERS:
        raise refuse("filter", field.position, f"`{field}` has no order", "`==`, `!=`, `~` or `in`")
    return value


def _time(token: Token, value: Any, time: float) -> float:
    expected = 'a time such as "2026-01-31" or "2026-01-31T12:00", or -7d'
    if isinstance(value, Span):
        return time + value.seconds
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value.replace("Z", "+00:00"))
            return (moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).timestamp()
        except (ValueError, OverflowError):
            raise _unexpected(token, expected) from None
    return float(_of_kind(token, value, (int, float), expected))


def _of_kind(token: Token, value: Any, kinds: tuple[type, ...], expected: str) -> Any:
    if isinstance(value, bool) or not isinstance(value, kinds):
        raise _unexpected(token, expected)
    return value


def _unexpected(token: Token, expected: str) -> InvalidInput:
    return refuse("filter", token.position, f"there is {token}", expected)
