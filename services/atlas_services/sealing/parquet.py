"""The series of a job as a Parquet file, for pandas, DuckDB, Spark and whatever else reads it.

One row a point, series by series, each in the order in which it was logged: `key`, `step` (null where none was given),
`time` in seconds since the epoch, `value` as a double, and `other`: the JSON of a value that no double holds, for which
`value` is null.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from itertools import accumulate
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from atlas_core.records import NO_STEP, OTHER, POINT
from atlas_services.tracker import StoredJob

#: Rows of a row group.
_ROWS = 128 * 1024
_INDEX, _PLACE = struct.Struct("<i"), struct.Struct("<q")
_FIELDS = {"step": (0, 8), "time": (8, 16), "kind": (16, 17), "value": (17, 25)}
SCHEMA = pa.schema(
    [
        ("key", pa.dictionary(pa.int32(), pa.string())),
        ("step", pa.int64()),
        ("time", pa.float64()),
        ("value", pa.float64()),
        ("other", pa.string()),
    ]
)


def write_parquet(job: StoredJob, path: Path) -> None:
    """Write all series of a job."""
    schema = SCHEMA.with_metadata({"job_id": job.job_id, "project": job.project})
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for group in _groups(job):
            writer.write_table(pa.concat_tables(group).cast(schema).unify_dictionaries())


def points_table(series: Sequence[tuple[str, bytes, Sequence[bytes]]]) -> pa.Table:
    """Return several series as one table: the name of each, its packed points, and what of them no double holds."""
    counts = [len(points) // POINT.size for _, points, _ in series]
    packed = b"".join(points for _, points, _ in series)
    kinds, values = _column(packed, "kind", pa.uint8()), _column(packed, "value", pa.float64())
    is_other = pc.equal(kinds, OTHER)
    steps = _column(packed, "step", pa.int64())
    others = [value.decode() for _, _, each in series for value in each]
    columns = {
        "key": repeated([name for name, _, _ in series], counts),
        "step": pc.if_else(pc.equal(steps, NO_STEP), None, steps),
        "time": _column(packed, "time", pa.float64()),
        "value": pc.if_else(is_other, None, values),
        "other": _others(values, is_other, others, _begins(series, counts))
        if others
        else pa.nulls(len(kinds), pa.string()),
    }
    return pa.table(columns, schema=SCHEMA)


def repeated(words: Sequence[str], counts: Sequence[int]) -> pa.Array:
    """Return a column with each of these words as many times as its count says."""
    places = {word: place for place, word in enumerate(dict.fromkeys(words))}
    indices = b"".join(_INDEX.pack(places[word]) * count for word, count in zip(words, counts, strict=True))
    column = pa.Array.from_buffers(pa.int32(), sum(counts), [None, pa.py_buffer(indices)])
    return pa.DictionaryArray.from_arrays(column, pa.array(places, pa.string()))


def _groups(job: StoredJob) -> Iterator[list[pa.Table]]:
    """Yield the tables of each row group: short series share one."""
    group: list[pa.Table] = []
    for name in job.counts:
        others = job.others(name)
        for packed in job.points(name):
            table = points_table([(name, packed, others)])
            for start in range(0, len(table), _ROWS):
                group.append(table.slice(start, _ROWS))
                if sum(map(len, group)) >= _ROWS:
                    yield group
                    group = []
    if group:
        yield group


def _column(packed: bytes, field: str, kind: pa.DataType) -> pa.Array:
    """Return one field of all points: byte by byte, each of them with one copy for all points."""
    first, last = _FIELDS[field]
    width = last - first
    count = len(packed) // POINT.size
    column = bytearray(count * width)
    for place in range(width):
        column[place::width] = packed[first + place :: POINT.size]
    return pa.Array.from_buffers(kind, count, [None, pa.py_buffer(column)])


def _begins(series: Sequence[tuple[str, bytes, Sequence[bytes]]], counts: Sequence[int]) -> pa.Array:
    """Return for each point where the values of its series that no double holds begin among those of all."""
    begins = accumulate((len(others) for _, _, others in series), initial=0)
    data = b"".join(_PLACE.pack(begin) * count for begin, count in zip(begins, counts, strict=False))
    return pa.Array.from_buffers(pa.int64(), sum(counts), [None, pa.py_buffer(data)])


def _others(values: pa.Array, is_other: pa.Array, others: Sequence[str], begins: pa.Array) -> pa.Array:
    places = pc.if_else(is_other, values, None).cast(pa.int64())
    return pa.array(others, pa.string()).take(pc.add(places, begins))
