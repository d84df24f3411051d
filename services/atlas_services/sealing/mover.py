"""Moving the files of ended jobs from the disk to the object store."""

from __future__ import annotations

import logging
from pathlib import Path

from atlas_core.errors import AtlasError, JobNotFound
from atlas_services.storage.tiers import Tiers
from atlas_services.tracker import Tracker

_log = logging.getLogger("atlas.sealing")


class Mover:
    """Moves whole jobs; `root` is the archive's directory on the disk."""

    def __init__(self, tracker: Tracker, tiers: Tiers, root: Path) -> None:
        self._tracker = tracker
        self._tiers = tiers
        self._root = root

    def due(self, before: float) -> list[str]:
        """Return the jobs with files on the disk that ended before a time and whose metrics are sealed."""
        if not self._root.is_dir():
            return []
        names = sorted(path.name for path in self._root.iterdir() if path.is_dir() and path.name[0] != ".")
        return [name for name in names if self._is_due(name, before)]

    def move_due(self, before: float) -> int:
        """Move these; returns how many bytes left the disk."""
        moved = 0
        for job_id in self.due(before):
            try:
                moved += self._tiers.move_away(job_id)
            except (AtlasError, OSError) as error:
                _log.warning("job %s: its files stay on the disk for now: %s", job_id, error)
        return moved

    def _is_due(self, job_id: str, before: float) -> bool:
        try:
            record = self._tracker.jobs.get(job_id)
        except JobNotFound:
            return False
        ended = record.completed_time or record.creation_time
        if not record.status.is_finished or ended >= before or self._tracker.seals.is_waiting(job_id):
            return False
        return self._tiers.has_more(job_id)
