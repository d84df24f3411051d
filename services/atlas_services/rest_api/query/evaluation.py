"""Which jobs a condition holds for, asked of whole columns at once."""

from __future__ import annotations

import operator
from array import array
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import compress
from typing import Any

from atlas_core.states import JobStatus
from atlas_core.values import dumps
from atlas_services.rest_api.query.conditions import Comparison, Condition, Every, Exists, Membership, Not, Some
from atlas_services.rest_api.query.fields import Field
from atlas_services.tracker import Column, Table

_ORDERS: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_NAN = float("nan")
#: The columns from which `duration` is worked out.
DURATION_COLUMNS = ("a:start_time", "a:completed_time", "a:status")
_FINISHED = frozenset(status.value for status in JobStatus if status.is_finished)


@dataclass(frozen=True)
class Jobs:
    """The jobs of a project as the index knows them at `time`."""

    project: str
    table: Table
    time: float

    @property
    def rows(self) -> list[int]:
        """The rows that hold a job."""
        return [row for row, time in enumerate(self.creation.numbers) if time == time]

    @property
    def creation(self) -> Column:
        """When each job was made."""
        return self.table.columns["a:creation_time"] or Column(self._nothing())

    def column(self, field: Field) -> Column:
        """Return the values of a field, one for each row."""
        if field.kind == "a" and field.name == "project":
            return Column(self._nothing(), dict.fromkeys(self.rows, self.project))
        if field.kind == "a" and field.name == "job_id":
            return Column(self._nothing(), dict(self.table.ids))
        if field.kind == "a" and field.name == "duration":
            return self._durations()
        return self.table.columns[field.column] or Column(self._nothing())

    def _nothing(self) -> array[float]:
        return array("d", [_NAN]) * self.table.count

    def _durations(self) -> Column:
        start, end, status = (self.table.columns[name] for name in DURATION_COLUMNS)
        numbers = self._nothing()
        if start is None or status is None:
            return Column(numbers)
        ends = end.numbers if end else numbers
        for row, began in enumerate(start.numbers):
            ended = ends[row]
            if ended == ended:
                numbers[row] = max(0.0, ended - began) if began == began else _NAN
            elif began == began and status.others.get(row) not in _FINISHED:
                numbers[row] = max(0.0, self.time - began)
        return Column(numbers)


def matching(condition: Condition | None, jobs: Jobs) -> list[int]:
    """Return the rows of the jobs for which the condition holds."""
    if condition is None:
        return jobs.rows
    present = _present(jobs.creation)
    return list(compress(range(len(present)), _combined(int.__and__, (present, _mask(condition, jobs)))))


def _mask(condition: Condition, jobs: Jobs) -> bytes:
    """Return for each row whether the condition holds, as bytes of 0 and 1."""
    if isinstance(condition, Every):
        return _combined(int.__and__, (_mask(part, jobs) for part in condition.parts))
    if isinstance(condition, Some):
        return _combined(int.__or__, (_mask(part, jobs) for part in condition.parts))
    if isinstance(condition, Not):
        return _inverse(_mask(condition.part, jobs))
    column = jobs.column(condition.field)
    if isinstance(condition, Exists):
        return _present(column)
    if isinstance(condition, Membership):
        return _combined(int.__or__, (_equal(column, value) for value in condition.values))
    return _compared(condition, column)


def _compared(comparison: Comparison, column: Column) -> bytes:
    value = comparison.value
    if comparison.operator == "==":
        return _equal(column, value)
    if comparison.operator == "!=":
        return _combined(int.__and__, (_present(column), _inverse(_equal(column, value))))
    if comparison.operator == "~":
        return _containing(column, value.lower())
    test = _ORDERS[comparison.operator]
    mask = _numbers(column, test, value)
    for row, other in column.others.items():
        mask[row] = _is_alike(other, value) and test(other, value)
    return bytes(mask)


def _equal(column: Column, value: Any) -> bytes:
    mask = _numbers(column, operator.eq, value)
    if value != value:
        for row in column.nans:
            mask[row] = 1
    kind = type(value)
    for row, other in column.others.items():
        if other == value:
            mask[row] = type(other) is kind or _is_alike(other, value)
    return bytes(mask)


def _numbers(column: Column, test: Callable[[Any, Any], bool], value: Any) -> bytearray:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return bytearray(len(column.numbers))
    return bytearray([test(number, value) for number in column.numbers])


def _containing(column: Column, text: str) -> bytes:
    mask = bytearray(text in written(number).lower() if number == number else 0 for number in column.numbers)
    for row in column.nans:
        mask[row] = text in "nan"
    for row, other in column.others.items():
        mask[row] = text in written(other).lower()
    return bytes(mask)


def written(value: Any) -> str:
    """Return a value as text: a text itself, a whole number without a fraction, anything else as JSON."""
    if isinstance(value, str):
        return value
    return str(int(value)) if isinstance(value, float) and value.is_integer() else dumps(value)


def _present(column: Column) -> bytes:
    mask = bytearray([number == number for number in column.numbers])
    for rows in (column.nans, column.others):
        for row in rows:
            mask[row] = 1
    return bytes(mask)


def _is_alike(one: Any, other: Any) -> bool:
    """Whether two values can be compared: numbers, texts, or the same words."""
    if isinstance(one, bool) or isinstance(other, bool):
        return isinstance(one, bool) and isinstance(other, bool)
    if isinstance(one, (int, float)):
        return isinstance(other, (int, float))
    return type(one) is type(other)


def _combined(join: Callable[[int, int], int], masks: Iterable[bytes]) -> bytes:
    first, *rest = masks
    joined = int.from_bytes(first, "little")
    for mask in rest:
        joined = join(joined, int.from_bytes(mask, "little"))
    return joined.to_bytes(len(first), "little")


def _inverse(mask: bytes) -> bytes:
    return _combined(int.__xor__, (mask, b"\x01" * len(mask)))
