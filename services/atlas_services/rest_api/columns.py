"""What jobs can be filtered and sorted by."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from atlas_services.rest_api.description import seconds_of
from atlas_services.rest_api.listing import status_text
from atlas_services.tracker import JobView


class Kind(Enum):
    """How the values of a column are written in a query."""

    VALUE = "value"
    TIME = "time"
    DURATION = "duration"


@dataclass(frozen=True)
class Column:
    """One column: `value_of` returns a job's value, None where it has none."""

    kind: Kind
    value_of: Callable[[JobView], Any]


def attribute_columns(time: float) -> dict[str, Column]:
    """Return the columns that every job has, as of `time`."""
    return {
        "job_id": Column(Kind.VALUE, lambda view: view.record.job_id),
        "user": Column(Kind.VALUE, lambda view: view.record.user or None),
        "project": Column(Kind.VALUE, lambda view: view.record.project),
        "status": Column(Kind.VALUE, lambda view: status_text(view.record.status)),
        "creation_time": Column(Kind.VALUE, lambda view: view.record.creation_time),
        "start_time": Column(Kind.TIME, lambda view: view.record.start_time),
        "completed_time": Column(Kind.TIME, lambda view: view.record.completed_time),
        "duration": Column(Kind.DURATION, lambda view: seconds_of(view.record, time)),
    }


def parameter_column(name: str) -> Column:
    """Return the column of a parameter."""
    return Column(Kind.VALUE, lambda view: view.params.get(name))


def metric_column(name: str) -> Column:
    """Return the column of a metric: its last value."""
    return Column(Kind.VALUE, lambda view: view.metrics[name]["last"] if name in view.metrics else None)


def all_columns(views: Iterable[JobView], time: float) -> dict[str, Column]:
    """Return every column of these jobs by its bare name: an attribute hides a parameter, a parameter a metric."""
    jobs = list(views)
    metrics = dict.fromkeys(name for view in jobs for name in view.metrics)
    parameters = dict.fromkeys(name for view in jobs for name in view.params)
    return {
        **{name: metric_column(name) for name in metrics},
        **{name: parameter_column(name) for name in parameters},
        **attribute_columns(time),
    }
