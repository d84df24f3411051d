from __future__ import annotations

import math
import random
import struct
import threading
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from atlas_core.errors import (
    AtlasError,
    Forbidden,
    InvalidInput,
    JobNotFound,
    JournalGap,
    ServerUnreachable,
    Unauthorized,
)
from atlas_core.records import FRAME, INTEGER, NO_STEP, POINT, frame, operation_frame, point_frame
from atlas_core.states import Cause, JobStatus
from atlas_services.tracker import Tracker, keys

TOKEN = "the-token"
START = operation_frame("start", project="p", user="ann", time=100.0, host="here")


def point(name: str, value: float, time: float = 1.0, step: int | None = None) -> bytes:
    """Return the frame of a point that a double holds."""
    made = point_frame(name, value, time, step)
    assert made is not None
    return made


def apply(tracker: Tracker, data: bytes, offset: int = 0, writer: str = "w", token: str | None = TOKEN) -> int:
    """Apply to the job `job` at the time 200."""
    return tracker.journals.apply("job", writer, offset, data, token, 200.0)


def apply_all(tracker: Tracker, *frames: bytes) -> None:
    """Begin the job and apply these frames in one batch."""
    apply(tracker, START + b"".join(frames))


def test_the_first_batch_of_a_run_creates_its_job(tracker: Tracker) -> None:
    assert apply(tracker, START) == len(START)
    record = tracker.jobs.get("job")
    assert (record.project, record.user, record.status, record.mode) == ("p", "ann", JobStatus.RUNNING, "execution")
    assert (record.creation_time, record.start_time, record.facts) == (100.0, 100.0, {"host": "here"})


def test_random_repetitions_overlaps_and_gaps_apply_each_record_once(tracker: Tracker) -> None:
    frames = [START] + [point("loss", float(index), float(index)) for index in range(400)]
    ends = [0]
    for each in frames:
        ends.append(ends[-1] + len(each))
    journal = b"".join(frames)
    chance = random.Random(7)
    applied = 0
    while applied < len(journal):
        begin, end = sorted(chance.sample(ends, 2))
        if begin > applied:
            with pytest.raises(JournalGap) as gap:
                apply(tracker, journal[begin:end], begin)
            assert gap.value.details["applied"] == applied
        else:
            answer = apply(tracker, journal[begin:end], begin)
            applied = max(applied, end)
            assert answer == applied
    assert tracker.series.points("job", "loss").values == [float(index) for index in range(400)]
    summary = tracker.jobs.view("job").metrics["loss"]
    assert {name: summary[name] for name in ("count", "first", "last", "min", "max", "last_time")} == {
        "count": 400,
        "first": 0.0,
        "last": 399.0,
        "min": 0.0,
        "max": 399.0,
        "last_time": 399.0,
    }


def test_writers_at_the_same_time_lose_and_double_nothing(tracker: Tracker) -> None:
    apply(tracker, START, writer="first")
    errors: list[BaseException] = []

    def write(number: int) -> None:
        try:
            offset = 0
            for index in range(25):
                batch = point("shared", 1.0, float(index)) + operation_frame("param", name=f"{number}-{index}", value=1)
                for _ in range(2):  # each batch is sent twice
                    apply(tracker, batch, offset, f"w{number}")
                offset += len(batch)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    view = tracker.jobs.view("job")
    assert view.metrics["shared"]["count"] == len(tracker.series.points("job", "shared").values) == 100
    assert len(view.params) == 100


VALUES: list[Any] = [
    1.5,
    3,
    True,
    math.inf,
    -math.inf,
    8888888888888888888888888,
    2**53 + 1,
    "a word",
    -0.0,
]


def test_every_value_comes_back_as_what_it_was(tracker: Tracker) -> None:
    frames = [
        point_frame("m", value, float(index)) if not isinstance(value, str) else None
        for index, value in enumerate(VALUES)
    ]
    journal = START
    for index, (value, made) in enumerate(zip(VALUES, frames, strict=True)):
        journal += made or operation_frame("metric", name="m", value=value, time=float(index))
    apply(tracker, journal)
    stored = tracker.series.points("job", "m").values
    assert [(type(value), value) for value in stored] == [(type(value), value) for value in VALUES]
    assert math.copysign(1, stored[-1]) == -1


def test_other_values_keep_their_places_over_several_batches(tracker: Tracker) -> None:
    apply(tracker, START)
    offset = len(START)
    for index in range(6):
        batch = operation_frame("metric", name="m", value=f"v{index}", time=float(index)) + point(
            "m", index, index + 0.5
        )
        offset = apply(tracker, batch, offset)
    values = tracker.series.points("job", "m").values
    assert values == [value for index in range(6) for value in (f"v{index}", index)]
    assert tracker.jobs.view("job").metrics["m"]["max"] == 5


