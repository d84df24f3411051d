"""Services for tests, each in a process of its own behind a real socket."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from atlas_services.web import GRACEFUL
from tests.redis_server import free_port


@contextlib.contextmanager
def serving(service: str, environment: Mapping[str, str], port: int | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """Run `python -m atlas_services.<service>` on `port` until the block ends; yields its process."""
    port = port or free_port()
    command = [sys.executable, "-m", f"atlas_services.{service}"]
    bind = {"ATLAS_BIND": f"127.0.0.1:{port}"}
    process = subprocess.Popen(command, env={**os.environ, **environment, **bind}, start_new_session=True)
    try:
        wait_for_port(port, process)
        yield process
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(5)


#: A service that answers a POST with the length of its body, and what a test adds.
_SMALL = """
import sys
from flask import request
from atlas_core.settings import Settings
from atlas_services import connections, json_requests, web
{settings}
def make():
    app = web.new_app("test", Settings.from_environment({{}}), lambda: None)
    app.post("/")(lambda: str(len(request.get_data())))
    {route}
    return app
web.serve(make, sys.argv[1], grace={grace})
"""


@contextlib.contextmanager
def small_service(
    settings: str = "", route: str = "", grace: float = GRACEFUL
) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """Run a service of almost nothing until the block ends; yields its port and process. Both texts are Python."""
    port = free_port()
    program = _SMALL.format(settings=settings, route=route, grace=grace)
    process = subprocess.Popen([sys.executable, "-c", program, f"127.0.0.1:{port}"], stderr=subprocess.DEVNULL)
    try:
        wait_for_port(port, process)
        yield port, process
    finally:
        process.terminate()
        process.wait(20)


def cpu_seconds(group: int) -> float:
    """Return the time that all processes of a group have computed: what else runs on the machine does not count."""
    ticks = 0
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            facts = path.read_text().rpartition(")")[2].split()
            ticks += int(facts[11]) + int(facts[12]) if int(facts[2]) == group else 0
    return ticks / os.sysconf("SC_CLK_TCK")


def wait_for_port(port: int, process: subprocess.Popen[bytes]) -> None:
    """Return as soon as something listens there."""
    deadline = time.monotonic() + 30
    while True:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"{process.args!r} does not listen on port {port}.")
        time.sleep(0.02)
