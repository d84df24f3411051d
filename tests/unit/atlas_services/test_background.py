"""Work in a thread of its own."""

from __future__ import annotations

import threading

from tests.scheduler_service import wait_for

from atlas_services.background import Background


class Work(Background):
    """Says that it has begun, and waits to be closed."""

    def __init__(self) -> None:
        super().__init__("work")
        self.begun = threading.Event()

    def _run(self) -> None:
        self.begun.set()
        self._closing.wait()


def test_it_lives_from_its_start_until_it_is_closed() -> None:
    work = Work()
    assert not work.lives
    work.start()
    assert work.begun.wait(20)
    assert work.lives
    work.close()
    wait_for(lambda: not work.lives)
