"""Whether the services of a stack answer."""

from __future__ import annotations

import http.client
import socket
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

from atlas_cli.stack import Service

#: Seconds for a service on this machine to answer; a healthy one takes milliseconds.
_PATIENCE = 2.0


def probe_services(services: tuple[Service, ...]) -> dict[str, str | None]:
    """Return, for each service, None when it is healthy, else what is wrong with it."""
    with ThreadPoolExecutor(max_workers=max(len(services), 1)) as pool:
        return dict(zip((service.name for service in services), pool.map(_probe, services), strict=True))


def _probe(service: Service) -> str | None:
    try:
        scheme = urlsplit(service.url).scheme
        return _ping_redis(service.url) if scheme == "redis" else _get_healthz(service.url)
    except TimeoutError:
        return "it does not answer in time"
    except (OSError, http.client.HTTPException, ValueError) as error:
        return getattr(error, "strerror", None) or str(error) or type(error).__name__


def _get_healthz(url: str) -> str | None:
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port or 80, timeout=_PATIENCE)
    try:
        connection.request("GET", "/healthz")
        status = connection.getresponse().status
    finally:
        connection.close()
    return None if status == 200 else f"it answers {status}"


def _ping_redis(url: str) -> str | None:
    address = urlsplit(url)
    with socket.create_connection((address.hostname or "", address.port or 6379), timeout=_PATIENCE) as connection:
        connection.sendall(b"PING\r\n")
        answer = connection.recv(64)
    # one that asks for a password lives, too
    return None if answer.startswith((b"+PONG", b"-NOAUTH")) else f"it answers {answer[:40]!r}"
