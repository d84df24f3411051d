"""Orders of jobs, and marks in them at which the next page begins.

Among the jobs that have a field, numbers come first, then NaN, texts, and all else by how it is written; `descending`
turns each of these round. Jobs without the field are last both ways. Whoever is equal is ordered newest first.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from atlas_core.values import dumps
from atlas_services.rest_api.query.evaluation import Jobs
from atlas_services.rest_api.query.fields import Field
from atlas_services.tracker import Column


@dataclass(frozen=True)
class Term:
    """A field that jobs are ordered by."""

    field: Field
    descending: bool


@dataclass(frozen=True)
class Mark:
    """A place in an order: just behind a job with these values. A value is [] where the job has none."""

    values: Sequence[Sequence[Any]]
    creation_time: float
    row: int


def ordered(rows: Sequence[int], terms: Sequence[Term], jobs: Jobs, mark: Mark | None = None) -> tuple[list[int], int]:
    """Return the rows in their order, and how many of them stand before the mark."""
    columns = [jobs.column(term.field) for term in terms]
    creation = jobs.creation
    found = sorted(rows, reverse=True)
    found.sort(key=creation.numbers.__getitem__, reverse=True)
    if mark is None:
        return _sorted(found, terms, columns), 0
    virtual = jobs.table.count
    before = sum((creation.numbers[row], row) >= (mark.creation_time, mark.row) for row in found)
    found.insert(before, virtual)
    marked = [_with(column, virtual, value) for column, value in zip(columns, mark.values, strict=True)]
    found = _sorted(found, terms, marked)
    start = found.index(virtual)
    del found[start]
    return found, start


def mark_of(row: int, terms: Sequence[Term], jobs: Jobs) -> Mark:
    """Return the place behind the job in a row."""
    columns = [jobs.column(term.field) for term in terms]
    values = [[column.value(row)] if column.has(row) else [] for column in columns]
    return Mark(values, jobs.creation.numbers[row], row)


def _sorted(rows: list[int], terms: Sequence[Term], columns: Sequence[Column]) -> list[int]:
    for term, column in reversed(list(zip(terms, columns, strict=True))):
        rows = _by_column(rows, column, term.descending)
    return rows


def _by_column(rows: Sequence[int], column: Column, descending: bool) -> list[int]:
    """Sort stably: what is equal stays as it is, also when the order is turned round."""
    numbers = column.numbers
    found = [row for row in rows if numbers[row] == numbers[row]]
    found.sort(key=numbers.__getitem__, reverse=descending)
    if len(found) == len(rows):
        return found
    rest = [row for row in rows if numbers[row] != numbers[row]]
    huge = [row for row in rest if _is_whole(column.others.get(row))]
    if huge:
        found = sorted((row for row in rows if row in set(found) | set(huge)), key=column.value, reverse=descending)
    texts = [row for row in rest if isinstance(column.others.get(row), str)]
    others = [row for row in rest if row in column.others and row not in {*huge, *texts}]
    return [
        *found,
        *(row for row in rest if row in column.nans),
        *sorted(texts, key=column.others.__getitem__, reverse=descending),
        *sorted(others, key=lambda row: dumps(column.others[row]), reverse=descending),
        *(row for row in rest if row not in column.nans and row not in column.others),
    ]


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _with(column: Column, row: int, value: Sequence[Any]) -> Column:
    """Return the column with one more row."""
    is_number = bool(value) and (isinstance(value[0], float) or (_is_whole(value[0]) and abs(value[0]) <= 2**53))
    number = float(value[0]) if is_number else float("nan")
    others = column.others if not value or is_number else {**column.others, row: value[0]}
    nans = column.nans | {row} if is_number and number != number else column.nans
    return Column(column.numbers + array("d", [number]), others, nans)
