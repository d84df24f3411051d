from __future__ import annotations

from collections.abc import Iterator

import pytest
import redis

from atlas_core.states import JobStatus
from atlas_services.rest_api.events import event_stream
from atlas_services.tracker import Events, Tracker, open_tracker


@pytest.fixture
def tracker(redis_url: str) -> Iterator[Tracker]:
    """A tracker that knows nothing yet."""
    tracker = open_tracker(redis_url)
    yield tracker
    tracker.client.close()


def test_a_reader_that_knows_its_place_misses_nothing(tracker: Tracker) -> None:
    for name in ("a", "b", "c"):
        tracker.jobs.create(name, "p", JobStatus.QUEUED, 1.0, "t")
    first = next_events(event_stream(tracker.events, "0-0", None))
    assert [line for line in first.splitlines() if '"job_id"' in line and '"a"' in line]
    place = first.split("\n\n")[0].removeprefix("id: ").splitlines()[0]
    second = next_events(event_stream(tracker.events, place, None))
    assert ('"job_id": "a"' in second, '"job_id": "b"' in second, '"job_id": "c"' in second) == (False, True, True)


def test_silence_is_broken_by_comments(tracker: Tracker) -> None:
    assert next_events(event_stream(tracker.events, "0-0", None, silence=0.01)) == ": still here\n\n"


def test_other_projects_are_silence(tracker: Tracker) -> None:
    tracker.jobs.create("a", "other", JobStatus.QUEUED, 1.0, "t")
    stream = event_stream(tracker.events, "0-0", "p", silence=0.01)
    assert next_events(stream) == ": still here\n\n"
    tracker.jobs.create("b", "p", JobStatus.QUEUED, 1.0, "t")
    assert '"job_id": "b"' in next(stream)


def test_the_stream_ends_when_the_tracker_is_gone() -> None:
    class Gone(Events):
        def wait(self, after: str, timeout: float) -> list[object]:  # type: ignore[override]
            raise redis.exceptions.ConnectionError

    assert list(event_stream(Gone(None), "5-1", None)) == ["retry: 1000\nid: 5-1\n\n"]


def next_events(stream: Iterator[str]) -> str:
    """Return what follows the place with which each stream begins."""
    assert next(stream).startswith("retry: ")
    return next(stream)
