"""Metrics as Parquet, point by point: of one job, or of many with the job's id before each point."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from atlas_core.records import POINT
from atlas_services.sealing.parquet import SCHEMA, points_table, repeated
from atlas_services.tracker import JobView, Tracker

#: Rows of a row group: short series share one, long ones are cut.
_ROWS = 128 * 1024
#: Points of a series that are read at a time: whole row groups.
_PIECE = 2 * _ROWS
#: Series that are read in one round trip.
_SERIES = 500
_JOB_ID = pa.field("job_id", pa.dictionary(pa.int32(), pa.string()))
#: The columns of a file about many jobs.
SCHEMA_OF_MANY = pa.schema([_JOB_ID, *SCHEMA])


def write_job(tracker: Tracker, job_id: str, out: BinaryIO) -> None:
    """Write all series of a job as far as they have come. Raises `JobNotFound`."""
    tables = _tables(tracker, [tracker.jobs.view(job_id)])
    _write((table.drop_columns(_JOB_ID.name) for table in tables), SCHEMA.with_metadata({"job_id": job_id}), out)


def write_many(tracker: Tracker, jobs: Iterable[JobView], out: BinaryIO) -> None:
    """Write all series of these jobs."""
    _write(_tables(tracker, jobs), SCHEMA_OF_MANY, out)


def _tables(tracker: Tracker, jobs: Iterable[JobView]) -> Iterator[pa.Table]:
    """Yield the points of all jobs. Short series are read together, and make one table; long ones come in pieces."""
    for series, count in _read_together(jobs):
        for start in range(0, count, _PIECE):
            stored = tracker.series.packed(series, start, start + _PIECE)
            table = points_table([(name, *points) for (_, name), points in zip(series, stored, strict=True)])
            counts = [len(packed) // POINT.size for packed, _ in stored]
            table = table.add_column(0, _JOB_ID, repeated([job_id for job_id, _ in series], counts))
            yield from (table.slice(begin, _ROWS) for begin in range(0, len(table), _ROWS))


def _read_together(jobs: Iterable[JobView]) -> Iterator[tuple[list[tuple[str, str]], int]]:
    """Yield lists of series, each its job's id and its name, and how many points they have together.

    A list has `_SERIES`, or fewer that have `_ROWS` points; a series of more than those is alone.
    """
    series: list[tuple[str, str]] = []
    points = 0
    for view in jobs:
        for name, summary in chain(view.metrics.items(), view.system_metrics.items()):
            count = int(summary["count"])
            if series and (points + count > _ROWS or len(series) == _SERIES):
                yield series, points
                series, points = [], 0
            series.append((view.record.job_id, name))
            points += count
    yield series, points


def _write(tables: Iterable[pa.Table], schema: pa.Schema, out: BinaryIO) -> None:
    with pq.ParquetWriter(pa.PythonFile(out, mode="w"), schema, compression="zstd") as writer:
        for group in _groups(tables):
            writer.write_table(pa.concat_tables(group).cast(schema).unify_dictionaries())


def _groups(tables: Iterable[pa.Table]) -> Iterator[list[pa.Table]]:
    group: list[pa.Table] = []
    for table in tables:
        group.append(table)
        if sum(map(len, group)) >= _ROWS:
            yield group
            group = []
    if group:
        yield group
