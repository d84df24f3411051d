"""The archive of jobs, as far as the scheduler writes it: the working directory at the end, and the log."""

from __future__ import annotations

import logging
import shutil
from pathlib import Path
from typing import IO

from atlas_core.errors import AtlasError
from atlas_core.ids import check_job_id

_log = logging.getLogger("atlas.scheduler")


class Archive:
    """The directory that holds one directory a job."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def directory(self, job_id: str) -> Path:
        """Return the directory of a job. Raises `InvalidInput` for what is no job id."""
        return self._root / check_job_id(job_id)

    def artifacts(self, job_id: str) -> Path:
        """Return where the job's working directory lies once it has ended."""
        return self.directory(job_id) / "artifacts"

    def log(self, job_id: str) -> Path:
        """Return the file that the job's output goes to."""
        return self.directory(job_id) / "logs" / "output.log"

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
        if not directory.is_dir() or directory.is_symlink():
            return False
        try:
            shutil.rmtree(directory)
        except OSError as error:
            raise AtlasError(f"The files of job {job_id} cannot be removed: {error}.", job_id=job_id) from error
        return True