def test_not_a_number_is_kept_and_stays_out_of_the_extremes(tracker: Tracker) -> None:
    apply_all(tracker, point("m", math.nan, 1.0), point("m", 2.0, 2.0), point("m", math.nan, 3.0))
    summary = tracker.jobs.view("job").metrics["m"]
    assert math.isnan(summary["first"])
    assert math.isnan(summary["last"])
    assert (summary["min"], summary["max"], summary["count"]) == (2.0, 2.0, 3)
    assert [math.isnan(value) for value in tracker.series.points("job", "m").values] == [True, False, True]


def test_the_extremes_of_whole_numbers_are_whole(tracker: Tracker) -> None:
    apply_all(tracker, point("m", 3), point("m", 7))
    summary = tracker.jobs.view("job").metrics["m"]
    assert [(type(summary[name]), summary[name]) for name in ("first", "min", "max")] == [(int, 3), (int, 3), (int, 7)]


def test_points_are_read_in_the_order_of_their_times(tracker: Tracker) -> None:
    apply(tracker, START + point("m", 2.0, 20.0, 2), writer="a")
    apply(tracker, point("m", 1.0, 10.0), writer="b")
    points = tracker.series.points("job", "m")
    assert (points.values, points.times, points.steps) == ([1.0, 2.0], [10.0, 20.0], [None, 2])


def test_parameters_of_every_kind_keep_value_and_order(tracker: Tracker) -> None:
    params = {"z": [], "a": {"b": None}, "n": math.nan, "big": 10**40, "ä": "ö", "t": True}
    apply_all(tracker, *(operation_frame("param", name=name, value=value) for name, value in params.items()))  # type: ignore[arg-type]
    stored = dict(tracker.jobs.view("job").params)
    assert list(stored) == list(params)
    assert math.isnan(stored.pop("n"))
    assert stored == {name: value for name, value in params.items() if name != "n"}


def test_a_run_ends_as_its_journal_says(tracker: Tracker) -> None:
    error = {"type": "ValueError", "message": "no", "traceback": "...", "frame": "main.py:3"}
    end = operation_frame("end", status="failed", exit_code=1, cause="user_code", time=150.0)
    apply_all(tracker, operation_frame("error", **error), end)
    record = tracker.jobs.get("job")
    assert (record.status, record.cause, record.exit_code) == (JobStatus.FAILED, Cause.USER_CODE, 1)
    assert (record.completed_time, record.error) == (150.0, error)


def test_a_scheduled_job_is_not_ended_by_its_journal(tracker: Tracker) -> None:
    tracker.jobs.create("job", "p", JobStatus.RUNNING, 1.0, TOKEN)
    apply(tracker, operation_frame("end", status="completed", exit_code=0, time=2.0))
    assert tracker.jobs.get("job").status is JobStatus.RUNNING


def test_a_job_that_begins_to_log_changes_nothing_that_the_scheduler_knows(tracker: Tracker) -> None:
    tracker.jobs.create("job", "p", JobStatus.QUEUED, 1.0, TOKEN, user="ann")
    for status, time in ((JobStatus.PENDING, 2.0), (JobStatus.RUNNING, 3.0)):
        tracker.jobs.transition("job", status, time, start_time=time if status is JobStatus.RUNNING else None)
    before = tracker.jobs.get("job")
    start = operation_frame("start", project="other", user="bob", time=100.0)
    apply(tracker, start + point("loss", 1.0))
    assert tracker.jobs.get("job") == before
    tracker.jobs.transition("job", JobStatus.COMPLETED, 4.0, completed_time=4.0)
    late = operation_frame("end", status="failed", exit_code=1, time=200.0)
    apply(tracker, start + late, offset=len(start + point("loss", 1.0)))
    after = tracker.jobs.get("job")
    assert (after.status, after.creation_time, after.start_time, after.completed_time) == (
        JobStatus.COMPLETED,
        1.0,
        3.0,
        4.0,
    )


def test_a_run_moves_to_the_project_that_it_names(tracker: Tracker) -> None:
    apply_all(tracker, operation_frame("project", name="q"))
    assert tracker.jobs.ids_of_project("q") == ["job"]


def lose(tracker: Tracker) -> None:
    """Close the job for its missing heartbeat."""
    tracker.jobs.transition("job", JobStatus.FAILED, 300.0, cause=Cause.LOST_HEARTBEAT, completed_time=300.0)


@pytest.mark.parametrize("news", [point("m", 1.0), b""])
def test_a_job_that_was_given_up_opens_again_at_a_sign_of_life(tracker: Tracker, news: bytes) -> None:
    apply(tracker, START)
    lose(tracker)
    apply(tracker, news, len(START))
    record = tracker.jobs.get("job")
    assert (record.status, record.cause, record.completed_time) == (JobStatus.RUNNING, None, None)
    assert tracker.jobs.silent_since(201.0) == ["job"]


