from __future__ import annotations

import itertools
import json
import threading
import time
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import redis

from atlas_core.states import JobStatus
from atlas_services.rest_api.broadcast import Broadcast, Ended, Listener
from atlas_services.rest_api.events import event_stream
from atlas_services.tracker import Events, Tracker, keys, open_tracker
from atlas_services.tracker.events import publish_logged


@pytest.fixture
def tracker(redis_url: str) -> Iterator[Tracker]:
    """A tracker that knows nothing yet."""
    tracker = open_tracker(redis_url)
    yield tracker
    tracker.client.close()


def test_a_reader_that_knows_its_place_misses_nothing(tracker: Tracker) -> None:
    for name in ("a", "b", "c"):
        tracker.jobs.create(name, "p", JobStatus.QUEUED, 1.0, "t")
    first = next_events(event_stream(Broadcast(tracker.events), "0-0", None))
    assert [line for line in first.splitlines() if '"job_id"' in line and '"a"' in line]
    place = first.split("\n\n")[0].removeprefix("id: ").splitlines()[0]
    second = next_events(event_stream(Broadcast(tracker.events), place, None))
    assert ('"job_id": "a"' in second, '"job_id": "b"' in second, '"job_id": "c"' in second) == (False, True, True)


def test_a_reader_may_begin_with_what_happened_just_now(tracker: Tracker) -> None:
    tracker.jobs.create("a", "p", JobStatus.QUEUED, 1.0, "t")
    told = next_events(event_stream(Broadcast(tracker.events), tracker.events.id_of(60), None))
    assert '"job_id": "a"' in told
    seconds, _ = tracker.client.time()
    assert abs(int(tracker.events.id_of(60).split("-")[0]) / 1000 - (seconds - 60)) < 20


def test_silence_is_broken_by_comments(tracker: Tracker) -> None:
    assert next_events(event_stream(Broadcast(tracker.events), "0-0", None, silence=0.01)) == ": still here\n\n"


def test_other_projects_are_silence(tracker: Tracker) -> None:
    tracker.jobs.create("a", "other", JobStatus.QUEUED, 1.0, "t")
    stream = event_stream(Broadcast(tracker.events), "0-0", ["p"], silence=0.01)
    assert next_events(stream) == ": still here\n\n"
    tracker.jobs.create("b", "p", JobStatus.QUEUED, 1.0, "t")
    assert '"job_id": "b"' in next(stream)


def test_the_stream_ends_when_the_tracker_is_gone() -> None:
    class Gone(Events):
        def last_id(self) -> str:
            raise redis.exceptions.ConnectionError

    assert list(event_stream(Broadcast(Gone(None)), "5-1", None)) == ["retry: 1000\nid: 5-1\n\n"]


def test_listeners_are_let_go_when_the_tracker_goes(tracker: Tracker) -> None:
    broadcast = Broadcast(tracker.events, wait=60.0)
    stream = event_stream(broadcast, tracker.events.last_id(), None, silence=0.01)
    assert next_events(stream) == ": still here\n\n"
    tracker.client.connection_pool.disconnect()  # as when Redis is restarted
    deadline = time.monotonic() + 60
    while (said := next(stream, None)) is not None:
        assert said == ": still here\n\n"
        assert time.monotonic() < deadline


def test_whatever_ends_the_reading_lets_everybody_go_and_the_next_are_told_again(
    tracker: Tracker, caplog: pytest.LogCaptureFixture
) -> None:
    broadcast = Broadcast(tracker.events, wait=0.05)
    stream = event_stream(broadcast, tracker.events.last_id(), None, silence=0.01)
    next_events(stream)
    tracker.client.set(keys.EVENTS, "no stream at all")  # Redis refuses to read it
    assert not [said for said in stream if said != ": still here\n\n"]
    assert "Events could not be read" in caplog.text
    tracker.client.delete(keys.EVENTS)
    again = event_stream(broadcast, tracker.events.last_id(), None, silence=0.05)
    next_events(again)
    tracker.jobs.create("new", "p", JobStatus.QUEUED, 1.0, "t")
    assert '"new"' in until_an_event(again)
    again.close()


