"""SIGTERM, and SIGHUP of a terminal that is closed: the process dies by it as it would, but first it is told.

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

from foundations.late_children import LateChildren
from foundations.own_descriptor import OwnDescriptor

#: Seconds after which another thread stands in for the handler, and for which it then waits for what is told at most.
_PATIENCE, _LONGEST = 1.0, 6.0
#: What ends the process so. Where SIGHUP is ignored, as by `nohup`, it stays ignored.
_SIGNALS = (signal.SIGTERM, signal.SIGHUP)


def exit_code_of(number: int) -> int:
    """Return the exit code of a process that a signal ends, by convention."""
    return 128 + number


class Termination:
    """Lets the process die by a signal as it would, but first calls `tell` with its number, which takes a bounded time.

    `when` calls what it is given, at once or as soon as the interrupted frame has come so far that it can be.
    """

    def __init__(
        self, tell: Callable[[int], None], when: Callable[[FrameType | None, Callable[[], None]], None]
    ) -> None:
        self._tell = tell
        self._when = when
        #: Taken by whoever tells; set when the handler runs.
        self._telling = threading.Lock()
        self._is_handled = threading.Event()
        #: Set by the main thread once it tells: the other signal may come meanwhile.
        self._is_dying = False
        self._children = LateChildren()
        self._bell: tuple[OwnDescriptor, OwnDescriptor] | None = None
        #: Those of the signals that nobody else has taken.
        self._ours: frozenset[int] = frozenset()
        if threading.current_thread() is threading.main_thread():
            self._ours = frozenset(each for each in _SIGNALS if signal.getsignal(each) is signal.SIG_DFL)
        for number in self._ours:
            signal.signal(number, self._terminated)
        if self._ours:
            with contextlib.suppress(OSError, RuntimeError):  # no more files or threads: the handler alone must do
                self._listen()

    def release(self) -> None:
        """Restore the defaults, unless the user has set something else meanwhile."""
        for number in self._ours:
            if self._is_set(number):
                signal.signal(number, signal.SIG_DFL)
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
                number = next((each for each in heard if each in self._ours), None)
                if number is not None and self._is_set(number):
                    self._children.expect()
                    if not self._is_handled.wait(_PATIENCE):
                        self._stand_in(number)

    def _is_set(self, number: int) -> bool:
        return signal.getsignal(number) == self._terminated

    def _stand_in(self, number: int) -> None:
        if not self._is_set(number) or not self._telling.acquire(blocking=False):
            return
        # In a thread of its own: what it waits for may be held by the main thread, wherever that is.
        telling = threading.Thread(target=self._tell, args=(number,), name="foundations-last-word", daemon=True)
        telling.start()
        telling.join(_LONGEST)
        try:
            self._children.end(number)
            ctypes = import_module("ctypes")  # only the main thread may do it by the signal module
            ctypes.pythonapi.PyOS_setsig(number, None)
            os.kill(os.getpid(), number)
            threading.Event().wait(_PATIENCE)
        finally:
            os._exit(exit_code_of(number))

    def _terminated(self, number: int, frame: FrameType | None) -> None:
        self._is_handled.set()
        self._children.expect()
        self._when(frame, lambda: self._die(number))

    def _die(self, number: int) -> None:
        if self._is_dying:  # who closes a session may send both signals
            return
        self._is_dying = True
        if not self._telling.acquire(blocking=False):
            threading.Event().wait(_LONGEST)  # the other thread ends the process
        for each in self._ours:
            signal.signal(each, signal.SIG_DFL if each == number else signal.SIG_IGN)
        try:
            self._tell(number)
            self._children.end(number)
        finally:
            os.kill(os.getpid(), number)