def test_a_job_that_was_given_up_ends_as_it_really_did(tracker: Tracker) -> None:
    apply(tracker, START)
    lose(tracker)
    apply(tracker, operation_frame("end", status="completed", exit_code=0, time=250.0), len(START))
    record = tracker.jobs.get("job")
    assert (record.status, record.cause, record.completed_time) == (JobStatus.COMPLETED, None, 250.0)


def test_what_the_server_finds_in_a_jobs_files_is_applied_once_and_no_sign_of_life(tracker: Tracker) -> None:
    apply(tracker, START)
    lose(tracker)
    frames = point("found", 1.0) + point("found", 2.0)
    half = len(frames) // 2
    for offset, data in ((0, frames[:half]), (0, frames), (0, frames), (half, frames[half:])):
        assert tracker.journals.take_in("job", "files", offset, data, 300.0) == max(offset + len(data), half)
    assert tracker.series.points("job", "found").values == [1.0, 2.0]
    assert tracker.jobs.get("job").status is JobStatus.FAILED


def test_a_deleted_job_takes_nothing_in(tracker: Tracker) -> None:
    with pytest.raises(JobNotFound):
        tracker.journals.take_in("nobody", "files", 0, point("found", 1.0), 300.0)


def test_an_ended_job_stays_ended_at_a_late_sign_of_life(tracker: Tracker) -> None:
    end = operation_frame("end", status="completed", exit_code=0, time=250.0)
    apply_all(tracker, end)
    apply(tracker, b"", len(START + end))
    assert tracker.jobs.get("job").status is JobStatus.COMPLETED


def test_an_empty_batch_is_a_heartbeat(tracker: Tracker) -> None:
    apply(tracker, START)
    tracker.journals.apply("job", "w", len(START), b"", TOKEN, 500.0)
    assert tracker.jobs.silent_since(499.0) == []
    assert tracker.jobs.silent_since(501.0) == ["job"]


def test_what_is_known_of_an_artifact_is_kept_where_it_can_be(tracker: Tracker) -> None:
    file: dict[str, Any] = {"filename": "a.png", "path": "user_artifacts/a.png", "size": 1, "sha256": "00"}
    known = operation_frame("artifact", key="a/3", kind="image", name="a", step=3, other=1, **file)
    apply_all(tracker, known, operation_frame("artifact", key="b", kind=1, step="x", **file))
    artifacts = tracker.jobs.view("job").artifacts
    assert artifacts == {"a/3": {**file, "kind": "image", "name": "a", "step": 3}, "b": file}


def bad_point(step: int, time: float, kind: int, value: float) -> bytes:
    """Return the frame of a point that no client of ours would send."""
    return frame(b"P" + POINT.pack(step, time, kind, value) + b"m")


@pytest.mark.parametrize(
    "bad",
    [
        b"\x00\x01",
        START[:-1],
        FRAME.pack(5, 0) + b"Pxxxx",
        frame(b"X"),
        frame(b"J{"),
        frame(b"J[1]"),
        frame(b"J" + b"[" * 100_000),
        frame(b"P" + POINT.pack(0, 0.0, 0, 0.0)),
        frame(b"P" + POINT.pack(0, 0.0, 0, 0.0) + b"\xff"),
        bad_point(NO_STEP, math.nan, 0, 1.0),
        bad_point(NO_STEP, 1.0, 3, 1.0),
        bad_point(NO_STEP, 1.0, 77, 1.0),
        bad_point(NO_STEP, 1.0, INTEGER, math.inf),
        operation_frame("param", name="x"),
        operation_frame("metric", name="m", value="v", time="late"),
        operation_frame("metric", name="m", value="v", time=10**400),
        operation_frame("metric", name="m", value="v", time=1.0, step=2**80),
        operation_frame("metric", name="m", value="v", time=1.0, step="one"),
        operation_frame("artifact", key="k", filename=None, path="user_artifacts/x"),
        operation_frame("artifact", key="k", filename="x", path="user_artifacts/../../x"),
        operation_frame("project", name="a/b"),
        operation_frame("end", status="failed", time=math.inf),
    ],
)
def test_a_damaged_batch_is_refused_whole(tracker: Tracker, bad: bytes) -> None:
    apply(tracker, START)
    good = point("m", 1.0)
    with pytest.raises(InvalidInput):
        apply(tracker, good + bad, len(START))
    assert tracker.jobs.view("job").metrics == {}
    assert apply(tracker, good, len(START)) == len(START + good)


