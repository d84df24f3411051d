"""What a stack leaves on disk for others: `server/stack.json`, a lock, and what is left of one that was killed."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from atlas_core.errors import Conflict, InvalidConfig
from atlas_services.process_life import birth_of

#: Seconds that the processes of a killed stack get to disappear.
_LEFTOVER_PATIENCE = 10.0


class StackRecord:
    """The files of one stack below `$FOUNDATIONS_HOME/server`."""

    def __init__(self, home: Path) -> None:
        self.directory = home / "server"
        self.path = self.directory / "stack.json"

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the home for this stack alone. Raises `Conflict` when another one runs in it."""
        with self._open_lock() as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Conflict(self._already_running()) from None
            yield

    def write(self, facts: dict[str, Any]) -> None:
        """Publish what runs where, whole or not at all."""
        part = self.path.with_suffix(".part")
        part.write_text(json.dumps(facts, indent=2) + "\n")
        part.replace(self.path)

    def remove(self) -> None:
        """Take the publication back."""
        self.path.unlink(missing_ok=True)

    def read(self) -> dict[str, Any] | None:
        """Return what was published, if anything."""
        with contextlib.suppress(OSError, ValueError):
            facts = json.loads(self.path.read_text())
            return facts if isinstance(facts, dict) else None
        return None

    def end_leftovers(self) -> list[str]:
        """End what still runs of a stack that was killed in this home; returns the names. Call under the lock."""
        facts = self.read() or {}
        ended = []
        for name, service in facts.get("services", {}).items():
            pid, birth = service.get("pid", 0), service.get("birth")
            if pid and birth and birth_of(pid) == birth:
                ended.append(name)
                _end(pid, birth)
        self.remove()
        return ended

    def _open_lock(self) -> IO[str]:
        try:
            self.directory.mkdir(parents=True, exist_ok=True)
            self.directory.chmod(0o700)
            return (self.directory / "stack.lock").open("w")
        except OSError as error:
            raise InvalidConfig(
                f"FOUNDATIONS_HOME: {self.directory.parent} cannot be written to ({error.strerror}); name a "
                "directory of your own.",
                field="FOUNDATIONS_HOME",
            ) from error

    def _already_running(self) -> str:
        facts = self.read()
        where = f" (process {facts['pid']}, GUI at {facts['services']['gui']['url']})" if facts else ""
        return f"A stack already runs in {self.directory.parent}{where}; stop it with `atlas-server stop`."


def _end(pid: int, birth: str) -> None:
    """Kill at once: its supervisor is dead, and each of our services is safe to kill at any time."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + _LEFTOVER_PATIENCE
    while birth_of(pid) == birth and time.monotonic() < deadline:
        time.sleep(0.02)
