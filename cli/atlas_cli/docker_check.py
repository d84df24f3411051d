"""Docker on this machine, which a server here needs to run jobs in containers."""

from __future__ import annotations

import http.client
import json
import os
import socket
from collections.abc import Iterator
from importlib import metadata
from typing import Any
from urllib.parse import quote, urlsplit

from atlas_cli.finding import WARNING, Finding

_SOCKET = "unix:///var/run/docker.sock"
#: Seconds for the engine to answer.
_PATIENCE = 3.0


def check_docker() -> Iterator[Finding]:
    """Yield whether the engine answers and has the image of jobs; nothing where no server can run."""
    try:
        version = metadata.version("atlas-services")
    except metadata.PackageNotFoundError:
        return
    address = os.environ.get("DOCKER_HOST") or _SOCKET
    try:
        status, engine = _ask(address, "/version")
    except (OSError, http.client.HTTPException, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        yield Finding("Docker", f"none at {address} ({reason}); a server here runs jobs as processes")
        return
    if status != 200:
        yield Finding("Docker", f"{address} refuses ({status})", WARNING, "See `docker version` for the reason.")
        return
    yield Finding("Docker", f"{engine.get('Version')} at {address}")
    yield _image(address, os.environ.get("ATLAS_WORKER_IMAGE") or f"atlas-worker:{version}")


def _image(address: str, name: str) -> Finding:
    status, _ = _ask(address, f"/images/{quote(name, safe='')}/json")
    if status == 200:
        return Finding("worker image", f"{name} is there")
    message = f"{name} is not there; a server here runs jobs as processes unless it is told otherwise"
    return Finding(
        "worker image", message, WARNING, "Build it with `make worker-image`, or name one in ATLAS_WORKER_IMAGE."
    )


def _ask(address: str, path: str) -> tuple[int, dict[str, Any]]:
    """Return status and JSON of the engine's answer. Raises `OSError`, `HTTPException` or `ValueError`."""
    connection = _connection(address)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        body = json.loads(answer.read() or b"{}")
    finally:
        connection.close()
    return answer.status, body if isinstance(body, dict) else {}


def _connection(address: str) -> http.client.HTTPConnection:
    parts = urlsplit(address)
    if parts.scheme == "unix":
        return _UnixConnection(parts.path)
    if parts.scheme in {"tcp", "http"}:
        return http.client.HTTPConnection(parts.hostname or "", parts.port or 2375, timeout=_PATIENCE)
    raise ValueError("only `docker version` can ask an engine at such an address")


class _UnixConnection(http.client.HTTPConnection):
    """A connection over a socket of this machine."""

    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=_PATIENCE)
        self._path = path

    def connect(self) -> None:
        """Connect to the socket. Raises `OSError`."""
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(_PATIENCE)
        self.sock.connect(self._path)
