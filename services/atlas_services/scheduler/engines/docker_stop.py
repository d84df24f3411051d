"""Ends of containers that are brought about: asked first, forced after a while, removed at last. All in the background.

A daemon that is away is asked again until it answers, so that no caller waits for it.
"""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import requests
from docker.errors import APIError

from atlas_services.scheduler.engines import EngineAway
from atlas_services.scheduler.engines.docker_daemon import Daemon

_log = logging.getLogger("atlas.scheduler.docker")

#: Seconds before a daemon that is away is asked again.
_PAUSE = 0.5
#: Containers that are removed at the same time.
_HANDS = 2
#: What the daemon answers when the container is gone, or not running, or being removed already.
_DONE = frozenset({requests.codes.not_found, requests.codes.conflict})


class ContainerEnds:
    """Stops and removes containers. `grace` is the time in seconds that a container is given to end by itself."""

    def __init__(self, daemon: Daemon, grace: float) -> None:
        self._daemon = daemon
        self._grace = grace
        self._closing = threading.Event()
        self._removals = ThreadPoolExecutor(_HANDS, "container-removal")

    def stop(self, container: str) -> None:
        """Ask it to end, and force it to after the grace period."""
        threading.Thread(target=self._stop, args=(container,), name="container-stop", daemon=True).start()

    def kill(self, container: str) -> None:
        """End it at once, if the daemon answers."""
        try:
            self._signal(container, signal.SIGKILL)
        except EngineAway as error:
            _log.warning("container %s cannot be killed: %s", container[:12], error)

    def remove(self, container: str) -> None:
        """Remove it with what it wrote, running or not."""
        if not self._closing.is_set():
            self._removals.submit(self._patiently, self._remove, container)

    def close(self) -> None:
        """Leave what is not done to the next scheduler."""
        self._closing.set()
        self._removals.shutdown(cancel_futures=True)

    def _stop(self, container: str) -> None:
        self._patiently(self._signal, container, signal.SIGTERM)
        self._closing.wait(self._grace)
        self._patiently(self._signal, container, signal.SIGKILL)

    def _signal(self, container: str, number: signal.Signals) -> None:
        try:
            self._daemon.ask(lambda client: client.kill(container, number.value))
        except APIError as error:
            _note(container, error)

    def _remove(self, container: str) -> None:
        try:
            self._daemon.ask(lambda client: client.remove_container(container, v=True, force=True))
        except APIError as error:
            _note(container, error)

    def _patiently(self, step: Callable[..., None], *arguments: Any) -> None:
        while not self._closing.is_set():
            try:
                step(*arguments)
                return
            except EngineAway:
                self._closing.wait(_PAUSE)
            except Exception:  # the caller is gone, and whoever sweeps up later tries again
                _log.exception("container %s: an end of it failed", arguments[0])
                return


def _note(container: str, error: APIError) -> None:
    if error.status_code not in _DONE:
        _log.warning("container %s: %s", container[:12], error)
