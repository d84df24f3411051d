"""Removes what nobody has used for a long time: bundles, and Python environments of jobs."""

from __future__ import annotations

import logging
import threading

from atlas_core.ids import now
from atlas_core.settings import Settings
from atlas_core.states import JobStatus
from atlas_services.scheduler.bundles import BundleStore
from atlas_services.scheduler.environments import remove_unused
from atlas_services.tracker import UNAVAILABLE, Tracker

_log = logging.getLogger("atlas.scheduler")

_DAY = 24 * 3600.0
#: In the order in which jobs go; the first again, for a job that returns to the queue meanwhile.
_UNFINISHED = (JobStatus.QUEUED, JobStatus.PENDING, JobStatus.RUNNING, JobStatus.QUEUED)


class Retention:
    """Looks when a scheduler starts, and each day."""

    def __init__(self, settings: Settings, tracker: Tracker, bundles: BundleStore) -> None:
        self._settings = settings
        self._tracker = tracker
        self._bundles = bundles
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="retention", daemon=True)

    def start(self) -> None:
        """Start to look in the background."""
        self._thread.start()

    def close(self) -> None:
        """Look no more."""
        self._closing.set()

    def clear(self, time: float) -> None:
        """Remove what, at `time`, has not been used for as many days as the settings say."""
        settings = self._settings
        if settings.bundle_days:
            removed = self._bundles.remove_unused(time - settings.bundle_days * _DAY, self._needed_bundles)
            _tell("bundle", removed, settings.bundle_days)
        if settings.environment_days:
            since = time - settings.environment_days * _DAY
            removed = remove_unused(settings.environments_root, settings.work_root, since)
            _tell("environment", removed, settings.environment_days)

    def _needed_bundles(self) -> set[str]:
        """Return the bundles of jobs that have not ended, and of schedules."""
        jobs = self._tracker.jobs
        ids = [job_id for status in _UNFINISHED for job_id in jobs.ids_in(status)]
        needed = {str(record.spec.get("bundle_id") or record.job_id) for record in jobs.records(dict.fromkeys(ids))}
        for schedule in self._tracker.schedules.all():
            needed |= {str(schedule.submission["spec"].get("bundle_id")), schedule.job_id}
        return needed

    def _run(self) -> None:
        while not self._closing.is_set():
            try:
                self.clear(now())
            except UNAVAILABLE as error:
                _log.warning("nothing is cleared away today, Redis does not answer: %s", error)
            except Exception:  # the disk, or what somebody put there; another day it may be gone
                _log.exception("nothing more is cleared away today")
            self._closing.wait(_DAY)


def _tell(what: str, removed: list[str], days: float) -> None:
    for name in removed:
        _log.info("%s %s: removed, nobody has used it for %g days", what, name, days)
