"""The end of processes: of children that were told to, and of what services left behind."""

from __future__ import annotations

import contextlib
import os
import signal
import time

from atlas_services.embedded.children import Child
from atlas_services.process_life import birth_of, children_of

#: Seconds within which killed orphans must have disappeared.
ORPHAN_PATIENCE = 10.0


def ending(status: int) -> str:
    """Return in words how a process ended, from the status that `waitpid` gave."""
    code = os.waitstatus_to_exitcode(status)
    return f"signal {-code}" if code < 0 else f"exit status {code}"


def await_end(children: list[Child], patience: float) -> None:
    """Return when none of the children lives any more, or after `patience` seconds."""
    deadline = time.monotonic() + patience
    while any(_lives(child) for child in children) and time.monotonic() < deadline:
        _bury_dead()
        time.sleep(0.01)


def _lives(child: Child) -> bool:
    return bool(child.pid) and birth_of(child.pid) == child.birth


def _bury_dead() -> None:
    """Take notice of every child that has ended, so that none stays in the process table."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def end_orphans() -> None:
    """Kill what the services left behind; descendants whose parents died have become our children."""
    deadline = time.monotonic() + ORPHAN_PATIENCE
    while time.monotonic() < deadline:
        left = children_of(os.getpid())
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        _bury_dead()
        if not left:
            return
        time.sleep(0.02)
