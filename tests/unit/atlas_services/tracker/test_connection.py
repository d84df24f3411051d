"""What is told of a Redis that is there and does not do what it is asked."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from atlas_core.states import JobStatus
from atlas_services.tracker import UNAVAILABLE, Tracker, open_tracker

pytestmark = pytest.mark.redis


@pytest.fixture
def tracker(redis_url: str) -> Iterator[Tracker]:
    tracker = open_tracker(redis_url)
    yield tracker
    for name in ("maxmemory", "min-replicas-to-write"):
        tracker.client.config_set(name, "0")
    tracker.client.replicaof("NO", "ONE")
    tracker.close()


@pytest.mark.parametrize(
    "command",
    [
        "CONFIG SET maxmemory 1",
        "CONFIG SET min-replicas-to-write 1",
        "REPLICAOF 127.0.0.1 1",
    ],
)
def test_a_redis_that_takes_no_writes_is_as_good_as_away(tracker: Tracker, command: str) -> None:
    tracker.jobs.create("job", "p", JobStatus.QUEUED, 1.0, "t", user="u", spec={})
    tracker.client.execute_command(*command.split())
    with pytest.raises(UNAVAILABLE):
        tracker.jobs.transition("job", JobStatus.PENDING, 2.0)
    with pytest.raises(UNAVAILABLE):
        tracker.client.set("key", "value")
    assert tracker.jobs.get("job").status is JobStatus.QUEUED
