"""The administrator's file, read again when it changes."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Mapping
from pathlib import Path

from atlas_core.config import SUFFIX, read_yaml
from atlas_core.errors import InvalidConfig
from atlas_services.scheduler.policy import Policy

_log = logging.getLogger("atlas.scheduler")


class PolicyFile:
    """`config/scheduler/policy.config.yaml` below a home; without it, the rules are the defaults."""

    def __init__(self, home: Path, environment: Mapping[str, str] = os.environ) -> None:
        """Read the file. Raises `InvalidConfig` when it cannot be used."""
        self.path = home / "config" / "scheduler" / f"policy{SUFFIX}"
        self._kept = (str(home.resolve()), *_socket_of_docker(environment))
        self._lock = threading.Lock()
        self._version = self._stamp()
        self._policy = self._read()

    def current(self) -> Policy:
        """Return the rules of this moment. A new file that cannot be used is told once; the old rules stay."""
        with self._lock:
            version = self._stamp()
            if version != self._version:
                self._version = version
                self._take_over()
            return self._policy

    def _take_over(self) -> None:
        try:
            self._policy = self._read()
            _log.info("%s has changed; it counts from now on", self.path)
        except InvalidConfig as error:
            _log.error("%s The rules stay as they were.", error.message)

    def _read(self) -> Policy:
        data = read_yaml(self.path) if self._version is not None else {}
        return Policy.from_dict(data, str(self.path), self._kept)

    def _stamp(self) -> tuple[int, int, int] | None:
        """Return what differs when the file does; None without one."""
        try:
            facts = self.path.stat()
        except (FileNotFoundError, NotADirectoryError):
            return None
        return facts.st_mtime_ns, facts.st_size, facts.st_ino


def _socket_of_docker(environment: Mapping[str, str]) -> tuple[str, ...]:
    """Return where Docker listens, if that is not the usual place: who can write there owns the machine."""
    scheme, _, path = environment.get("DOCKER_HOST", "").partition("://")
    return (str(Path(path).resolve()),) if scheme == "unix" and path.startswith("/") else ()
