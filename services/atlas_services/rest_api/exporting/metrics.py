"""Metrics as Parquet, point by point: of one job, or of many with the job's id before each point."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from atlas_services.sealing.parquet import SCHEMA, points_table
from atlas_services.tracker import Tracker

#: Rows of a row group: short series share one, long ones are cut.
_ROWS = 128 * 1024
_JOB_ID = pa.field("job_id", pa.dictionary(pa.int32(), pa.string()))
#: The columns of a file about many jobs.
SCHEMA_OF_MANY = pa.schema([_JOB_ID, *SCHEMA])


def write_job(tracker: Tracker, job_id: str, out: BinaryIO) -> None:
    """Write all series of a job as far as they have come. Raises `JobNotFound`."""
    view = tracker.jobs.view(job_id)
    names = [*view.metrics, *view.system_metrics]
    _write(_tables(tracker, job_id, names), SCHEMA.with_metadata({"job_id": job_id}), out)


def write_many(tracker: Tracker, jobs: Iterable[tuple[str, list[str]]], out: BinaryIO) -> None:
    """Write these series of these jobs."""
    tables = (
        table.add_column(0, _JOB_ID, pa.DictionaryArray.from_arrays(pa.array([0] * len(table), pa.int32()), [job_id]))
        for job_id, names in jobs
        for table in _tables(tracker, job_id, names)
    )
    _write(tables, SCHEMA_OF_MANY, out)


def _tables(tracker: Tracker, job_id: str, names: list[str]) -> Iterator[pa.Table]:
    for name in names:
        ((packed, others),) = tracker.series.packed([(job_id, name)])
        table = points_table(name, packed, others)
        yield from (table.slice(start, _ROWS) for start in range(0, len(table), _ROWS))


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
