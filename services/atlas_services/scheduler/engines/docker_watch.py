"""The ends of containers, told as they come. After any break the daemon is asked what was missed."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from docker.errors import APIError

from atlas_services.scheduler.engines import EngineAway
from atlas_services.scheduler.engines.docker_daemon import Daemon, Stream

_log = logging.getLogger("atlas.scheduler.docker")

#: Seconds before the daemon is tried again.
_PAUSE = 0.5
#: Seconds before the connection from which events are told again: between its answer and the first event it tells, the
#: daemon may miss one.
_OVERLAP = 2
#: States of a container that has not ended.
_ALIVE = frozenset({"created", "running", "paused", "restarting"})


class ContainerWatch(threading.Thread):
    """Calls `ended` with the id of each watched container that ends or disappears, `memory` when one is short of it.

    `ended` is told whether the container is gone, too. Either may be called twice for one container.
    """

    def __init__(
        self,
        daemon: Daemon,
        label: str,
        watched: Callable[[], list[str]],
        ended: Callable[[str, bool], None],
        memory: Callable[[str], None],
    ) -> None:
        super().__init__(name="container-watch", daemon=True)
        self._daemon = daemon
        self._label = label
        self._watched = watched
        self._told: dict[str, Callable[[str], None]] = {
            "die": lambda container: ended(container, False),
            "destroy": lambda container: ended(container, True),
            "oom": memory,
        }
        self._ended = ended
        self._closing = threading.Event()
        self._stream: Stream | None = None
        self._away = False

    def close(self) -> None:
        """Tell nothing any more."""
        self._closing.set()
        if self._stream is not None:
            self._stream.cut()

    def run(self) -> None:
        """Watch until `close`."""
        while not self._closing.is_set():
            try:
                self._follow()
            except (EngineAway, APIError) as error:
                self._note_away(error)
            except Exception:  # the ends of all other containers are still to be told
                _log.exception("the watch over containers failed; it goes on")
            self._daemon.forget()
            self._closing.wait(_PAUSE)

    def _follow(self) -> None:
        filters = {"type": ["container"], "label": [self._label], "event": list(self._told)}
        since = int(time.time()) - _OVERLAP
        with self._daemon.stream("/events", since=since, filters=json.dumps(filters)) as stream:
            self._stream = stream
            self._catch_up()
            if self._away:
                _log.info("the Docker engine answers again")
            self._away = False
            for event in _events(stream):
                told = self._told.get(event.get("Action", ""))
                if told is not None and not self._closing.is_set():
                    told(event["Actor"]["ID"])

    def _catch_up(self) -> None:
        watched = self._watched()
        if not watched:
            return
        filters = {"label": [self._label]}
        listed = self._daemon.ask(lambda client: client.containers(all=True, filters=filters))
        states = {each["Id"]: each["State"] for each in listed}
        for container in watched:
            if states.get(container) not in _ALIVE:
                self._ended(container, container not in states)

    def _note_away(self, error: Exception) -> None:
        if not self._away and not self._closing.is_set():
            _log.warning("%s Jobs wait until it does.", error)
        self._away = True


def _events(stream: Stream) -> Iterator[dict[str, Any]]:
    waiting = b""
    for piece in stream:
        *lines, waiting = (waiting + piece).split(b"\n")
        yield from (json.loads(line) for line in lines if line.strip())
