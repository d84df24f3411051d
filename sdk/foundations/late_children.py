"""Processes of `multiprocessing` that this one starts though a signal has come that ends it.

A signal to a process group ends the workers of a `Pool` at once, and the pool's thread replaces them for as long as its
own process lives. What is told before that dies gives it the time, and the new workers, which never got the signal,
would run for ever.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

#: Seconds before the signal was heard of within which it may have come: the pool's thread may have run first.
_MARGIN = 0.5
#: Seconds in which a process whose start was under way is there to be seen.
_SETTLING = 0.1


class LateChildren:
    """Ends, with the process, the children that it would not have had without us; all others are left alone."""

    def __init__(self) -> None:
        self._known: frozenset[int] | None = None
        self._heard = 0.0

    def expect(self) -> None:
        """Note which children there are, and let no more be started: any thread that tries waits for the end."""
        processes = sys.modules.get("multiprocessing.process")
        if self._known is not None or processes is None:
            return
        self._heard = _uptime()
        processes.BaseProcess.start = _wait_for_the_end
        self._known = frozenset(each.pid or 0 for each in processes.active_children())

    def end(self, number: int) -> None:
        """Send the signal of this number to those that were started since; a moment later to any that then appear."""
        if self._known is None:
            return
        for pause in (_SETTLING, 0.0):
            for pid in self._late():
                with contextlib.suppress(OSError):
                    os.kill(pid, number)
            time.sleep(pause)

    def _late(self) -> Iterator[int]:
        for child in sys.modules["multiprocessing.process"].active_children():
            if child.pid is not None and (
                child.pid not in (self._known or ()) or _started(child.pid) >= self._heard - _MARGIN
            ):
                yield child.pid


def _wait_for_the_end(_: Any) -> None:
    threading.Event().wait()


def _uptime() -> float:
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else 0.0


def _started(pid: int) -> float:
    """Return when a process was started, in seconds since the machine was; 0 where nobody says."""
    try:
        facts = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
        return int(facts[19]) / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError):
        return 0.0
