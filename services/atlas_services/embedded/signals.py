"""The signals of the supervisor: it sleeps until one comes."""

from __future__ import annotations

import contextlib
import os
import select
import signal
from collections.abc import Iterator


class Signals:
    """SIGTERM, SIGINT and SIGHUP ask to stop; SIGCHLD wakes. Without threads, by the self-pipe of Python's runtime."""

    def __init__(self, reader: int) -> None:
        self._reader = reader
        self._stop = False

    def note(self, number: int, frame: object) -> None:
        """Remember a wish to stop. The runtime has written to the pipe already, which wakes `wait`."""
        if number != signal.SIGCHLD:
            self._stop = True

    def stop_requested(self) -> bool:
        """Whether somebody asked to stop."""
        return self._stop

    def wait(self, timeout: float | None) -> None:
        """Return at the next signal, or after `timeout` seconds."""
        if select.select([self._reader], [], [], timeout)[0]:
            os.read(self._reader, 4096)


@contextlib.contextmanager
def caught_signals() -> Iterator[Signals]:
    """Catch them inside the block, and give what handled them before its place back."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    signals = Signals(reader)
    before = {
        number: signal.signal(number, signals.note)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD)
    }
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    try:
        yield signals
    finally:
        signal.set_wakeup_fd(-1)
        for number, handler in before.items():
            signal.signal(number, handler)
        os.close(reader)
        os.close(writer)
