"""One scheduler at a time."""

from __future__ import annotations

import threading
from pathlib import Path

from atlas_services.scheduler.leader import Leadership


def test_the_second_leads_once_the_first_has_gone(tmp_path: Path) -> None:
    first, second = Leadership(tmp_path / "server" / "lock"), Leadership(tmp_path / "server" / "lock")
    first.acquire()
    waiting = threading.Thread(target=second.acquire)
    waiting.start()
    waiting.join(0.3)  # long enough to take a lock that is free
    assert (first.held, second.held) == (True, False)
    first.release()
    waiting.join(10)
    assert (first.held, second.held) == (False, True)
    second.release()
