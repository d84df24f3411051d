"""Telling when processes end."""

from __future__ import annotations

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