def test_a_run_needs_a_start_and_a_token(tracker: Tracker) -> None:
    for data, token, error in (
        (point("m", 1.0), TOKEN, JobNotFound),
        (b"", TOKEN, JobNotFound),
        (START, None, Unauthorized),
        (operation_frame("start", project="a/b", time=1.0), TOKEN, InvalidInput),
        (operation_frame("start", time=1.0), TOKEN, InvalidInput),
    ):
        with pytest.raises(error):
            apply(tracker, data, token=token)
    with pytest.raises(JournalGap) as gap:
        apply(tracker, point("m", 1.0), 10)
    assert gap.value.details["applied"] == 0
    assert list(tracker.client.scan_iter("atlas:*")) == []


def test_another_token_is_refused(tracker: Tracker) -> None:
    apply(tracker, START)
    for token, error in (("wrong", Forbidden), (None, Unauthorized)):
        with pytest.raises(error):
            apply(tracker, point("m", 1.0), len(START), token=token)
    assert tracker.jobs.view("job").metrics == {}


def test_noise_is_never_more_than_an_error_of_ours(tracker: Tracker) -> None:
    apply(tracker, START)
    chance = random.Random(1)
    for _ in range(300):
        payload = bytes([chance.choice(b"PJ")]) + chance.randbytes(chance.randrange(60))
        if payload[:1] == b"P" and len(payload) > 18 and chance.random() < 0.7:
            payload = payload[:17] + bytes([chance.randrange(4)]) + payload[18:]
        data = struct.pack("<II", len(payload), zlib.crc32(payload)) + payload
        try:
            applied = int(tracker.client.hget("atlas:{job:job}:journals", "w"))
            apply(tracker, data, applied)
        except AtlasError:
            continue
    view = tracker.jobs.view("job")
    assert all(tracker.series.points("job", name).values for name in view.metrics)


@pytest.fixture
def configured(tracker: Tracker) -> Iterator[Callable[[str, int], None]]:
    """Set a value of Redis's configuration; the end of the test sets back all."""
    before: dict[str, str] = {}

    def configure(name: str, value: int) -> None:
        before.setdefault(name, tracker.client.config_get(name)[name])
        tracker.client.config_set(name, value)

    yield configure
    for name, value in before.items():
        tracker.client.config_set(name, value)


def test_a_batch_that_redis_refuses_half_way_is_applied_once_when_it_is_sent_again(tracker: Tracker) -> None:
    first = START + b"".join(point("long", float(index), float(index)) for index in range(3_000))
    offset = apply(tracker, first)
    batch = (
        point("before", 1.0)
        + operation_frame("metric", name="before", value="text", time=2.0)
        + operation_frame("param", name="p", value=1)
        + b"".join(point("long", float(index), float(index)) for index in range(3_000, 5_000))
        + b"".join(point("after", float(index), float(index)) for index in range(300))
    )
    tracker.client.set(keys.chunks("job", "after"), "no hash")
    for _ in range(2):
        with pytest.raises(ServerUnreachable, match="refuses"):
            apply(tracker, batch, offset)
    view = tracker.jobs.view("job")
    assert (list(view.metrics), view.params, view.metrics["long"]["count"]) == (["long"], {}, 3_000)
    assert tracker.series.points("job", "before").values == []
    assert len(tracker.series.points("job", "long").values) == 3_000
    apply(tracker, START + point("before", 0.0), writer="other")
    tracker.client.delete(keys.chunks("job", "after"))
    assert apply(tracker, batch, offset) == offset + len(batch)
    assert apply(tracker, batch, offset) == offset + len(batch)
    view = tracker.jobs.view("job")
    assert {name: summary["count"] for name, summary in view.metrics.items()} == {
        "long": 5_000,
        "before": 3,
        "after": 300,
    }
    assert tracker.series.points("job", "long").values == [float(index) for index in range(5_000)]
    assert sorted(tracker.series.points("job", "before").values, key=str) == [0.0, 1.0, "text"]
    assert tracker.series.points("job", "after").values == [float(index) for index in range(300)]
    assert view.params == {"p": 1}


def test_a_batch_for_which_there_is_no_memory_is_applied_once_when_there_is(
    tracker: Tracker, configured: Callable[[str, int], None]
) -> None:
    offset = apply(tracker, START)
    batch = point("m", 1.0) + operation_frame("end", status="completed", time=3.0)
    configured("maxmemory", 1)
    with pytest.raises(ServerUnreachable, match="refuses"):
        apply(tracker, batch, offset)
    assert tracker.jobs.get("job").status is JobStatus.RUNNING
    configured("maxmemory", 0)
    apply(tracker, batch, offset)
    assert tracker.series.points("job", "m").values == [1.0]
    assert tracker.jobs.get("job").status is JobStatus.COMPLETED
