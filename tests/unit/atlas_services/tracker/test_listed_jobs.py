from __future__ import annotations

import math
from collections.abc import Iterator

import pytest

from atlas_core.records import operation_frame, point_frame
from atlas_services.tracker import ListedJob, Tracker, open_tracker
from atlas_services.tracker.reading_ahead import read_ahead


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
        point_frame("once", 1.0, 1.0),
        *(point_frame("system.cpu", float(n), 1.0 + n) for n in range(3)),
        *(point_frame("odd: näme", value, 1.0) for value in (1, True, 2.5, math.inf)),
        operation_frame("metric", name="text", value="x", time=1.0),
        point_frame("text", 1.0, 2.0),
    )
    log(tracker, "b", *(point_frame("long", float(n), 10.0) for n in range(200)))
    names = [("a", name) for name in tracker.jobs.view("a").metrics] + [("b", "long")]
    found = {(job.record.job_id, name): values for job in jobs(tracker) for name, values in job.series.items()}
    expected = {name: tracker.series.points(*name).values for name in names}
    assert found == {name: values for name, values in expected.items() if len(values) > 1}
    assert [type(value) for value in found["a", "odd: näme"]] == [int, bool, float, float]
    assert found["a", "late"] == [4.0, 3.0, 2.0, 1.0, 0.0]
    assert tracker.listed_jobs.of([]) == []


def test_jobs_come_in_the_order_in_which_they_are_asked_for_without_those_that_are_gone(tracker: Tracker) -> None:
    for number in range(250):
        log(tracker, f"job-{number:03}", *(point_frame("m", float(number + n), 1.0 + n) for n in range(2)))
    ids = [f"job-{number:03}" for number in reversed(range(250))]
    found = tracker.listed_jobs.of(["gone", *ids[:100], "lost", *ids[100:]])
    assert [job.record.job_id for job in found] == ids
    assert found[0].series == {"m": [249.0, 250.0]}


def test_points_that_are_too_many_for_one_answer_are_all_read_over_one_connection(tracker: Tracker) -> None:
    for number in range(5):
        names = range(250)
        log(
            tracker,
            f"wide-{number}",
            *(point_frame(f"m{n}", float(number), 1.0 + i) for n in names for i in range(200)),
        )
    tracker.client.connection_pool.max_connections = 1
    found = tracker.listed_jobs.of(f"wide-{number}" for number in range(5))
    assert [job.series["m249"] for job in found] == [[float(number)] * 200 for number in range(5)]


def test_a_reader_who_stops_in_the_midst_takes_no_answer_that_another_waits_for(tracker: Tracker) -> None:
    answers = read_ahead(tracker.client, "return ARGV[1]", [["a"], ["b"], ["c"]])
    assert next(answers) == b"a"
    answers.close()
    assert tracker.client.ping() is True
    assert list(read_ahead(tracker.client, "return ARGV[1]", [["d"], ["e"]])) == [b"d", b"e"]


def jobs(tracker: Tracker) -> list[ListedJob]:
    """Return both jobs."""
    return tracker.listed_jobs.of(["a", "b"])
