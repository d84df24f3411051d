"""Removes what is past its time: bundles and Python environments that nobody uses, and jobs if the settings say so."""

from __future__ import annotations

import logging

from atlas_core.ids import now
from atlas_core.settings import Settings
from atlas_core.states import JobStatus
from atlas_services.background import Background
from atlas_services.clearing.old_jobs import OldJobs
from atlas_services.scheduler.bundles import BundleStore
from atlas_services.scheduler.environments import remove_unused
from atlas_services.storage.opening import open_storage
from atlas_services.tracker import UNAVAILABLE, Tracker

_log = logging.getLogger("atlas.scheduler")

_DAY = 24 * 3600.0
#: In the order in which jobs go; the first again, for a job that returns to the queue meanwhile.
_UNFINISHED = (JobStatus.QUEUED, JobStatus.PENDING, JobStatus.RUNNING, JobStatus.QUEUED)


class Retention(Background):
    """Looks when a scheduler starts, and each day."""

    def __init__(self, settings: Settings, tracker: Tracker, bundles: BundleStore) -> None:
        super().__init__("retention")
        self._settings = settings
        self._tracker = tracker
        self._bundles = bundles
        self._storage = open_storage(settings)

    def clear(self, time: float) -> None:
        """Remove what, at `time`, has not been used for as many days as the settings say, and what was cut off."""
        settings = self._settings
        self._bundles.remove_stale()
        if settings.bundle_days:
            removed = self._bundles.remove_unused(
                time - settings.bundle_days * _DAY, lambda: needed_bundles(self._tracker)
            )
            _tell("bundle", removed, settings.bundle_days)
        if settings.environment_days:
            since = time - settings.environment_days * _DAY
            removed = remove_unused(settings.environments_root, settings.work_root, since)
            _tell("environment", removed, settings.environment_days)
        if settings.job_days:
            old = OldJobs(self._tracker, self._storage).find(time - settings.job_days * _DAY)
            gone = [leftover.name for leftover in old if leftover.remove()]
            _tell("job", gone, settings.job_days)

    def _run(self) -> None:
        while not self._closing.is_set():
            try:
                self.clear(now())
            except UNAVAILABLE as error:
                _log.warning("nothing is cleared away today, Redis does not answer: %s", error)
            except Exception:  # the disk, or what somebody put there; another day it may be gone
                _log.exception("nothing more is cleared away today")
            self._closing.wait(_DAY)


def needed_bundles(tracker: Tracker) -> set[str]:
    """Return the bundles of jobs that have not ended, and of schedules."""
    ids = [job_id for status in _UNFINISHED for job_id in tracker.jobs.ids_in(status)]
    records = tracker.jobs.records(dict.fromkeys(ids))
    needed = {str(record.spec.get("bundle_id") or record.job_id) for record in records}
    for schedule in tracker.schedules.all():
        needed |= {str(schedule.submission["spec"].get("bundle_id")), schedule.job_id}
    return needed


def _tell(what: str, removed: list[str], days: float) -> None:
    for name in removed:
        _log.info("%s %s: removed, it was kept for %g days", what, name, days)
