"""Starting the embedded stack: as this very process, or in the background."""

from __future__ import annotations

import os
import subprocess
import sys
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


def become_stack(home: Path, port_base: int | None) -> NoReturn:
    """Replace this process by the stack, so that Ctrl-C and signals reach it directly. Raises `InvalidConfig`."""
    os.execve(sys.executable, _command(home, port_base), _environment())  # noqa: S606  no shell is the point


def start_in_background(home: Path, port_base: int | None) -> RunningStack:
    """Start the stack as a process of its own and return when it is ready.

    Raises `CommandFailed` with the end of its log when it does not get ready, `InvalidConfig` for a wrong setting.
    """
    command = _command(home, port_base)
    server_directory(home).mkdir(parents=True, exist_ok=True)
    log = log_file(home)
    if log.exists():
        log.replace(log.with_name(log.name + ".1"))
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    stack = await_stack(home, process.pid, _START_PATIENCE)
    if stack is None:
        raise _failure(process, log)
    return stack


def _command(home: Path, port_base: int | None) -> list[str]:
    """Return the command that runs the stack. Raises if it would end at once, for a reason that can be told here."""
    if find_spec("atlas_services") is None:
        raise CommandFailed("Error: the services are not installed here; run `pip install atlas-services`.")
    Settings.from_environment(ports=None if port_base is None else Ports.from_base(port_base))
    command = [sys.executable, "-m", "atlas_services", "start", "--home", str(home)]
    return command if port_base is None else [*command, "--port-base", str(port_base)]


def _environment() -> dict[str, str]:
    """Return the environment of the stack: without the mark of a command, which every job would inherit from it."""
    return {name: value for name, value in os.environ.items() if name != "FOUNDATIONS_COMMAND_LINE"}


def _failure(process: subprocess.Popen[bytes], log: Path) -> CommandFailed:
    code = process.poll()
    how = f"is not ready after {_START_PATIENCE:.0f} seconds" if code is None else f"ended with exit code {code}"
    end_process(process.pid, STOP_PATIENCE)
    tail = "\n".join(log.read_text(errors="replace").splitlines()[-_SHOWN_LINES:])
    return CommandFailed(f"{tail}\nAtlas {how}. The whole log: {log}".lstrip())
