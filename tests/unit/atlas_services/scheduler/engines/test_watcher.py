"""Telling when processes end."""

from __future__ import annotations

import os
import signal
import subprocess
import threading

from atlas_services.process_life import birth_of
from atlas_services.scheduler.engines.watcher import Watcher
from atlas_services.scheduler.engines.workspace import Taker


def test_a_handler_that_fails_does_not_keep_later_ends_from_being_told() -> None:
    second = threading.Event()

    def ended(key: str, _: int) -> None:
        if key == "first":
            raise ValueError("x")
        second.set()

    watcher = Watcher(ended)
    for key in ("first", "second"):
        child = subprocess.Popen(["true"])
        watcher.watch(key, Taker(child.pid, birth_of(child.pid) or "-"), child)
    assert second.wait(10)
    assert watcher.lives
    watcher.close()
    assert not watcher.lives


def test_a_process_that_is_to_be_watched_after_the_close_runs_on_unwatched() -> None:
    told: list[str] = []
    watcher = Watcher(lambda key, _: told.append(key))
    watcher.close()
    child = subprocess.Popen(["sleep", "60"])
    try:
        watcher.watch("late", Taker(child.pid, birth_of(child.pid) or "-"), child)
        assert birth_of(child.pid) is not None
        assert told == []
    finally:
        os.kill(child.pid, signal.SIGKILL)
        os.waitpid(child.pid, 0)
