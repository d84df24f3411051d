"""Removing bundles that nobody needs any more."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.scheduler_service import settings_for

from atlas_core.states import JobStatus
from atlas_services.scheduler.bundles import BundleStore
from atlas_services.scheduler.retention import Retention
from atlas_services.tracker import ScheduleRecord, Tracker, open_tracker

pytestmark = pytest.mark.redis

_DAY = 24 * 3600.0
_NOW = 100 * _DAY


class Store:
    """The bundles of a server, with a retention that looks when it is told to."""

    def __init__(self, home: Path, tracker: Tracker, **variables: str) -> None:
        self.settings = settings_for(home, "redis://nowhere", **variables)
        self.bundles = BundleStore(self.settings.bundle_store, 1000, 1000)
        self.retention = Retention(self.settings, tracker, self.bundles)
        self.settings.bundle_store.mkdir(parents=True)

    def put(self, name: str, days_ago: float) -> None:
        path = self.bundles.path(name)
        path.write_bytes(b"content")
        os.utime(path, (_NOW - days_ago * _DAY,) * 2)

    def left(self) -> list[str]:
        self.retention.clear(_NOW)
        return sorted(path.name.removesuffix(".tgz") for path in self.settings.bundle_store.glob("*.tgz"))


@pytest.fixture
def tracker(redis_url: str) -> Iterator[Tracker]:
    """A tracker with an empty database."""
    tracker = open_tracker(redis_url)
    yield tracker
    tracker.close()


@pytest.fixture
def store(tmp_path: Path, tracker: Tracker) -> Store:
    return Store(tmp_path, tracker)


def test_what_nobody_used_for_thirty_days_is_removed(store: Store) -> None:
    store.put("a" * 64, 31)
    store.put("b" * 64, 29)
    store.put("job-1", 31)
    assert store.left() == ["b" * 64]


def test_how_long_is_for_the_settings_to_say(tmp_path: Path, tracker: Tracker) -> None:
    short = Store(tmp_path / "short", tracker, ATLAS_BUNDLE_DAYS="0.5")
    short.put("a" * 64, 1)
    assert short.left() == []
    ever = Store(tmp_path / "ever", tracker, ATLAS_BUNDLE_DAYS="0", ATLAS_ENVIRONMENT_DAYS="0")
    ever.put("a" * 64, 10_000)
    assert ever.left() == ["a" * 64]


@pytest.mark.parametrize("status", [JobStatus.QUEUED, JobStatus.PENDING, JobStatus.RUNNING])
def test_what_an_unfinished_job_needs_stays(store: Store, tracker: Tracker, status: JobStatus) -> None:
    for name in ("a" * 64, "job-2", "job-3"):
        store.put(name, 31)
    tracker.jobs.create("job-1", "digits", status, 1.0, "token", mode="scheduled", spec={"bundle_id": "a" * 64})
    tracker.jobs.create("job-2", "digits", status, 1.0, "token", mode="scheduled", spec={})
    assert store.left() == ["a" * 64, "job-2"]


def test_what_a_schedule_needs_stays(store: Store, tracker: Tracker) -> None:
    store.put("a" * 64, 31)
    facts: dict[str, Any] = {"project": "digits", "properties": {}, "schedule": {}, "active": True}
    submission = {"spec": {"bundle_id": "a" * 64}}
    tracker.schedules.create(ScheduleRecord(job_id="s", submission=submission, created=1.0, since=1.0, **facts))
    assert store.left() == ["a" * 64]


def test_what_a_client_asked_for_just_now_stays(store: Store) -> None:
    store.put("a" * 64, 31)
    assert store.bundles.holds("a" * 64)
    assert store.left() == ["a" * 64]


def test_what_is_used_while_it_is_being_removed_stays(store: Store) -> None:
    store.put("a" * 64, 31)
    before = _NOW - 30 * _DAY

    def use() -> list[str]:
        assert store.bundles.holds("a" * 64)
        return []

    assert store.bundles.remove_unused(before, use) == []
    assert store.bundles.holds("a" * 64)
