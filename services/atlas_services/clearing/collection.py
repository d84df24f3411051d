"""Everything that can be cleared away, in an order in which what one step leaves behind is found by the next."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from atlas_core.settings import Settings
from atlas_services.clearing import Leftover
from atlas_services.clearing.archive_leftovers import ArchiveLeftovers
from atlas_services.clearing.old_jobs import OldJobs
from atlas_services.scheduler import environments
from atlas_services.scheduler.bundles import BundleStore
from atlas_services.scheduler.retention import needed_bundles
from atlas_services.storage import Storage
from atlas_services.tracker import Tracker

_log = logging.getLogger("atlas.clearing")

_DAY = 24 * 3600.0
#: Names that a report gives of each kind.
_NAMED = 100


@dataclass(frozen=True)
class Wish:
    """What is to go. `job_days` counts in place of the setting; `project` limits it; `unknown` is for lost trackers."""

    dry_run: bool = False
    job_days: float | None = None
    project: str | None = None
    unknown: bool = False


@dataclass
class Report:
    """What went, or would go, of each kind: how many, how many bytes, and the first names."""

    dry_run: bool
    kinds: dict[str, dict[str, Any]] = field(default_factory=dict)

    def add(self, leftover: Leftover) -> None:
        """Count something."""
        facts = self.kinds.setdefault(leftover.kind, {"count": 0, "bytes": 0, "names": []})
        facts["count"] += 1
        facts["bytes"] += leftover.size
        if len(facts["names"]) < _NAMED:
            facts["names"].append(leftover.name)

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON shows it."""
        total = sum(facts["bytes"] for facts in self.kinds.values())
        return {"dry_run": self.dry_run, "bytes": total, "kinds": self.kinds}


class Collection:
    """Clears an installation away, beside running jobs and services."""

    def __init__(self, settings: Settings, tracker: Tracker, storage: Storage) -> None:
        self._settings = settings
        self._tracker = tracker
        self._storage = storage

    def run(self, wish: Wish, time: float) -> Report:
        """Remove what can go at `time`, or only find it."""
        report = Report(wish.dry_run)
        for leftover in self._leftovers(wish, time):
            try:
                if wish.dry_run or leftover.remove():
                    report.add(leftover)
            except OSError as error:
                _log.warning("%s %s stays: %s", leftover.kind, leftover.name, error)
        return report

    def _leftovers(self, wish: Wish, time: float) -> Iterator[Leftover]:
        days = self._settings.job_days if wish.job_days is None else wish.job_days
        if days or wish.job_days is not None:
            yield from OldJobs(self._tracker, self._storage).find(time - days * _DAY, wish.project)
        if wish.project is not None:
            return
        archive = ArchiveLeftovers(self._settings.archive_root, self._storage, self._tracker)
        yield from archive.of_deleted_jobs()
        if wish.unknown:
            yield from archive.of_unknown_jobs(time - _DAY)
        yield from archive.of_cut_off_work(time)
        yield from archive.unused_contents()
        yield from self._bundles(time)
        yield from self._environments(time)
        yield from self._keys()

    def _bundles(self, time: float) -> Iterator[Leftover]:
        settings = self._settings
        if not settings.bundle_days:
            return
        store = BundleStore(settings.bundle_store, settings.max_bundle_bytes, settings.max_unpacked_bytes)
        since = time - settings.bundle_days * _DAY
        for name in store.unused(since, lambda: needed_bundles(self._tracker)):
            size = store.path(name).stat().st_size
            yield Leftover("bundle", name, size, partial(store.remove_if_unused, name, since))

    def _environments(self, time: float) -> Iterator[Leftover]:
        settings = self._settings
        if not settings.environment_days:
            return
        since = time - settings.environment_days * _DAY
        for path in environments.unused(settings.environments_root, settings.work_root, since):
            remove = partial(environments.remove_if_unused, path, since)
            yield Leftover("environment", path.name, _bytes_below(path), remove)

    def _keys(self) -> Iterator[Leftover]:
        for key, size in list(self._tracker.left_keys.find()):
            yield Leftover("key in Redis", key, size, partial(self._tracker.left_keys.remove, key))


def _bytes_below(directory: Path) -> int:
    """Return what a directory takes of the disk; jobs may have put links anywhere."""
    return sum(path.lstat().st_size for path in directory.rglob("*") if not path.is_dir())
