"""Sealing jobs that have ended, one after the other."""

from __future__ import annotations

import logging
import tempfile
import uuid
from collections.abc import Iterable
from pathlib import Path

from atlas_core.errors import AtlasError, JobNotFound
from atlas_core.ids import now
from atlas_services.sealing import PARQUET
from atlas_services.sealing.parquet import write_parquet
from atlas_services.sealing.series_file import write_series
from atlas_services.storage import Storage
from atlas_services.tracker import StoredJob, Tracker

_log = logging.getLogger("atlas.sealing")

#: How the names of our own files begin and end.
_BEFORE, _BEHIND = "metrics.", ".series"
#: Seconds for which nobody else seals after a sign of life; writing one job takes no longer.
_TURN = 600.0


class Sealer:
    """Seals jobs of a tracker into a storage. Files are made in `directory`, on the same disk."""

    def __init__(self, tracker: Tracker, storage: Storage, directory: Path) -> None:
        self._tracker = tracker
        self._storage = storage
        self._directory = directory
        self._name = uuid.uuid4().hex

    def seal_due(self, before: float) -> int:
        """Seal the jobs that ended before a time, unless somebody else is at it; returns how many became sealed."""
        if not self._tracker.seals.take_turn(self._name, _TURN):
            return 0
        try:
            return self._seal_all(self._tracker.seals.due(before))
        finally:
            self._tracker.seals.end_turn(self._name)

    def seal(self, job_id: str) -> bool:
        """Seal one job; whether it is sealed now. A job without metrics, or that has not ended, is not.

        Raises `AtlasError` or `OSError` when its files cannot be written.
        """
        try:
            return self._tracker.seals.seal(job_id, self._write) is not None
        finally:
            if self._is_deleted(job_id):  # while its files were written
                self._storage.remove(job_id)

    def _seal_all(self, job_ids: Iterable[str]) -> int:
        count = 0
        for job_id in job_ids:
            if not self._tracker.seals.take_turn(self._name, _TURN):
                break
            try:
                count += self.seal(job_id)
            except (AtlasError, OSError) as error:  # another day there may be room
                _log.warning("job %s: its metrics are not in the archive yet: %s", job_id, error)
                self._tracker.seals.postpone(job_id, now())
        return count

    def _write(self, job: StoredJob) -> str:
        """Write both files; returns the name of ours. Those of an earlier sealing are read by nobody any more."""
        for entry in self._storage.entries(job.job_id):
            if entry.name.startswith(_BEFORE) and entry.name.endswith(_BEHIND):
                self._storage.remove(f"{job.job_id}/{entry.name}")
        name = f"{_BEFORE}{uuid.uuid4().hex[:12]}{_BEHIND}"
        self._directory.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self._directory) as made:
            directory = Path(made)
            with (directory / name).open("wb") as file:
                write_series(job, file)
            write_parquet(job, directory / PARQUET)
            for each in (PARQUET, name):
                self._storage.put(directory / each, f"{job.job_id}/{each}")
        return name

    def _is_deleted(self, job_id: str) -> bool:
        try:
            self._tracker.jobs.get(job_id)
        except JobNotFound:
            return True
        return False
