"""The index of a project's jobs: what queries ask of all of them, in columns, so that none is read to be passed over.

Each job of a project has a row, which another job gets when it leaves. For each name that any of them has there is a
column of cells, in strings of `CHUNK` rows:

    a:status, a:user, ...    facts of every job        8 bytes
    p:<name>, t:<name>       parameters and tags       8 bytes
    m:<name>                 metrics                  40 bytes: last, min, max, first, count; zeros without any

An 8-byte cell holds a double. What is none (a text, a list, an integer of more than 53 bits) is kept once, and the cell
holds its number inside a NaN. All cells are XORed with `_MISSING`, so that the zeros that Redis puts where nothing was
written mean that there is nothing.

Beside the columns is a version, another after each change: who has worked something out of whole columns may keep it.

The index is written in the same step as what it tells of, by the scripts in `tracker.index_scripts`.
"""

from __future__ import annotations

import math
import struct
import sys
from array import array
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from atlas_core.records import SYSTEM_PREFIX
from atlas_core.values import dumps, loads
from atlas_services.tracker import keys
from atlas_services.tracker.connection import Client
from atlas_services.tracker.index_scripts import METRIC_CELL, READ_COLUMNS, TEXT_MARK

#: The NaN that stands where a job has no value; the one above the number of a text differs in the bits of `TEXT_MARK`.
_MISSING = 0xFFFA000000000000
_MASK = _MISSING.to_bytes(8, "little")
_TEXT = (_MISSING >> 32) ^ TEXT_MARK
#: The bits of a double that are all ones in a NaN, and those of which one is.
_EXPONENT, _FRACTION = 0x7FF0000000000000, 0x000FFFFFFFFFFFFF
_DOUBLE = struct.Struct("<d")
_METRIC = struct.Struct("<5d")
#: Of each metric, in the order of its cell.
STATISTICS = ("last", "min", "max", "first", "count")
#: Integers up to this size are doubles without loss.
_EXACT = 2**53


@dataclass(frozen=True)
class Column:
    """One value for each row. `numbers` has a NaN where there is no number; `others` has what is no double, by row."""

    numbers: array[float]
    others: Mapping[int, Any] = field(default_factory=dict)
    #: Rows in which a NaN was logged, rather than nothing.
    nans: frozenset[int] = frozenset()

    def value(self, row: int) -> Any:
        """Return a job's value, None where it has none."""
        number = self.numbers[row]
        return number if number == number or row in self.nans else self.others.get(row)

    def has(self, row: int) -> bool:
        """Whether the job has a value, be it null."""
        return self.numbers[row] == self.numbers[row] or row in self.nans or row in self.others


@dataclass(frozen=True)
class Table:
    """The columns of a project that were asked for; None for one that no job has a value in."""

    count: int
    columns: Mapping[str, Column | None]
    ids: Mapping[int, str] = field(default_factory=dict)


class Index:
    """The indices of all projects, to read."""

    def __init__(self, client: Client) -> None:
        self._redis = client
        self._read = client.register_script(READ_COLUMNS)

    def is_whole(self) -> bool:
        """Whether every job is in the index."""
        return bool(self._redis.exists(keys.INDEX_WHOLE))

    def read(self, project: str, names: Sequence[str], *, ids: bool = False) -> Table | None:
        """Return columns as they are at one moment, in one round trip; None while the index is not whole.

        A name is as in the index, that of a metric with one of `STATISTICS` before it, as in `max:m:loss`. With
        `ids`, those of all jobs come by their rows.
        """
        wanted = list(dict.fromkeys(_stored(name) for name in names))
        words = [*wanted, *(["rows"] if ids else [])]
        whole, count, *found = self._read(args=[project, *words])
        if not whole:
            return None
        rows = found.pop() if ids else []
        raw = dict(zip(wanted, found, strict=True))
        columns = {name: _column(name, raw[_stored(name)], int(count)) for name in names}
        return Table(int(count), columns, {int(row): job_id.decode() for row, job_id in _pairs(rows)})

    def names(self, project: str) -> dict[str, int]:
        """Return the name of every column, with how many jobs have a value in it."""
        found = self._redis.hgetall(keys.index_fields(project))
        return {name.decode(): int(count) for name, count in sorted(found.items())}

    def tags(self, projects: Sequence[str]) -> list[list[str]]:
        """Return the tags of each project's jobs, those of most jobs first."""
        pipe = self._redis.pipeline(transaction=False)
        for project in projects:
            pipe.hgetall(keys.index_fields(project))
        return [_tags(counts) for counts in pipe.execute()]

    def version(self, project: str) -> bytes | None:
        """Return what is another as soon as the project's index has changed; None if that was not yet noted."""
        version: bytes | None = self._redis.get(keys.index_version(project))
        return version

    def ids(self, project: str, rows: Sequence[int]) -> list[str]:
        """Return the ids of the jobs in these rows; one that has gone meanwhile is left out."""
        found = self._redis.hmget(keys.index_rows(project), rows) if rows else []
        return [job_id.decode() for job_id in found if job_id is not None]

    def row(self, job_id: str, project: str) -> int | None:
        """Return the row of a job of this project."""
        row, own = self._redis.hmget(keys.job(job_id), keys.ROW, "project")
        return int(row) if row is not None and own == project.encode() else None


