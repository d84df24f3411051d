"""Filters of job listings: `status=failed`, `loss_starts=0&loss_ends=1`, `user_contains=ann`, `f1_isnull=true`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timezone
from typing import Any, TypeVar

from atlas_core.errors import InvalidInput
from atlas_services.rest_api.columns import Column, Kind
from atlas_services.tracker import JobView

_SUFFIXES = ("_starts", "_ends", "_contains", "_isnull")
_TIME = "%m_%d_%Y_%H_%M"
_DURATION = re.compile(r"(\d{1,9})_(\d{1,9})_(\d{1,9})_(\d{1,9})")

Test = Callable[[Any], bool]
View = TypeVar("View", bound=JobView)


def filter_jobs(views: Sequence[View], query: Mapping[str, str], columns: Mapping[str, Column]) -> list[View]:
    """Return the jobs that pass every filter of a query. Names that are no column are ignored.

    Raises `InvalidInput` for a time or duration that cannot be read.
    """
    tests = [test for key, text in query.items() for test in _tests(key, text, query, columns)]
    return [view for view in views if all(test(column.value_of(view)) for column, test in tests)]


def _tests(key: str, text: str, query: Mapping[str, str], columns: Mapping[str, Column]) -> list[tuple[Column, Test]]:
    """Return the tests that one key of the query stands for: none, or one."""
    suffix = next((each for each in _SUFFIXES if key.endswith(each)), "")
    column = columns.get(key.removesuffix(suffix))
    if column is None:
        return []
    if suffix == "_starts":
        end_key = f"{key.removesuffix(suffix)}_ends"
        return [(column, _range(column.kind, key, end_key, query))] if end_key in query else []
    if suffix == "_contains":
        return [(column, lambda value: value is not None and text.lower() in str(value).lower())]
    if suffix == "_isnull":
        wanted = {"true": True, "false": False}.get(text.lower())
        return [] if wanted is None else [(column, lambda value: (value is None) == wanted)]
    return [] if suffix else [(column, _exact(column.kind, key, text))]


def _range(kind: Kind, start_key: str, end_key: str, query: Mapping[str, str]) -> Test:
    start, end = (_parse(kind, key, query[key]) for key in (start_key, end_key))

    def within(value: Any) -> bool:
        if isinstance(value, (int, float)) and isinstance(start, float) and isinstance(end, float):
            return start <= value <= end
        return isinstance(value, str) and str(query[start_key]) <= value <= str(query[end_key])

    return within


def _exact(kind: Kind, key: str, text: str) -> Test:
    words = text.split(",")
    wanted = [_parse(kind, key, word) for word in words]

    def equal(value: Any) -> bool:
        if isinstance(value, bool):
            return str(value).lower() in {word.lower() for word in words}
        if isinstance(value, (int, float)):
            return str(value) in words or _truncated(kind, value) in wanted
        return value is not None and str(value) in words

    return equal


def _truncated(kind: Kind, value: float) -> float:
    """Return a value to the precision in which queries can write it: minutes of a time, seconds of a duration."""
    if kind is Kind.TIME:
        return value // 60 * 60
    return value // 1 if kind is Kind.DURATION else value


def _parse(kind: Kind, key: str, text: str) -> float | str:
    """Return the number that `text` means in a column of this kind, or the text itself if it is a plain text."""
    if kind is Kind.TIME:
        return _parse_time(key, text)
    if kind is Kind.DURATION:
        return _parse_duration(key, text)
    try:
        return float(text)
    except ValueError:
        return text


def _parse_time(key: str, text: str) -> float:
    try:
        return datetime.strptime(text, _TIME).replace(tzinfo=timezone.utc).timestamp()
    except ValueError as error:
        raise InvalidInput(f"{key}: {text!r} is no time; write it as MM_DD_YYYY_HH_MM, in UTC.", field=key) from error


def _parse_duration(key: str, text: str) -> float:
    match = _DURATION.fullmatch(text)
    if match is None:
        raise InvalidInput(
            f"{key}: {text!r} is no duration; write it as days_hours_minutes_seconds, such as 0_1_30_0.", field=key
        )
    days, hours, minutes, seconds = map(int, match.groups())
    return float(((days * 24 + hours) * 60 + minutes) * 60 + seconds)
