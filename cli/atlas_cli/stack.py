"""The embedded stack on this machine: the record that it writes about itself, and the process behind it."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from atlas_core.processes import birth_of

#: Seconds for a stack to stop that does not say how long it may take; running jobs have their grace first.
STOP_PATIENCE = 30.0
#: Seconds between two looks at something that only a look can tell.
_PAUSE = 0.05
#: Every process of the stack is started as `python -m` of this module.
_MODULE = "atlas_services"


@dataclass(frozen=True)
class Service:
    """One service of a running stack."""

    name: str
    url: str


@dataclass(frozen=True)
class RunningStack:
    """What a stack that runs says about itself. `birth` tells its process from a later one of the same id."""

    pid: int
    birth: str
    started: Any
    workers: int
    services: tuple[Service, ...]
    stop_patience: float = STOP_PATIENCE
    engine: str = ""

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> RunningStack:
        """Return the stack that a record describes. Raises `KeyError`, `TypeError` or `ValueError` if it is none."""
        services = tuple(Service(name, str(facts["url"])) for name, facts in data.get("services", {}).items())
        patience = float(data.get("stop_patience", STOP_PATIENCE))
        return cls(
            pid=int(data["pid"]),
            birth=str(data["birth"]),
            started=data.get("started"),
            workers=int(data["workers"]),
            services=services,
            stop_patience=patience,
            engine=str(data.get("engine") or ""),
        )

    def url(self, name: str) -> str | None:
        """Return the address of a service, if the stack has it."""
        return next((service.url for service in self.services if service.name == name), None)


def server_directory(home: Path) -> Path:
    """Return where the stack keeps its record and its log."""
    return home / "server"


def log_file(home: Path) -> Path:
    """Return the log of a stack in the background."""
    return server_directory(home) / "server.log"


def running_stack(home: Path) -> RunningStack | None:
    """Return the stack that runs on this home; None when there is none, or only the record of one that was killed."""
    try:
        stack = RunningStack.from_dict(json.loads((server_directory(home) / "stack.json").read_text()))
    except (OSError, KeyError, TypeError, ValueError, AttributeError):
        return None
    return stack if _is_running(stack) else None


def await_stack(home: Path, pid: int, timeout: float) -> RunningStack | None:
    """Return the stack that process `pid` starts, once it is ready; None when `pid` has ended or the time is up."""
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline and _is_alive(pid):
        stack = running_stack(home)
        if stack is not None:
            return stack
        time.sleep(_PAUSE)
    return None


def end_process(pid: int, timeout: float) -> bool:
    """Ask a process to end and wait; False when it is still there after `timeout` seconds."""
    birth = birth_of(pid)
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + timeout
    while _is_alive(pid) and birth_of(pid) == birth:
        if time.monotonic() > deadline:
            return False
        time.sleep(_PAUSE)
    return True


def _is_running(stack: RunningStack) -> bool:
    """Whether its process lives: after a crash the number may belong to another program, or to another of ours."""
    return birth_of(stack.pid) == stack.birth and _MODULE in _command_line(stack.pid)


def _is_alive(pid: int) -> bool:
    """Whether the process runs; one that has ended and whose parent has not noticed does not.

    The command line cannot tell: it is empty for a moment while a process becomes another program.
    """
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return not _state(pid).startswith("Z")


def _state(pid: int) -> str:
    """Return the letter that ps shows for the state of a process; nothing once it has gone."""
    try:
        # the name before the state is in parentheses, and may hold any character
        return Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].strip()[:1]
    except OSError:
        return _ps("stat=", pid)


def _command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return _ps("command=", pid)


def _ps(column: str, pid: int) -> str:
    """Ask ps, which is everywhere, where there is no /proc."""
    shown = subprocess.run(["ps", "-o", column, "-p", str(pid)], capture_output=True, text=True, check=False)
    return shown.stdout.strip()
