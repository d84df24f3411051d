"""The TensorBoards that run: one a selection, started when somebody looks, stopped when nobody does."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from atlas_core.errors import ServerUnreachable
from atlas_services.tensorboard_api.viewer import Viewer
from atlas_services.upstream import Upstream

_log = logging.getLogger("atlas.tensorboard")

#: A TensorBoard that was asked within so many seconds is not stopped to make room for another.
_BUSY = 10.0
#: Seconds between two looks for what is idle.
_PERIOD = 5.0


class Viewers:
    """At most `most` TensorBoards, each of which stops when nobody asked it for `idle` seconds."""

    def __init__(self, most: int, idle: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._idle = idle
        self._clock = clock
        self._running: dict[str, Viewer] = {}
        self._lock = threading.Lock()
        self._closing = threading.Event()
        # A process that is to die with its parent dies with the thread that started it: this one stays to the end.
        self._starter = ThreadPoolExecutor(1, "tensorboard")

    def show(self, selection: str, logs: Path, prefix: str) -> None:
        """Have the selection's TensorBoard run, without waiting until it answers.

        Raises `Conflict` where none is installed, `ServerUnreachable` when others look at as many as there may be.
        """
        self._viewer(selection, logs, prefix)

    def upstream(self, selection: str, logs: Path, prefix: str) -> Upstream:
        """Return the way to the selection's TensorBoard, as soon as it answers. Raises as `show` does."""
        viewer = self._viewer(selection, logs, prefix, awaited=1)
        try:
            return viewer.upstream()
        finally:
            with self._lock:
                viewer.awaited -= 1
                viewer.used = self._clock()

    def running(self) -> list[str]:
        """Return the selections that are shown."""
        with self._lock:
            return [name for name, viewer in self._running.items() if viewer.lives]

    def watch(self, then: Callable[[], None]) -> None:
        """Stop what is idle, again and again until `close`, and call `then` each time."""
        while not self._closing.wait(_PERIOD):
            try:
                self.stop_idle()
                then()
            except OSError:
                _log.exception("Looking for what nobody uses failed.")

    def stop_idle(self) -> None:
        """Stop each TensorBoard that nobody has asked for the idle time; forget those that ended by themselves."""
        with self._lock:
            for name, viewer in list(self._running.items()):
                if not viewer.lives or self._is_unused(viewer, self._idle):
                    self._stop(name)

    def close(self) -> None:
        """Stop all of them."""
        self._closing.set()
        with self._lock:
            for name in list(self._running):
                self._stop(name)
        self._starter.shutdown()

    def _is_unused(self, viewer: Viewer, seconds: float) -> bool:
        return viewer.awaited == 0 and self._clock() - viewer.used > seconds

    def _viewer(self, selection: str, logs: Path, prefix: str, awaited: int = 0) -> Viewer:
        with self._lock:
            viewer = self._running.get(selection)
            if viewer is None or not viewer.lives:
                self._running.pop(selection, None)
                self._make_room()
                viewer = self._running[selection] = self._starter.submit(Viewer, logs, prefix).result()
                _log.info("Started TensorBoard for selection %s.", selection)
            viewer.used = self._clock()
            viewer.awaited += awaited
            return viewer

    def _make_room(self) -> None:
        """Stop the TensorBoard that was not asked for longest, if there are as many as there may be."""
        if len(self._running) < self._most:
            return
        name = min(self._running, key=lambda each: self._running[each].used)
        if self._running[name].lives and not self._is_unused(self._running[name], _BUSY):
            raise ServerUnreachable(
                f"{self._most} TensorBoards are in use, and no more may run; try again in a minute, or raise "
                "ATLAS_TENSORBOARD_PROCESSES."
            )
        self._stop(name)

    def _stop(self, name: str) -> None:
        self._running.pop(name).stop()
        _log.info("Stopped TensorBoard for selection %s.", name)
