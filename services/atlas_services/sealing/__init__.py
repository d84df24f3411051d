"""Sealing: the series of ended jobs go into the archive, for others as Parquet, and for ourselves as they were."""
