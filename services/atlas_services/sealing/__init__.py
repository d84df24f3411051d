"""Sealing: the series of ended jobs go into the archive, for others as Parquet, and for ourselves as they were."""

from __future__ import annotations

#: The file for others, in a job's directory.
PARQUET = "metrics.parquet"
