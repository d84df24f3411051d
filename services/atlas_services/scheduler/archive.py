"""The archive of jobs, as far as the scheduler writes it: the working directory at the end, and the log."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from atlas_core.errors import AtlasError
from atlas_core.ids import check_job_id
from atlas_services.storage import Storage
from atlas_services.storage.packing import Member
from atlas_services.storage.trees import walk

_log = logging.getLogger("atlas.scheduler")


_LOG = "logs/output.log"


class Archive:
    """The directory that holds one directory a job, and the object store to which files of ended jobs move, if any."""

    def __init__(self, root: Path, remote: Storage | None = None) -> None:
        self._root = root
        self._remote = remote

    def directory(self, job_id: str) -> Path:
        """Return the directory of a job. Raises `InvalidInput` for what is no job id."""
        return self._root / check_job_id(job_id)

    def artifacts(self, job_id: str) -> Path:
        """Return where the job's working directory lies once it has ended."""
        return self.directory(job_id) / "artifacts"

    def log(self, job_id: str) -> Path:
        """Return the file that the job's output goes to."""
        return self.directory(job_id) / _LOG

    def stored_log_size(self, job_id: str) -> int | None:
        """Return the length of a log that is in the object store, None if it is not there."""
        entry = self._remote.find(f"{job_id}/{_LOG}") if self._remote else None
        return None if entry is None else entry.size

    def stored_log(self, job_id: str, start: int, end: int) -> Iterator[bytes]:
        """Yield a part of such a log."""
        return self._remote.chunks(f"{job_id}/{_LOG}", start, end) if self._remote else iter(())

    def stored_artifacts(self, job_id: str) -> list[Member]:
        """Return the files of the job's working directory that are in the object store, below the job's id."""
        base = f"{job_id}/artifacts"
        found = walk(self._remote, base) if self._remote else ()
        return [
            Member(f"{job_id}/{name}", entry.size, entry.modified, False, self._chunks(f"{base}/{name}", entry.size))
            for name, entry in found
        ]

    def _chunks(self, path: str, size: int) -> Callable[[], Iterator[bytes]]:
        return lambda: self._remote.chunks(path, 0, size) if self._remote else iter(())

    def open_log(self, job_id: str) -> IO[bytes]:
        """Open the log to append to it."""
        path = self.log(job_id)
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.open("ab", buffering=0)

    def append_log(self, job_id: str, sentence: str, level: str = "ERROR") -> None:
        """Add a line of ours to the log, if the disk has room: what happened is recorded elsewhere too."""
        try:
            with self.open_log(job_id) as log:
                log.write(f"Foundations {level}: {sentence}\n".encode("utf-8", "replace"))
        except OSError as error:
            _log.error("job %s: its log does not say so (%s): %s", job_id, error, sentence)

    def remove(self, job_id: str) -> bool:
        """Remove everything that a job left; False when there is nothing. Raises `AtlasError` when that fails."""
        directory = self.directory(job_id)
        if self._remote is not None:
            self._remote.remove(job_id)
        if not directory.is_dir() or directory.is_symlink():
            return False
        try:
            shutil.rmtree(directory)
        except OSError as error:
            raise AtlasError(f"The files of job {job_id} cannot be removed: {error}.", job_id=job_id) from error
        return True
