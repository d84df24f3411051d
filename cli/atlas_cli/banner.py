"""What `atlas-server start` says once the stack is ready."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from atlas_cli.output import Terminal
from atlas_cli.stack import Stack, await_stack


def banner(stack: Stack, workers: int) -> str:
    """Return the lines that say what runs and where to look."""
    lines = ["", f"Foundations Atlas services have started with {workers} worker(s)", ""]
    if stack.url("gui"):
        lines.append(f"Launch the GUI by navigating to {stack.url('gui')}")
    if stack.url("proxy"):
        lines.append(f"Clients and scripts report to {stack.url('proxy')}")
    return "\n".join([*lines, "Start with a sample project: foundations init my-project", ""])


def announce_later(home: Path, workers: int, timeout: float) -> None:
    """Print the banner when the stack of this very process is ready, although the process becomes the stack at once.

    A grandchild waits and prints; the child in between ends at once, so that nobody has to wait for either of them.
    """
    pid = os.getpid()
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        return
    if os.fork() == 0:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C reaches it, too, and should end it without a traceback
        stack = await_stack(home, pid, timeout)
        if stack is not None:
            Terminal().say(banner(stack, workers))
    os._exit(0)
