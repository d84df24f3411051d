"""What happens, told to all who listen in this process: one reader of the tracker's stream, however many they are."""

from __future__ import annotations

import json
import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager

from atlas_services.tracker import UNAVAILABLE, Event, Events

#: Seconds for which the tracker is asked to wait for an event.
_WAIT = 15.0
#: Seconds of rest after events: what comes meanwhile is told together, or a busy server would wake every listener for
#: each batch that any job logs.
_REST = 0.1
#: Characters that wait for a slow listener. One for whom there are more is let go, and comes back to where it was.
_MOST_WAITING = 1_000_000


class Ended(Exception):
    """Raised when a listener hears no more: the tracker is gone, the service stops, or the listener was too slow."""


class Listener:
    """One who hears what happens in some projects, or everywhere."""

    def __init__(self, projects: Collection[str] | None) -> None:
        self._projects = projects
        self._wake = threading.Event()
        self._lock = threading.Lock()
        self._waiting: list[str] = []
        self._size = 0
        self._has_ended = False

    def hears(self, event: Event) -> bool:
        """Whether it is told of this event."""
        return self._projects is None or event.project in self._projects

    def tell(self, text: str) -> None:
        """Have it hear this."""
        with self._lock:
            self._waiting.append(text)
            self._size += len(text)
            self._has_ended |= self._size > _MOST_WAITING
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
    def listening(self, after: str, projects: Collection[str] | None) -> Iterator[Listener]:
        """Yield a listener who hears everything after the event with this id. Raises one of `UNAVAILABLE`."""
        listener = Listener(projects)
        with self._lock:
            if not self._is_reading:
                self._last = self._events.last_id()
                self._is_reading = True
                threading.Thread(target=self._read, name="events", daemon=True).start()
            self._listeners.add(listener)
            known = self._last
        if self._is_over:
            listener.end()
        try:
            self._catch_up(listener, after, known)
            yield listener
        finally:
            with self._lock:
                self._listeners.discard(listener)

    def _catch_up(self, listener: Listener, after: str, known: str) -> None:
        """Tell a listener what happened until the event with the id `known`; what follows, it hears with the others."""
        while _place(after) < _place(known):
            batch = self._events.wait(after, 0.0)
            if not batch:
                return
            for event in batch:
                after = event.id
                if _place(after) <= _place(known) and listener.hears(event):
                    listener.tell(render(event))

    def _read(self) -> None:
        rest = threading.Event()
        while self._goes_on():
            try:
                batch = self._events.wait(self._last, self._wait)
            except UNAVAILABLE:
                self._end_all()
                return
            self._tell(batch)
            if batch:
                rest.wait(_REST)

    def _goes_on(self) -> bool:
        with self._lock:
            self._is_reading = bool(self._listeners)
            return self._is_reading

    def _tell(self, batch: list[Event]) -> None:
        with self._lock:
            for event in batch:
                self._last = event.id
                text = render(event)
                for listener in self._listeners:
                    if listener.hears(event):
                        listener.tell(text)

    def _end_all(self) -> None:
        with self._lock:
            self._is_reading = False
            for listener in self._listeners:
                listener.end()


def render(event: Event) -> str:
    """Return an event as it is sent."""
    facts = {"kind": event.kind, "job_id": event.job_id, "project": event.project, "status": event.status}
    return f"id: {event.id}\ndata: {json.dumps(facts)}\n\n"


def _place(event_id: str) -> tuple[int, int]:
    time, _, number = event_id.partition("-")
    return int(time), int(number or 0)
