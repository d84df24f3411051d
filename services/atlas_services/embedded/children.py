"""The children of the supervisor: Redis, which is another program, and our services, which are forks of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn, Protocol

from atlas_services.logs import log_to_file
from atlas_services.process_life import birth_of, die_with_parent

#: A child that lived shorter than this failed to start; it is started again with growing pauses, in seconds.
_QUICK_DEATH = 5.0
_PAUSES = (0.0, 0.2, 0.5, 1.0, 2.0, 5.0)


class Starter(Protocol):
    """Starts a child and returns its process id."""

    def __call__(self) -> int: ...


@dataclass
class Child:
    """A child that is to live as long as the stack: its present process, and when to start the next."""

    name: str
    start: Starter
    pid: int = 0
    birth: str = ""
    restarts: int = 0
    _started: float = 0.0
    _failures: int = 0
    start_at: float | None = field(default=None)

    def launch(self) -> None:
        """Start the child's process. Raises `OSError`."""
        self._started = time.monotonic()
        self.pid = self.start()
        self.birth = birth_of(self.pid) or ""
        self.start_at = None

    def note_death(self) -> float:
        """Plan the next start; returns the pause before it, in seconds."""
        now = time.monotonic()
        self._failures = self._failures + 1 if now - self._started < _QUICK_DEATH else 0
        pause = _PAUSES[min(self._failures, len(_PAUSES) - 1)]
        self.pid, self.start_at, self.restarts = 0, now + pause, self.restarts + 1
        return pause

    def signal(self, number: signal.Signals) -> None:
        """Send a signal, if the child lives."""
        if self.pid and birth_of(self.pid) == self.birth:
            os.kill(self.pid, number)


@dataclass(frozen=True)
class ForkedService:
    """Starts a service as a fork of this process, which has imported it: they share the memory of its code."""

    name: str
    run: Callable[[], None]
    logs: Path

    def __call__(self) -> int:
        supervisor = os.getpid()
        pid = os.fork()
        if pid == 0:
            self._become_service(supervisor)
        return pid

    def _become_service(self, supervisor: int) -> NoReturn:
        status = 1
        try:
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD, signal.SIGHUP):
                signal.signal(number, signal.SIG_DFL)
            signal.set_wakeup_fd(-1)
            os.setsid()  # Ctrl-C in the terminal reaches the supervisor alone, which stops all in order
            die_with_parent(supervisor)
            log_to_file(self.name, self.logs)
            _redirect_output(self.logs / f"{self.name}.log")
            self.run()
            status = 0
        except SystemExit as leaving:
            status = leaving.code if isinstance(leaving.code, int) else 1
        except BaseException:
            sys.excepthook(*sys.exc_info())
        finally:
            os._exit(status)  # never return into the supervisor's code


@dataclass(frozen=True)
class Program:
    """Starts another program, such as Redis."""

    command: tuple[str, ...]
    log: Path

    def __call__(self) -> int:
        supervisor = os.getpid()
        with self.log.open("ab") as output:
            process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,  # as above
                preexec_fn=lambda: die_with_parent(supervisor),
            )
        process.returncode = 0  # the supervisor waits for all its children itself; Popen is not to warn
        return process.pid


def _redirect_output(path: Path) -> None:
    """Send what a service writes past the logs (a crash of the interpreter) to the same file."""
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    os.close(descriptor)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
