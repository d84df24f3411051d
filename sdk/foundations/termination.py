"""SIGTERM: the process dies by it as it would, but first it is told.

Python runs a handler between two steps of the main thread, which may be minutes away while that computes in C. So
another thread hears of the signal too, and stands in where the handler does not come. Only C code that keeps the
interpreter's lock all the while keeps both from running.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from importlib import import_module
from types import FrameType
from typing import Callable

from foundations.own_descriptor import OwnDescriptor

#: Seconds after which another thread stands in for the handler, and for which it then waits for what is told at most.
_PATIENCE, _LONGEST = 1.0, 6.0
#: The exit code of a process that ends so, by convention.
TERMINATED = 143


class Termination:
    """Lets the process die by SIGTERM as it would, but first calls `tell`, which takes a bounded time.

    `when` calls what it is given, at once or as soon as the interrupted frame has come so far that it can be.
    """

    def __init__(self, tell: Callable[[], None], when: Callable[[FrameType | None, Callable[[], None]], None]) -> None:
        self._tell = tell
        self._when = when
        #: Taken by whoever tells; set when the handler runs.
        self._telling = threading.Lock()
        self._is_handled = threading.Event()
        self._bell: tuple[OwnDescriptor, OwnDescriptor] | None = None
        if threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
            signal.signal(signal.SIGTERM, self._terminated)
            with contextlib.suppress(OSError, RuntimeError):  # no more files or threads: the handler alone must do
                self._listen()

    def release(self) -> None:
        """Restore the default, unless the user has set something else meanwhile."""
        if signal.getsignal(signal.SIGTERM) == self._terminated:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
        if self._bell is not None:
            bell, self._bell = self._bell, None
            current = signal.set_wakeup_fd(-1)
            if current not in (-1, bell[1].number):
                signal.set_wakeup_fd(current)
            for descriptor in bell:
                descriptor.close()

    def _listen(self) -> None:
        """Have the number of each signal written to a pipe, at once, and listen there; unless an event loop does."""
        reading, writing = os.pipe()
        self._bell = OwnDescriptor(reading), OwnDescriptor(writing)
        os.set_blocking(self._bell[1].number, False)
        before = signal.set_wakeup_fd(self._bell[1].number, warn_on_full_buffer=False)
        if before != -1:
            signal.set_wakeup_fd(before, warn_on_full_buffer=False)
            return
        thread = threading.Thread(target=self._hear, args=(self._bell[0],), name="foundations-termination", daemon=True)
        thread.start()

    def _hear(self, bell: OwnDescriptor) -> None:
        with contextlib.suppress(OSError):
            while bell.is_ours():
                heard = os.read(bell.number, 64)
                if not heard:
                    return
                if signal.SIGTERM in heard and not self._is_handled.wait(_PATIENCE):
                    self._stand_in()

    def _stand_in(self) -> None:
        if signal.getsignal(signal.SIGTERM) != self._terminated or not self._telling.acquire(blocking=False):
            return
        # In a thread of its own: what it waits for may be held by the main thread, wherever that is.
        telling = threading.Thread(target=self._tell, name="foundations-last-word", daemon=True)
        telling.start()
        telling.join(_LONGEST)
        try:
            ctypes = import_module("ctypes")  # only the main thread may do it by the signal module
            ctypes.pythonapi.PyOS_setsig(int(signal.SIGTERM), None)
            os.kill(os.getpid(), signal.SIGTERM)
            threading.Event().wait(_PATIENCE)
        finally:
            os._exit(TERMINATED)

    def _terminated(self, _number: int, frame: FrameType | None) -> None:
        self._is_handled.set()
        self._when(frame, self._die)

    def _die(self) -> None:
        if not self._telling.acquire(blocking=False):
            threading.Event().wait(_LONGEST)  # the other thread ends the process
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        try:
            self._tell()
        finally:
            os.kill(os.getpid(), signal.SIGTERM)