def _tags(counts: Mapping[bytes, bytes]) -> list[str]:
    found = [(-int(count), name[2:].decode()) for name, count in counts.items() if name.startswith(b"t:")]
    return [name for _, name in sorted(found)]


def value_cells(kind: str, values: Mapping[str, Any]) -> Iterator[tuple[str, str, bytes | str]]:
    """Yield column, kind and value of the cell of each parameter (`p`) or tag (`t`), as the script INDEX takes them."""
    for name, value in values.items():
        if _is_number(value):
            yield f"{kind}:{name}", "c", _masked(_DOUBLE.pack(value))
        else:
            yield f"{kind}:{name}", "t", dumps(value)


def metric_cells(summaries: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, str, bytes]]:
    """Yield the same of the summaries of metrics. Those of the machine are not in the index."""
    for name, summary in summaries.items():
        if not name.startswith(SYSTEM_PREFIX):
            yield f"m:{name}", "c", _METRIC.pack(*(_double(summary[each]) for each in STATISTICS))


def _is_number(value: object) -> bool:
    if isinstance(value, float):
        return True
    return isinstance(value, int) and not isinstance(value, bool) and -_EXACT <= value <= _EXACT


def _double(value: object) -> float:
    """Return the double nearest to a value; NaN for what is no number."""
    if not isinstance(value, (int, float)):
        return math.nan
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def _masked(cells: bytes) -> bytes:
    mask = int.from_bytes(_MASK * (len(cells) // len(_MASK)), "little")
    return (int.from_bytes(cells, "little") ^ mask).to_bytes(len(cells), "little")


def _stored(name: str) -> str:
    """Return the name of the column that holds a column or a statistic of it."""
    statistic, _, rest = name.partition(":")
    return rest if statistic in STATISTICS else name


def _column(name: str, raw: Any, count: int) -> Column | None:
    if raw is None:
        return None
    cells, texts = raw
    if _stored(name) != name:
        return _statistic(name.partition(":")[0], cells, count)
    bits = array("Q", _masked(cells[: count * 8]))
    numbers = array("d", bits.tobytes())
    _native(bits)
    _native(numbers)
    if not texts and math.isfinite(sum(numbers)):  # each job has a number
        return Column(numbers)
    decode = bytes.decode if name.startswith("a:") else loads
    values = {_TEXT << 32 | int(code): decode(text) for code, text in _pairs(texts)}
    others = {row: values[cell] for row, cell in enumerate(bits) if cell in values}
    return Column(numbers, others, _nans(bits, values))


def _nans(bits: array[int], texts: Container[int]) -> frozenset[int]:
    """Return the rows in which a NaN was logged. Most columns have none, which their different cells tell."""
    logged = {cell for cell in set(bits) if _is_nan(cell) and cell != _MISSING and cell not in texts}
    return frozenset(row for row, cell in enumerate(bits) if cell in logged) if logged else frozenset()


def _is_nan(cell: int) -> bool:
    return cell & _EXPONENT == _EXPONENT and cell & _FRACTION != 0


def _statistic(statistic: str, cells: bytes, count: int) -> Column:
    size = METRIC_CELL // 8
    whole = array("d", cells[: count * METRIC_CELL])
    _native(whole)
    numbers, counts = whole[STATISTICS.index(statistic) :: size], whole[STATISTICS.index("count") :: size]
    if all(counts) and math.isfinite(sum(numbers)):
        return Column(numbers)
    if not all(counts):
        numbers = array("d", (number if known else math.nan for number, known in zip(numbers, counts, strict=True)))
    nans = {row for row, number in enumerate(numbers) if number != number and counts[row]}
    return Column(numbers, {}, frozenset(nans))


def _native(cells: array[Any]) -> None:
    if sys.byteorder == "big":
        cells.byteswap()


def _pairs(flat: Sequence[bytes]) -> Iterable[tuple[bytes, bytes]]:
    return zip(flat[::2], flat[1::2], strict=True)
