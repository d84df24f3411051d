"""Jobs that ended longer ago than jobs are kept."""

from __future__ import annotations

from collections.abc import Iterator

from atlas_core.errors import AtlasError
from atlas_core.ids import now
from atlas_services.clearing import Leftover
from atlas_services.storage import Storage
from atlas_services.storage.trees import size_of_tree
from atlas_services.tracker import Tracker


class OldJobs:
    """Jobs with all that they logged and stored."""

    def __init__(self, tracker: Tracker, storage: Storage) -> None:
        self._tracker = tracker
        self._storage = storage

    def find(self, before: float, project: str | None = None) -> Iterator[Leftover]:
        """Yield the jobs that ended before a time, of one project or of all."""
        for record in self._tracker.jobs.records(self._tracker.jobs.ended_before(before)):
            if project is None or record.project == project:
                yield self._leftover(record.job_id)

    def _leftover(self, job_id: str) -> Leftover:
        return Leftover("job", job_id, size_of_tree(self._storage, job_id), lambda: self._remove(job_id))

    def _remove(self, job_id: str) -> bool:
        """Remove the files first: a removal that is cut off is done again as long as the job is known."""
        try:
            if not self._tracker.jobs.get(job_id).status.is_finished:
                return False
            self._storage.remove(job_id)
            self._tracker.jobs.delete(job_id, now())
        except AtlasError:  # somebody else deleted it, or opened it again
            return False
        return True
