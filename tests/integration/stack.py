"""A real embedded stack for tests: its processes, its addresses, and commands that use it."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import psutil
from tests.redis_server import find_redis_server, require

from atlas_core.client import Connection, RestClient, SchedulerClient

T = TypeVar("T")

START_PATIENCE = 40.0
STOP_PATIENCE = 60.0


@dataclass
class RunningStack:
    """A stack in a home of its own."""

    home: Path
    port_base: int
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        """The proxy's address."""
        return f"http://127.0.0.1:{self.port_base + 4}"

    @property
    def rest(self) -> RestClient:
        return RestClient(Connection(self.url))

    @property
    def scheduler(self) -> SchedulerClient:
        return SchedulerClient(Connection(self.url))

    @property
    def environment(self) -> dict[str, str]:
        """The environment in which commands use this stack."""
        environment = clean_environment(self.home)
        environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
        return environment

    def facts(self) -> dict[str, Any]:
        """What the stack publishes of itself."""
        facts = json.loads((self.home / "server" / "stack.json").read_text())
        assert isinstance(facts, dict)
        return facts

    def pid_of(self, service: str) -> int:
        return int(self.facts()["services"][service]["pid"])

    def kill(self, service: str) -> None:
        """Kill a service, as soon as it runs."""

        def killed() -> bool:
            pid = self.facts()["services"][service]["pid"]
            with contextlib.suppress(ProcessLookupError):
                if pid:
                    os.kill(pid, signal.SIGKILL)
                    return True
            return False

        eventually(killed)

    def run(self, *command: str, cwd: Path | None = None, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a command against the stack and return what came of it."""
        return subprocess.run(
            command,
            cwd=cwd or self.home,
            env={**self.environment, **variables},
            capture_output=True,
            text=True,
            timeout=240,
        )

    def foundations(self, *arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        return self.run("foundations", *arguments, cwd=cwd)

    def python(self, *arguments: str, cwd: Path | None = None, **variables: str) -> subprocess.CompletedProcess[str]:
        return self.run(sys.executable, *arguments, cwd=cwd, **variables)

    def stop(self) -> int:
        """Ask the stack to stop and return its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(STOP_PATIENCE)


def clean_environment(home: Path) -> dict[str, str]:
    """Return this process's environment without settings of ours, for a home of its own."""
    ours = ("FOUNDATIONS_", "ATLAS_", "REDIS_URL", "NUM_WORKERS", "CUDA_VISIBLE_DEVICES")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return {**environment, "FOUNDATIONS_HOME": str(home)}


def start_stack(home: Path, port_base: int, **variables: str) -> RunningStack:
    """Start a stack without waiting for it. Its jobs are processes of this machine unless a variable says otherwise."""
    home.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "atlas_services", "start", "--port-base", str(port_base)]
    with (home / "stack.out").open("ab") as output:
        process = subprocess.Popen(
            command,
            env={**clean_environment(home), "ATLAS_ENGINE": "process", **variables},
            stdout=output,
            stderr=output,
            cwd=home,
        )
    return RunningStack(home, port_base, process)


@contextlib.contextmanager
def running_stack(home: Path, port_base: int | None = None, **variables: str) -> Iterator[RunningStack]:
    """Run a stack; it is ready inside the block and gone after it."""
    require(find_redis_server(), "redis-server")
    stack = start_stack(home, port_base or free_port_base(), **variables)
    try:
        wait_until_ready(stack)
        yield stack
    finally:
        if stack.process.poll() is None:
            stack.stop()


def wait_until_ready(stack: RunningStack) -> None:
    """Return when the stack has published itself; fail with what it said if it ends before."""

    def ready() -> bool:
        assert stack.process.poll() is None, (stack.home / "stack.out").read_text()
        with contextlib.suppress(FileNotFoundError, ValueError):
            return bool(stack.facts()["pid"] == stack.process.pid)
        return False

    eventually(ready, START_PATIENCE)


def descendants(pid: int) -> list[psutil.Process]:
    """Return every living descendant of a process."""
    return psutil.Process(pid).children(recursive=True)


def living(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Return those that still run. One that has ended and waits for its parent's notice does not."""
    alive = []
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            if process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
                alive.append(process)
    return alive


def eventually(condition: Callable[[], T], patience: float = 30.0) -> T:
    """Return the first true answer of `condition`; fail if none comes in time."""
    deadline = time.monotonic() + patience
    while True:
        answer = condition()
        if answer:
            return answer
        assert time.monotonic() < deadline, f"{condition} did not come true in {patience} s"
        time.sleep(0.05)


def free_port_base(above: int = 0) -> int:
    """Return a port from which eight consecutive ones are free, all of them higher than `above`."""
    # Processes that test side by side have neighbouring ids: they look in places far from each other.
    for base in range(max(20000 + os.getpid() * 37 % 500 * 16, above + 8), 60000, 8):
        with contextlib.suppress(OSError), contextlib.ExitStack() as probes:
            for port in range(base, base + 8):
                probe = probes.enter_context(socket.socket())
                probe.bind(("127.0.0.1", port))
            return base
    raise RuntimeError("No eight consecutive ports are free.")
