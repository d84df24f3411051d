from __future__ import annotations

import random
from collections.abc import Iterable

import pytest
from tests.unit.atlas_services.tracker.test_journals import START, apply, point

from atlas_core.errors import ServerUnreachable
from atlas_core.records import NO_STEP, POINT
from atlas_core.states import JobStatus
from atlas_services.tracker import Tracker, Window, chunks, keys
from atlas_services.tracker.chunks import CHUNK, packed_tight, unpacked

#: What each point of a series may take of Redis, with all that belongs to its job.
BUDGET = 30.0


def log(tracker: Tracker, places: Iterable[int], offset: int, writer: str = "w", name: str = "m") -> int:
    """Log the points of these places, each of the value and the time of its place."""
    return apply(tracker, b"".join(point(name, float(place), float(place), place) for place in places), offset, writer)


def values(tracker: Tracker, name: str = "m") -> list[float]:
    """Return what is read of the series, and assert that a chart shows its ends."""
    found = tracker.series.points("job", name).values
    drawn = tracker.drawing.drawn("job", name, Window(10))
    assert drawn is not None
    assert (drawn.values[0], drawn.values[-1]) == (found[0], found[-1])
    return found


def as_an_older_version_left_it(tracker: Tracker, name: str = "m") -> None:
    """Keep the points in long texts alone."""
    ((packed, _),) = tracker.series.packed([("job", name)])
    for key in tracker.client.keys("atlas:{job:job}:*"):
        if key.endswith(f":{name}".encode()) and b":envelope:" not in key:
            tracker.client.delete(key)
    size = chunks.OLDER_SEGMENT * POINT.size
    for segment in range(-(-len(packed) // size)):
        tracker.client.set(keys.points("job", segment, name), packed[segment * size : (segment + 1) * size])


def delete(tracker: Tracker) -> None:
    """Delete the job, and assert that nothing of it stays."""
    tracker.jobs.transition("job", JobStatus.COMPLETED, 1.0)
    tracker.jobs.delete("job", 2.0)
    assert tracker.client.keys("atlas:{job:job}*") == []


@pytest.mark.parametrize("count", [0, 1, CHUNK - 1, CHUNK])
def test_what_is_packed_tight_comes_back_as_it_was(count: int) -> None:
    chance = random.Random(count)
    points = b"".join(
        POINT.pack(chance.choice([NO_STEP, chance.getrandbits(60)]), chance.random(), chance.randrange(4), place)
        for place in range(count)
    )
    assert unpacked(packed_tight(points)) == points


@pytest.mark.parametrize("is_older", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_a_series_is_whole_however_its_points_arrive(
    tracker: Tracker, monkeypatch: pytest.MonkeyPatch, seed: int, is_older: bool
) -> None:
    monkeypatch.setattr(chunks, "OLDER_SEGMENT", 700)
    chance = random.Random(seed)
    begun = chance.choice([CHUNK - 1, CHUNK, CHUNK + 3, 700, 1000, 1500])
    offset = log(tracker, range(begun), apply(tracker, START))
    if is_older:
        as_an_older_version_left_it(tracker)
    count = begun
    for _ in range(12):
        more = chance.choice([1, 2, 63, CHUNK - count % CHUNK, CHUNK, 3 * CHUNK + 1, chance.randrange(1, 600)])
        offset = log(tracker, range(count, count + more), offset)
        count += more
        assert values(tracker) == [float(place) for place in range(count)]
    delete(tracker)


@pytest.mark.parametrize("is_older", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_what_a_refused_batch_left_is_part_of_no_series(
    tracker: Tracker, monkeypatch: pytest.MonkeyPatch, seed: int, is_older: bool
) -> None:
    monkeypatch.setattr(chunks, "OLDER_SEGMENT", 700)
    chance = random.Random(seed)
    count = chance.choice([10, CHUNK, CHUNK + 100, 1000])
    log(tracker, range(count), apply(tracker, START))
    if is_older:
        as_an_older_version_left_it(tracker)
    tracker.client.set(keys.chunks("job", "refused"), "no hash")
    refused = b"".join(point("refused", 1.0) for _ in range(CHUNK))
    offset = 0
    for _ in range(12):
        wrong = b"".join(point("m", -1.0) for _ in range(chance.choice([1, 100, CHUNK, 3 * CHUNK])))
        with pytest.raises(ServerUnreachable):
            apply(tracker, wrong + refused, 0, "refused")
        assert values(tracker) == [float(place) for place in range(count)]
        more = chance.choice([1, 30, CHUNK - count % CHUNK, 2 * CHUNK])
        offset = log(tracker, range(count, count + more), offset, "other")
        count += more
        assert values(tracker) == [float(place) for place in range(count)]


@pytest.mark.parametrize("count", [1000, 1023, 5000, 20_000])
@pytest.mark.parametrize("batch", [10, 700])
def test_points_take_no_more_room_than_their_bytes_do(tracker: Tracker, count: int, batch: int) -> None:
    chance = random.Random(1)
    frames = [point("m", chance.random(), 1.6e9 + place + chance.random(), place) for place in range(count)]
    offset = apply(tracker, START)
    for start in range(0, count, batch):
        offset = apply(tracker, b"".join(frames[start : start + batch]), offset)
    found = tracker.client.keys("atlas:{job:job}*")
    assert sum(tracker.client.memory_usage(key, samples=0) for key in found) <= BUDGET * count
