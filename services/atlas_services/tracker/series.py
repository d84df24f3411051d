"""Metric series: packed points, appended; and a summary, kept as they arrive, so that a table never reads points.

A point's place follows from how many the summary counts before it, and what lies behind the last that it counts is
none: it was begun and not finished, and the next points are written over it. `tracker.chunks` says where places are.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter, le
from typing import Any, NamedTuple, TypeAlias

from atlas_core.errors import InvalidInput
from atlas_core.records import FLOAT, INTEGER, NO_STEP, OTHER, POINT, unpack_value
from atlas_core.values import loads
from atlas_services.tracker import keys, ordered
from atlas_services.tracker.chunks import StoredPoints
from atlas_services.tracker.connection import Client
from atlas_services.tracker.sources import NoSealedFiles, SealedFiles

#: Points that a series may have and stay in Redis when its job is sealed: they take little more room than its summary.
SHORT = 16
#: Times that a series is read again that becomes sealed, or is opened, while it is read.
_READS = 3
#: How a summary begins, and how it ends where a double holds each value.
_COUNT, _ALL_PLAIN = b'{"count":', b'"others":0}'
#: What is counted of a series that there is not.
_NONE = {"count": 0, "others": 0}
#: A series as it is stored: packed points, as many as were asked for or fewer, and the values that no double holds.
_Stored: TypeAlias = tuple[int, bytes, list[bytes]]


@dataclass(frozen=True)
class SeriesPoints:
    """Every point of a metric in the order of their times. A step is None where none was given."""

    values: list[Any]
    times: list[float]
    steps: list[int | None]


class SeriesRow(NamedTuple):
    """One point. The step is None where none was given."""

    step: int | None
    time: float
    value: Any


class Series:
    """The metric series of every job, to read. `tracker.journals` writes them."""

    def __init__(self, client: Client, files: SealedFiles | None = None) -> None:
        self._redis = client
        self._files = files or NoSealedFiles()

    def points(self, job_id: str, name: str) -> SeriesPoints:
        """Return every point of one metric; none when the job has no such metric."""
        return self.of_many([(job_id, name)])[0]

    def rows(self, job_id: str, name: str) -> Iterator[SeriesRow]:
        """Yield the points of one metric in the order of their times, each unpacked when its turn comes."""
        ((packed, others),) = self.packed([(job_id, name)])
        decoded = [loads(other) for other in others]
        rows: Iterable[tuple[Any, ...]] = POINT.iter_unpack(packed)
        if not _ascends(packed):
            rows = sorted(rows, key=itemgetter(1))
        for row in rows:
            yield SeriesRow(_step(row), row[1], _value(row, decoded, 0))

    def of_many(self, wanted: Iterable[tuple[str, str]]) -> list[SeriesPoints]:
        """Return the points of several (job id, metric name). Takes and raises what `packed` does."""
        return [_unpack(packed, others) for packed, others in self.packed(wanted)]

    def packed(
        self, wanted: Iterable[tuple[str, str]], start: int = 0, stop: int | None = None
    ) -> list[tuple[bytes, list[bytes]]]:
        """Return the packed points of several (job id, metric name), and the JSON values that no double holds.

        That takes two round trips; those of sealed jobs are read from their files. The points from `start` to `stop`
        come alone, with all values. Raises `NotFound` if such a file is lost.
        """
        series = list(wanted)
        found = self._stored(series, start, stop)
        for _ in range(_READS):
            missing = [place for place, stored in enumerate(found) if _is_cut(stored)]
            again = [series[place] for place in missing]
            for place, stored in zip(missing, self._sealed(again, start, stop), strict=True):
                found[place] = stored
        return [(packed, others) for _, packed, others in found]

    def _stored(self, series: Sequence[tuple[str, str]], start: int, stop: int | None) -> list[_Stored]:
        """Return what Redis has of them. Those of a job that is sealed at this moment may be short."""
        pipe = self._redis.pipeline(transaction=False)
        for job_id, name in series:
            pipe.hget(keys.metrics(job_id), name)  # first: what it counts is there when the points are read
        summaries = [_NONE if stored is None else ordered.decode(stored) for stored in pipe.execute()]
        asked = []
        for (job_id, name), summary in zip(series, summaries, strict=True):
            count, others = int(summary["count"]), int(summary["others"])
            begin, end = _between(count, start, stop)
            asked.append((end - begin, StoredPoints(job_id, name, count).ask(pipe, begin, end), others))
            if others:
                pipe.lrange(keys.values(job_id, name), 0, -1)
        answers = iter(pipe.execute())
        return [(count, take(answers), next(answers) if others else []) for count, take, others in asked]

    def _sealed(self, series: Sequence[tuple[str, str]], start: int, stop: int | None) -> list[_Stored]:
        """Return series of which Redis seemed to have a part, from the archive where they are sealed."""
        if not series:
            return []
        stored = self._stored(series, start, stop)
        pipe = self._redis.pipeline(transaction=False)
        for job_id, _ in series:
            pipe.hget(keys.job(job_id), keys.SEALED)
        found = []
        for (job_id, name), file, (count, packed, others) in zip(series, pipe.execute(), stored, strict=True):
            if file is not None:
                packed = self._files.points(job_id, file.decode(), name, start, start + count)
                others = self._files.others(job_id, file.decode(), name)
            found.append((count, packed, others))
        return found


def _between(count: int, start: int, stop: int | None) -> tuple[int, int]:
    """Return from where and up to where points are read of a series of so many."""
    end = count if stop is None else min(count, stop)
    return min(start, end), end


def points_of(summary: bytes) -> int:
    """Return how many points a stored summary counts, without decoding it: it says so first."""
    if summary.startswith(_COUNT):
        return int(summary[len(_COUNT) : summary.index(b",")])
    return int(loads(summary)["count"])


def is_plain(summary: bytes) -> bool:
    """Whether a double holds each value of the series of a stored summary; it says so last."""
    return summary.startswith(_COUNT) and summary.endswith(_ALL_PLAIN)


def is_short(summary: Mapping[str, Any]) -> bool:
    """Whether the points of a series stay in Redis when its job is sealed."""
    return int(summary["count"]) <= SHORT


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


def _is_cut(stored: _Stored) -> bool:
    count, packed, _ = stored
    return len(packed) < count * POINT.size


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


def _ascends(packed: bytes) -> bool:
    """Whether the points were logged in the order of their times, as most are."""
    times = (row[1] for row in POINT.iter_unpack(packed))
    following = (row[1] for row in POINT.iter_unpack(packed[POINT.size :]))
    return all(map(le, times, following))


def _step(row: tuple[Any, ...]) -> int | None:
    return None if row[0] == NO_STEP else row[0]


def _unpack(packed: bytes, others: list[bytes]) -> SeriesPoints:
    decoded = [loads(other) for other in others]
    rows = sorted(POINT.iter_unpack(packed), key=lambda row: row[1])
    return SeriesPoints(
        values=[_value(row, decoded, 0) for row in rows],
        times=[row[1] for row in rows],
        steps=[_step(row) for row in rows],
    )
