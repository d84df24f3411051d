from __future__ import annotations

import math
from collections.abc import Iterator

import pytest

from atlas_core.records import operation_frame, point_frame
from atlas_services.tracker import Tracker, extent_of, open_tracker


@pytest.fixture
def tracker(redis_url: str) -> Iterator[Tracker]:
    """A tracker that knows nothing yet."""
    tracker = open_tracker(redis_url)
    yield tracker
    tracker.client.close()


def log(tracker: Tracker, job_id: str, *frames: bytes | None) -> None:
    """Have a job log something."""
    begin = operation_frame("start", project="p", user="ann", time=1.0)
    tracker.journals.apply(job_id, "w", 0, begin + b"".join(each or b"" for each in frames), "token", 1.0)


def test_values_are_those_that_are_read_one_by_one(tracker: Tracker) -> None:
    log(
        tracker,
        "a",
        *(point_frame("long", float(n), 10.0 + n) for n in range(500)),
        *(point_frame("late", float(n), 10.0 - n) for n in range(5)),
        *(point_frame("odd: näme", value, 1.0) for value in (1, True, 2.5, math.inf)),
        operation_frame("metric", name="text", value="x", time=1.0),
        point_frame("text", 1.0, 2.0),
    )
    log(tracker, "b", *(point_frame("long", float(n), 10.0) for n in range(200)))
    names = [("a", name) for name in tracker.jobs.view("a").metrics] + [("b", "long")]
    views = {view.record.job_id: view for view in tracker.jobs.stored_views(["a", "b"])}
    extents = {(job_id, name): extent_of(views[job_id].metrics.texts[name]) for job_id, name in names}
    found = tracker.listed_values.of(extents)
    expected = {name: tracker.series.points(*name).values for name in names}
    assert found == expected
    assert [type(value) for value in found["a", "odd: näme"]] == [int, bool, float, float]
    assert found["a", "late"] == [4.0, 3.0, 2.0, 1.0, 0.0]
    assert tracker.listed_values.of({}) == {}
