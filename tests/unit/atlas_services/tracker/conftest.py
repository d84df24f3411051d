"""A tracker in a real, empty Redis."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from atlas_services.tracker import Tracker, open_tracker


@pytest.fixture
def tracker(redis_url: str) -> Iterator[Tracker]:
    """A tracker that knows nothing yet."""
    tracker = open_tracker(redis_url)
    yield tracker
    tracker.client.close()
