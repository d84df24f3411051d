"""What the handler of a signal wants done, put off as long as the main thread may hold a lock that others wait for."""

from __future__ import annotations

import threading
from types import CodeType, FrameType
from typing import Callable


class Postponement:
    """Knows by the code that runs, `holding`, whether a lock may be held.

    That is read from the stack alone: a count could be left wrong by an exception between any two steps.
    """

    def __init__(self, holding: frozenset[CodeType]) -> None:
        self._holding = holding
        #: What is to be done as soon as the main thread holds no lock of ours.
        self.action: Callable[[], None] | None = None

    def when_left(self, interrupted: FrameType | None, action: Callable[[], None]) -> None:
        """Call `action` now, or leave it to `act` where the `interrupted` main thread may hold a lock."""
        while interrupted is not None:
            if interrupted.f_code in self._holding:
                self.action = action
                return
            interrupted = interrupted.f_back
        action()

    def act(self) -> None:
        """Do what was put off, if this is the main thread. To be called whenever that has left `holding`."""
        if threading.get_ident() == threading.main_thread().ident:
            action, self.action = self.action, None
            if action is not None:
                action()
