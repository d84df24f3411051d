"""Charts from envelopes, against the points themselves."""

from __future__ import annotations

import math
import random
from typing import Any

import pytest

from atlas_core.records import operation_frame, point_frame
from atlas_services.tracker import Tracker, Window, keys

START = operation_frame("start", project="p", user="ann", time=100.0)


class Log:
    """A job that logs the metric `m`."""

    def __init__(self, tracker: Tracker) -> None:
        self.tracker = tracker
        self.applied = 0
        self.send(START)

    def send(self, *frames: bytes | None) -> None:
        data = b"".join(frame for frame in frames if frame)
        self.applied = self.tracker.journals.apply("job", "w", self.applied, data, "t", 1.0)

    def points(self, values: list[Any], start: int = 0) -> None:
        frames = (point_frame("m", value, 10.0 * step, step) for step, value in enumerate(values, start))
        self.send(*frames)


def drawn(tracker: Tracker, window: Window) -> Any:
    found = tracker.drawing.drawn("job", "m", window)
    assert found is not None
    assert found.times == sorted(found.times)
    return found


@pytest.mark.parametrize("count", [1, 63, 64, 65, 1000, 1024, 5000, 40_000])
@pytest.mark.parametrize("width", [10, 300, 800])
def test_every_spike_is_drawn_and_little_more(tracker: Tracker, count: int, width: int) -> None:
    chance = random.Random(count)
    values = [chance.gauss(0, 1) for _ in range(count)]
    spikes = {chance.randrange(count): height for height in (50.0, -60.0)}
    values = [spikes.get(place, value) for place, value in enumerate(values)]
    log, place = Log(tracker), 0
    while place < count:
        size = chance.choice([1, 7, 64, 500, 3000])
        log.points(values[place : place + size], place)
        place += size
    found = drawn(tracker, Window(width))
    assert {step: values[step] for step in found.steps} == dict(zip(found.steps, found.values, strict=True))
    assert set(spikes) <= set(found.steps)
    assert {0, count - 1} <= set(found.steps)
    assert len(found.values) <= 2 * width + 2
    assert len(found.values) >= min(count, width // 2)


def test_a_part_is_drawn_as_closely_as_the_whole(tracker: Tracker) -> None:
    values = [math.sin(step / 100) for step in range(40_000)]
    values[20_017] = 9.0
    Log(tracker).points(values)
    for axis, scale in (("step", 1), ("time", 10)):
        found = drawn(tracker, Window(400, axis, 20_000 * scale, 20_100 * scale))
        assert found.steps == list(range(20_000, 20_101))
        found = drawn(tracker, Window(100, axis, 10_000 * scale, 30_000 * scale))
        assert 9.0 in found.values
        assert 100 <= len(found.values) <= 202
        assert found.steps[0] >= 9_000
        assert found.steps[-1] <= 31_000
    assert drawn(tracker, Window(400, "step", 50_000, 60_000)).values == []


def test_a_gap_stays_visible(tracker: Tracker) -> None:
    values = [1.0] * 5000
    values[1234:1240] = [math.nan] * 6
    values[3000] = math.inf
    Log(tracker).points(values)
    found = drawn(tracker, Window(50))
    assert any(math.isnan(value) for value in found.values)
    assert math.inf in found.values


def test_points_out_of_order_are_drawn_in_the_order_of_their_times(tracker: Tracker) -> None:
    log = Log(tracker)
    log.points([1.0] * 2000, start=2000)
    log.points([2.0] * 2000, start=0)
    assert set(drawn(tracker, Window(100, "time", 0, 19_000)).values) == {2.0}
    assert set(drawn(tracker, Window(100, "step", 2100, 3000)).values) == {1.0}


def test_whole_numbers_and_truth_values_stay_what_they_are(tracker: Tracker) -> None:
    Log(tracker).points([True, 3] * 2000)
    assert {type(value) for value in drawn(tracker, Window(50)).values} == {bool, int}


def test_series_that_are_older_than_envelopes_are_left_to_their_points(tracker: Tracker) -> None:
    log = Log(tracker)
    log.points([1.0] * 5000)
    for level in (1, 2, 3):
        tracker.client.delete(keys.envelope("job", level, "m"))
    assert tracker.drawing.drawn("job", "m", Window(50)) is None
    log.points([1.0] * 5000, start=5000)
    assert tracker.drawing.drawn("job", "m", Window(50)) is None


def test_values_that_no_double_holds_are_left_to_their_points(tracker: Tracker) -> None:
    log = Log(tracker)
    log.points([1.0])
    log.send(operation_frame("metric", name="m", value="text", time=2.0))
    assert tracker.drawing.drawn("job", "m", Window(50)) is None
    assert drawn_nothing(tracker)


def test_many_series_are_drawn_in_the_round_trips_of_one(tracker: Tracker) -> None:
    for number, count in enumerate((1, 100, 5000, 20_000)):
        frames = [START, *(point_frame("m", float(step % 97), 10.0 * step, step) or b"" for step in range(count))]
        tracker.journals.apply(f"job{number}", "w", 0, b"".join(frames), "t", 1.0)
    wanted = [(f"job{number}", name) for number in range(5) for name in ("m", "other")]
    for window in (Window(50), Window(50, "step", 100, 15_000)):
        found = tracker.drawing.drawn_many(wanted, window)
        assert found == [tracker.drawing.drawn(*name, window) for name in wanted]
        assert [bool(each and each.values) for each in found[1::2]] == [False] * 5
    executed = Executed(tracker)
    tracker.drawing.drawn_many(wanted, Window(50))
    together = executed.count
    tracker.drawing.drawn("job3", "m", Window(50))
    assert together == executed.count - together


class Executed:
    """Counts the pipelines that are sent to Redis."""

    def __init__(self, tracker: Tracker) -> None:
        self.count = 0
        make = tracker.client.pipeline

        def pipeline(*arguments: Any, **options: Any) -> Any:
            self.count += 1
            return make(*arguments, **options)

        tracker.client.pipeline = pipeline


def drawn_nothing(tracker: Tracker) -> bool:
    found = tracker.drawing.drawn("job", "other", Window(50))
    return found is not None and found.values == []


def test_deletion_leaves_no_envelope(tracker: Tracker) -> None:
    log = Log(tracker)
    log.points([1.0] * 5000)
    log.send(operation_frame("end", status="completed", exit_code=0, time=200.0))
    tracker.jobs.delete("job", 1.0)
    assert tracker.client.keys("*envelope*") == []
