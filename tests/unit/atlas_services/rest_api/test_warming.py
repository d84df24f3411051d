"""What a REST API does before the first request."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.scheduler_service import wait_for

from atlas_core.states import JobStatus
from atlas_services.rest_api.warming import Warming
from atlas_services.tracker import Tracker, keys, open_tracker


@pytest.fixture
def tracker(redis_url: str) -> Iterator[Tracker]:
    tracker = open_tracker(redis_url)
    yield tracker
    tracker.close()


def test_an_index_that_is_missing_is_made(tracker: Tracker) -> None:
    tracker.jobs.create("job", "p", JobStatus.RUNNING, 1.0, "t")
    for key in tracker.client.keys(f"{keys.INDEX_PREFIX}*"):
        tracker.client.delete(key)
    tracker.client.hdel(keys.job("job"), keys.ROW)
    Warming(tracker).start()
    wait_for(tracker.index.is_whole)
    table = tracker.index.read("p", ["a:status"], ids=True)
    assert table is not None
    assert table.ids == {0: "job"}
