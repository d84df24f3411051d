"""Starting the embedded stack: as this very process, beside it, or in the background."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import NoReturn

from atlas_cli.outcome import CommandFailed
from atlas_cli.stack import STOP_PATIENCE, RunningStack, await_stack, end_process, log_file, server_directory
from atlas_core.settings import Ports, Settings

#: Seconds for the stack to get ready: it starts in one or two, on a busy machine in some more.
_START_PATIENCE = 60.0
#: Lines of the log that are shown when the stack did not start.
_SHOWN_LINES = 15
#: Seconds between two looks at what the services write.
_LOOK = 0.2


@dataclass(frozen=True)
class StackWish:
    """How the stack is to be started. `variables` are settings that count before those of the environment."""

    home: Path
    port_base: int | None = None
    variables: Mapping[str, str] = field(default_factory=dict)

    def command(self) -> list[str]:
        """Return the command that runs the stack. Raises if it would end at once, for a reason known here."""
        if find_spec("atlas_services") is None:
            raise CommandFailed("Error: the services are not installed here; run `pip install atlas-services`.")
        Settings.from_environment(
            self.environment(), ports=None if self.port_base is None else Ports.from_base(self.port_base)
        )
        command = [sys.executable, "-m", "atlas_services", "start", "--home", str(self.home)]
        return command if self.port_base is None else [*command, "--port-base", str(self.port_base)]

    def environment(self) -> dict[str, str]:
        """Return the stack's environment: without the mark of a command, which every job would inherit from it."""
        kept = {name: value for name, value in os.environ.items() if name != "FOUNDATIONS_COMMAND_LINE"}
        return {**kept, **self.variables}


def become_stack(wish: StackWish) -> NoReturn:
    """Replace this process by the stack, so that Ctrl-C and signals reach it directly. Raises `InvalidConfig`."""
    os.execve(sys.executable, wish.command(), wish.environment())  # noqa: S606  no shell is the point


def accompany_stack(wish: StackWish, meanwhile: Callable[[], None]) -> int:
    """Run the stack as a child, calling `meanwhile` again and again until it has ended; returns its exit code.

    Signals are handed on to it. Raises `InvalidConfig`.
    """
    process = subprocess.Popen(wish.command(), env=wish.environment(), stdin=subprocess.DEVNULL)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda received, _frame: process.send_signal(received))
    while process.poll() is None:
        meanwhile()
        time.sleep(_LOOK)
    meanwhile()
    return process.returncode


def start_in_background(wish: StackWish) -> RunningStack:
    """Start the stack as a process of its own and return when it is ready.

    Raises `CommandFailed` with the end of its log when it does not get ready, `InvalidConfig` for a wrong setting.
    """
    command = wish.command()
    server_directory(wish.home).mkdir(parents=True, exist_ok=True)
    log = log_file(wish.home)
    if log.exists():
        log.replace(log.with_name(log.name + ".1"))
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            env=wish.environment(),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    stack = await_stack(wish.home, process.pid, _START_PATIENCE)
    if stack is None:
        raise _failure(process, log)
    return stack


def _failure(process: subprocess.Popen[bytes], log: Path) -> CommandFailed:
    code = process.poll()
    how = f"is not ready after {_START_PATIENCE:.0f} seconds" if code is None else f"ended with exit code {code}"
    end_process(process.pid, STOP_PATIENCE)
    tail = "\n".join(log.read_text(errors="replace").splitlines()[-_SHOWN_LINES:])
    return CommandFailed(f"{tail}\nAtlas {how}. The whole log: {log}".lstrip())
