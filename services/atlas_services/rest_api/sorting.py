"""Orders of jobs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from atlas_core.errors import NotFound
from atlas_services.rest_api.columns import Column, attribute_columns, metric_column, parameter_column
from atlas_services.tracker import JobView

View = TypeVar("View", bound=JobView)

#: What a column's name in a path begins with; the first two mean the same.
_PREFIXES = {"parameters": parameter_column, "input_params": parameter_column, "output_metrics": metric_column}
#: The attributes that a path may name.
_ATTRIBUTES = ("job_id", "user", "status", "start_time", "completed_time", "duration")


def newest_first(views: Sequence[View]) -> list[View]:
    """Return the jobs that started last first; behind them those that have not started, by id, descending."""
    started = [view for view in views if view.record.start_time is not None]
    waiting = [view for view in views if view.record.start_time is None]
    return sorted(started, key=lambda view: view.record.start_time or 0.0, reverse=True) + sorted(
        waiting, key=lambda view: view.record.job_id, reverse=True
    )


def sort_by_names(views: Sequence[View], names: str, columns: Mapping[str, Column]) -> list[View]:
    """Return the jobs ordered by a comma-separated list; a leading `-` means descending.

    A job without a value counts as greater than every other. Unknown names are ignored.
    """
    ordered = list(views)
    for word in reversed(names.split(",")):
        column = columns.get(word.removeprefix("-"))
        if column is not None:
            ordered.sort(key=lambda view: _empty_last(column, view), reverse=word.startswith("-"))
    return ordered


def sort_by_path(views: Sequence[View], name: str, direction: str, time: float) -> list[View]:
    """Return the jobs ordered by one column, such as `duration` or `parameters:lr`; `desc` means descending.

    A job without a value counts as smaller than every other. Raises `NotFound` for what is no column.
    """
    column = _path_column(name, time)
    return sorted(views, key=lambda view: _empty_first(column, view), reverse=direction == "desc")


def _path_column(name: str, time: float) -> Column:
    prefix, colon, rest = name.partition(":")
    if colon and rest and prefix in _PREFIXES:
        return _PREFIXES[prefix](rest)
    if name in _ATTRIBUTES:
        return attribute_columns(time)[name]
    raise NotFound(f"Jobs cannot be sorted by {name!r}.", field="sort")


def _empty_last(column: Column, view: JobView) -> tuple[Any, ...]:
    value = column.value_of(view)
    return (9, view.record.job_id) if value is None else _rank(value)


def _empty_first(column: Column, view: JobView) -> tuple[Any, ...]:
    value = column.value_of(view)
    return (-1,) if value is None else _rank(value)


def _rank(value: Any) -> tuple[Any, ...]:
    """Return what orders values of any types: numbers, then NaN, texts, and the rest by how it is written."""
    if isinstance(value, (int, float)):
        return (1,) if isinstance(value, float) and math.isnan(value) else (0, value)
    return (2, value) if isinstance(value, str) else (3, str(value))
