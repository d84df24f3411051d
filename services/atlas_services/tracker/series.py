"""Metric series: packed points, appended; and a summary, kept as they arrive, so that a table never reads points."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from atlas_core.errors import InvalidInput
from atlas_core.records import FLOAT, INTEGER, NO_STEP, OTHER, POINT, unpack_value
from atlas_core.values import loads
from atlas_services.tracker import keys
from atlas_services.tracker.connection import Client


@dataclass(frozen=True)
class SeriesPoints:
    """Every point of a metric in the order of their times. A step is None where none was given."""

    values: list[Any]
    times: list[float]
    steps: list[int | None]


class Series:
    """The metric series of every job, to read. `tracker.journals` writes them."""

    def __init__(self, client: Client) -> None:
        self._redis = client

    def points(self, job_id: str, name: str) -> SeriesPoints:
        """Return every point of one metric; none when the job has no such metric."""
        return self.of_many([(job_id, name)])[0]

    def of_many(self, wanted: Iterable[tuple[str, str]]) -> list[SeriesPoints]:
        """Return the points of several (job id, metric name), in one round trip."""
        pipe = self._redis.pipeline(transaction=False)
        for job_id, name in wanted:
            pipe.get(keys.points(job_id, name))
            pipe.lrange(keys.values(job_id, name), 0, -1)
        answers = pipe.execute()
        return [_unpack(packed or b"", others) for packed, others in zip(answers[::2], answers[1::2], strict=True)]


def summarize(old: Mapping[str, Any] | None, packed: bytes, others: Sequence[Any]) -> dict[str, Any]:
    """Return the summary of a series after `packed` points were appended to it.

    `others` are the values, by index from `old["others"]` on, of the points that no double holds. Raises `InvalidInput`
    for a time that is none, or an integer or truth value that is none.
    """
    known = 0 if old is None else int(old["others"])
    rows = list(POINT.iter_unpack(packed))
    _check(rows)
    numbers = _finite(rows, others, known)
    first, last = (_value(rows[index], others, known) for index in (0, -1))
    if old is not None and old["min"] is not None:
        numbers += [old["min"], old["max"]]
    return {
        "count": len(rows) + (0 if old is None else old["count"]),
        "first": first if old is None else old["first"],
        "last": last,
        "min": min(numbers, default=None),
        "max": max(numbers, default=None),
        "last_time": rows[-1][1],
        "others": known + len(others),
    }


def _check(rows: list[tuple[Any, ...]]) -> None:
    if not math.isfinite(sum(row[1] for row in rows)):
        raise InvalidInput("A point of the journal has no time.", field="time")
    if not math.isfinite(sum(row[3] for row in rows)):  # one is not, or the sum itself is too large
        for _, _, kind, value in rows:
            if kind != FLOAT and not math.isfinite(value):
                raise InvalidInput(f"A point of the journal holds {value} as a whole number.", field="value")


def _finite(rows: list[tuple[Any, ...]], others: Sequence[Any], known: int) -> list[Any]:
    if not others:
        numbers = [row[3] for row in rows if math.isfinite(row[3])]
        extremes = [min(numbers), max(numbers)] if numbers else []
        return [int(value) for value in extremes] if all(row[2] == INTEGER for row in rows) else extremes
    values = [_value(row, others, known) for row in rows]
    return [value for value in values if isinstance(value, int) or (isinstance(value, float) and math.isfinite(value))]


def _value(row: tuple[Any, ...], others: Sequence[Any], known: int) -> Any:
    _, _, kind, value = row
    return others[int(value) - known] if kind == OTHER else unpack_value(kind, value)


def _unpack(packed: bytes, others: list[bytes]) -> SeriesPoints:
    decoded = [loads(other) for other in others]
    rows = sorted(POINT.iter_unpack(packed), key=lambda row: row[1])
    return SeriesPoints(
        values=[_value(row, decoded, 0) for row in rows],
        times=[row[1] for row in rows],
        steps=[None if row[0] == NO_STEP else row[0] for row in rows],
    )
