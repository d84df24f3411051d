"""What happens, told to all who listen in this process: one reader of the tracker's stream, however many they are."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager

from atlas_services.tracker import UNAVAILABLE, Event, Events

_log = logging.getLogger("atlas.rest_api")

#: Seconds for which the tracker is asked to wait for an event.
_WAIT = 15.0
#: Listeners that are woken together, and seconds until the next ones are: hundreds of threads at once would keep each
#: request from its turn.
_TOGETHER, _PAUSE = 8, 0.02
#: Turns of waking after which events are read again, at the least: what comes meanwhile is told together, or a busy
#: server would wake everybody for each batch that any job logs.
_TURNS = 5
#: Characters that wait for a slow listener. One for whom there are more is let go, and comes back to where it was.
_MOST_WAITING = 1_000_000


class Ended(Exception):
    """Raised when a listener hears no more: the tracker is gone, the service stops, or the listener was too slow."""


class Listener:
    """One who hears what happens in some projects, or everywhere."""

    def __init__(self, projects: Collection[str] | None) -> None:
        self.projects = None if projects is None else frozenset(projects)
        #: The id of the last event that it is not told of.
        self.since = ""
        self._wake = threading.Event()
        self._lock = threading.Lock()
        self._waiting: list[str] = []
        self._size = 0
        self._has_ended = False

    def tell(self, text: str) -> None:
        """Have it hear this, once it is woken."""
        with self._lock:
            self._waiting.append(text)
            self._size += len(text)
            self._has_ended |= self._size > _MOST_WAITING

    def wake(self) -> None:
        """Have it hear now what it was told."""
        self._wake.set()

    def end(self) -> None:
        """Have it hear no more."""
        self._has_ended = True
        self._wake.set()

    def hear(self, patience: float) -> str:
        """Return what it was told since it last heard; "" after so many silent seconds. Raises `Ended`."""
        self._wake.wait(patience)
        with self._lock:
            self._wake.clear()
            text, self._waiting, self._size = "".join(self._waiting), [], 0
            if self._has_ended:
                raise Ended
        return text


class Broadcast:
    """Tells listeners. Its thread lives as long as there are any."""

    def __init__(self, events: Events, wait: float = _WAIT) -> None:
        self._events = events
        self._wait = wait
        self._lock = threading.Lock()
        self._listeners: set[Listener] = set()
        self._last = ""
        self._is_reading = False
        self._is_over = False

    def end(self) -> None:
        """Have nobody hear any more. It takes no lock, for it is called in the handler of a signal."""
        self._is_over = True
        for listener in tuple(self._listeners):
            listener.end()

    @contextmanager
    def listening(self, projects: Collection[str] | None) -> Iterator[Listener]:
        """Yield a listener who hears what happens from now on, and knows since when. Raises one of `UNAVAILABLE`."""
        listener = Listener(projects)
        with self._lock:
            if not self._is_reading:
                self._last = self._events.last_id()
                threading.Thread(target=self._read, name="events", daemon=True).start()
                self._is_reading = True
            self._listeners.add(listener)
            listener.since = self._last
        if self._is_over:
            listener.end()
        try:
            yield listener
        finally:
            with self._lock:
                self._listeners.discard(listener)

    def missed(self, listener: Listener, after: str) -> Iterator[str]:
        """Yield what happened after the event with this id and before the listener hears, as fast as it is taken."""
        while _place(after) < _place(listener.since):
            batch = self._events.wait(after, 0.0)
            if not batch:
                return
            after = batch[-1].id
            known = [event for event in batch if _place(event.id) <= _place(listener.since)]
            if text := _Told(known).to(listener.projects):
                yield text

    def _read(self) -> None:
        try:
            while self._goes_on():
                if batch := self._events.wait(self._last, self._wait):
                    self._wake(self._tell(batch))
        except Exception as error:  # whatever it is: who listens comes back, and is heard by another thread
            if not isinstance(error, UNAVAILABLE):
                _log.exception("Events could not be read")
            self._end_all()

    def _goes_on(self) -> bool:
        with self._lock:
            self._is_reading = bool(self._listeners)
            return self._is_reading

    def _tell(self, batch: list[Event]) -> list[Listener]:
        """Tell everybody of these events; returns whom to wake."""
        told = _Told(batch)
        with self._lock:
            self._last = batch[-1].id
            hearing = [listener for listener in self._listeners if told.to(listener.projects)]
            for listener in hearing:
                listener.tell(told.to(listener.projects))
        return hearing

    @staticmethod
    def _wake(listeners: list[Listener]) -> None:
        for place in range(0, max(len(listeners), _TURNS * _TOGETHER), _TOGETHER):
            for listener in listeners[place : place + _TOGETHER]:
                listener.wake()
            time.sleep(_PAUSE)

    def _end_all(self) -> None:
        with self._lock:
            self._is_reading = False
            for listener in self._listeners:
                listener.end()


class _Told:
    """What is said of some events: written once for all who hear of the same projects."""

    def __init__(self, events: list[Event]) -> None:
        self._texts = [(event.project, render(event)) for event in events]
        self._said: dict[frozenset[str] | None, str] = {}

    def to(self, projects: frozenset[str] | None) -> str:
        """Return what is said to those who hear of these projects, or of all; "" if that is nothing."""
        if projects not in self._said:
            texts = (text for project, text in self._texts if projects is None or project in projects)
            self._said[projects] = "".join(texts)
        return self._said[projects]


def render(event: Event) -> str:
    """Return an event as it is sent."""
    facts = {"kind": event.kind, "job_id": event.job_id, "project": event.project, "status": event.status}
    return f"id: {event.id}\ndata: {json.dumps(facts)}\n\n"


def _place(event_id: str) -> tuple[int, int]:
    time, _, number = event_id.partition("-")
    return int(time), int(number or 0)
