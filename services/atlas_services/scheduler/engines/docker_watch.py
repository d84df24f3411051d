"""The ends of containers, told as they come. After any break the daemon is asked what was missed."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Iterator
from enum import Enum
from typing import NamedTuple

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


class Happening(Enum):
    """What happens to a container."""

    ENDED = "die"
    GONE = "destroy"
    OUT_OF_MEMORY = "oom"


class ContainerEvent(NamedTuple):
    """What happened to a container; an end that was missed comes without its exit status."""

    container: str
    happening: Happening
    exit_code: int | None = None


class ContainerWatch(threading.Thread):
    """Calls `tell` with what happens to the containers that have this label, an end perhaps twice.

    `watched` returns the containers whose end must not be missed.
    """

    def __init__(
        self, daemon: Daemon, label: str, watched: Callable[[], list[str]], tell: Callable[[ContainerEvent], None]
    ) -> None:
        super().__init__(name="container-watch", daemon=True)
        self._daemon = daemon
        self._label = label
        self._watched = watched
        self._tell = tell
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
        filters = {"type": ["container"], "label": [self._label], "event": [each.value for each in Happening]}
        since = int(time.time()) - _OVERLAP
        with self._daemon.stream("/events", since=since, filters=json.dumps(filters)) as stream:
            self._stream = stream
            self._catch_up()
            if self._away:
                _log.info("the Docker engine answers again")
            self._away = False
            for event in _events(stream):
                if self._closing.is_set():
                    return
                self._tell(event)

    def _catch_up(self) -> None:
        watched = self._watched()
        if not watched:
            return
        filters = {"label": [self._label]}
        listed = self._daemon.ask(lambda client: client.containers(all=True, filters=filters))
        states = {each["Id"]: each["State"] for each in listed}
        for container in watched:
            if states.get(container) not in _ALIVE:
                self._tell(ContainerEvent(container, Happening.ENDED if container in states else Happening.GONE))

    def _note_away(self, error: Exception) -> None:
        if not self._away and not self._closing.is_set():
            _log.warning("%s Jobs wait until it does.", error)
        self._away = True


def _events(stream: Stream) -> Iterator[ContainerEvent]:
    for line in stream.lines():
        event = json.loads(line)
        actor, exit_code = event["Actor"], event["Actor"]["Attributes"].get("exitCode")
        yield ContainerEvent(actor["ID"], Happening(event["Action"]), None if exit_code is None else int(exit_code))