def test_a_thread_that_cannot_begin_leaves_the_next_to_try(tracker: Tracker, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    broadcast = Broadcast(tracker.events, wait=0.05)
    with monkeypatch.context() as full, pytest.raises(RuntimeError):
        full.setattr(threading.Thread, "start", refuse)
        list(event_stream(broadcast, "0-0", None))
    stream = event_stream(broadcast, "0-0", None, silence=0.05)
    next_events(stream)
    tracker.jobs.create("new", "p", JobStatus.QUEUED, 1.0, "t")
    assert '"new"' in until_an_event(stream)
    stream.close()


def test_all_listeners_hear_what_happens_and_each_what_it_missed(tracker: Tracker) -> None:
    broadcast = Broadcast(tracker.events)
    tracker.jobs.create("old", "p", JobStatus.QUEUED, 1.0, "t")
    streams = [event_stream(broadcast, place, ["p"], silence=0.05) for place in ("0-0", tracker.events.last_id())]
    texts = [next_events(stream) for stream in streams]
    assert ['"old"' in text for text in texts] == [True, False]
    tracker.jobs.create("new", "p", JobStatus.QUEUED, 2.0, "t")
    for stream in streams:
        assert '"new"' in until_an_event(stream)


def test_a_listener_that_does_not_listen_is_let_go(tracker: Tracker) -> None:
    listener = Listener(None)
    for _ in range(3):
        listener.tell("x" * 500_000)
    with pytest.raises(Ended):
        listener.hear(0.0)


def test_a_reader_that_missed_all_that_is_kept_hears_it_in_order_and_then_what_is_new(tracker: Tracker) -> None:
    pipe = tracker.client.pipeline()
    for number in range(10_000):
        publish_logged(pipe, f"{number:036}", "a project of some name", "running")
    pipe.execute()
    stream = event_stream(Broadcast(tracker.events), "0-0", None, silence=0.05)
    texts = list(itertools.islice(stream, 21))
    tracker.jobs.create("new", "p", JobStatus.QUEUED, 1.0, "t")
    texts.append(until_an_event(stream))
    told = [json.loads(line[6:])["job_id"] for line in "".join(texts).splitlines() if line.startswith("data: ")]
    assert told == [*(f"{number:036}" for number in range(10_000)), "new"]


def test_two_hundred_listeners_all_hear_what_concerns_them(tracker: Tracker) -> None:
    broadcast = Broadcast(tracker.events)
    chosen: list[Collection[str] | None] = [None, ["p"], ["p", "q"], ["q"]]
    place = tracker.events.last_id()
    streams = [event_stream(broadcast, place, chosen[number % 4], silence=0.1) for number in range(200)]
    with ThreadPoolExecutor(len(streams)) as pool:
        assert set(pool.map(next_events, streams)) == {": still here\n\n"}
        tracker.jobs.create("a", "p", JobStatus.QUEUED, 1.0, "t")
        tracker.jobs.create("b", "q", JobStatus.QUEUED, 1.0, "t")
        texts = list(pool.map(until_an_event, streams))
    for number, text in enumerate(texts):
        assert ('"a"' in text) == (number % 4 != 3)
        assert ('"b"' in text) <= (number % 4 != 1)
    for stream in streams:
        stream.close()


def test_streams_end_when_the_service_stops_and_none_begins(tracker: Tracker) -> None:
    broadcast = Broadcast(tracker.events, wait=0.05)
    stream = event_stream(broadcast, tracker.events.last_id(), None, silence=0.01)
    next_events(stream)
    broadcast.end()
    assert list(stream) == []
    assert len(list(event_stream(broadcast, tracker.events.last_id(), None, silence=60.0))) == 1  # its place alone


def test_the_reader_rests_when_nobody_listens(tracker: Tracker) -> None:
    broadcast = Broadcast(tracker.events, wait=0.05)
    stream = event_stream(broadcast, "0-0", None, silence=0.01)
    next_events(stream)
    assert is_read()
    stream.close()
    deadline = time.monotonic() + 30
    while is_read():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    again = event_stream(broadcast, "0-0", None, silence=0.05)
    next_events(again)
    tracker.jobs.create("later", "p", JobStatus.QUEUED, 1.0, "t")
    assert '"later"' in until_an_event(again)


def is_read() -> bool:
    """Whether a thread of this process reads events."""
    return any(thread.name == "events" for thread in threading.enumerate())


def until_an_event(stream: Iterator[str]) -> str:
    """Return the next that is no silence."""
    deadline = time.monotonic() + 60
    while (said := next(stream)).startswith(":"):
        assert time.monotonic() < deadline
    return said


def next_events(stream: Iterator[str]) -> str:
    """Return what follows the place with which each stream begins."""
    assert next(stream).startswith("retry: ")
    return next(stream)
