"""A proxy where people log in, with real services behind it; the scheduler echoes what reaches it."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import redis
import requests

from tests.redis_server import as_user, free_port
from tests.served import serving

SECRET = "a secret of the tests"


class Echo(ThreadingHTTPServer):
    """Stands for the scheduler: answers every request with what it received."""

    daemon_threads = True

    def __init__(self) -> None:
        self.received: list[dict[str, Any]] = []
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: Echo

    def answer(self) -> None:
        """Answer with what came."""
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        seen = {"method": self.command, "path": self.path, "headers": dict(self.headers.items())}
        self.server.received.append(seen)
        body = json.dumps(seen).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def __getattr__(self, name: str) -> Callable[[], None]:
        if name.startswith("do_"):
            return self.answer
        raise AttributeError(name)

    def log_message(self, format: str, *args: Any) -> None:
        """Stay silent."""


@dataclass
class GuardedStack:
    """The addresses of the stack."""

    url: str
    rest_url: str
    scheduler: Echo
    environment: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, token: str | None = None, **options: Any) -> requests.Response:
        """Return the answer of the proxy."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        headers.update(options.pop("headers", {}))
        return requests.request(method, self.url + path, headers=headers, timeout=30, allow_redirects=False, **options)


def _urls(environment: dict[str, str]) -> tuple[str, str]:
    return environment["ATLAS_PROXY_URL"], environment["ATLAS_REST_API_URL"]


@contextlib.contextmanager
def guarded_stack(redis_url: str, home: Path, issuer: str, **variables: str) -> Iterator[GuardedStack]:
    """Run a stack whose users come from `issuer`, on a Redis that is emptied first: other tests use it, too."""
    with redis.Redis.from_url(redis_url) as client:
        client.flushall()
    rest, archive, proxy = free_port(), free_port(), free_port()
    secret = home / "identity.secret"
    secret.write_text(SECRET)
    scheduler = Echo()
    thread = threading.Thread(target=scheduler.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    environment = {
        "FOUNDATIONS_HOME": str(home),
        "ATLAS_REDIS_URL": redis_url,
        "ATLAS_SCHEDULER_URL": f"http://127.0.0.1:{scheduler.server_port}",
        "ATLAS_TENSORBOARD_API_URL": f"http://127.0.0.1:{scheduler.server_port}",
        "ATLAS_REST_API_URL": f"http://127.0.0.1:{rest}",
        "ATLAS_ARCHIVE_URL": f"http://127.0.0.1:{archive}",
        "ATLAS_PROXY_URL": f"http://127.0.0.1:{proxy}",
        "ATLAS_IDENTITY_SECRET_FILE": str(secret),
        "ATLAS_OIDC_ISSUER": issuer,
        **variables,
    }
    try:
        with (
            serving("rest_api", {**environment, "ATLAS_REDIS_URL": as_user(redis_url, "rest_api")}, rest),
            serving("archive_server", {**environment, "ATLAS_REDIS_URL": as_user(redis_url, "archive")}, archive),
            serving("auth_proxy", {**environment, "ATLAS_REDIS_URL": as_user(redis_url, "proxy")}, proxy),
        ):
            yield GuardedStack(*_urls(environment), scheduler, environment)
    finally:
        scheduler.shutdown()
        scheduler.server_close()
        thread.join()
