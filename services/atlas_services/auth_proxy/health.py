"""The health of what stands behind the proxy, for those who can reach the proxy alone."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from importlib import metadata
from typing import Any

from flask import Blueprint
from urllib3 import PoolManager, Retry, Timeout
from urllib3.exceptions import HTTPError

from atlas_services.auth_proxy.routes import Service

#: Seconds for a service to answer; a healthy one takes milliseconds.
_PATIENCE = 2.0


def health_routes(urls: Mapping[Service, str]) -> Blueprint:
    """Return the route."""
    routes = Blueprint("health", __name__)
    pool = PoolManager(timeout=Timeout(total=_PATIENCE), retries=Retry(False))

    @routes.get("/api/v3/health")
    def health() -> dict[str, Any]:
        with ThreadPoolExecutor(len(urls)) as asking:
            found = asking.map(lambda url: _look(pool, url), urls.values())
        services = dict(zip((service.value for service in urls), found, strict=True))
        return {"version": metadata.version("atlas-services"), "services": services}

    return routes


def _look(pool: PoolManager, url: str) -> dict[str, Any]:
    """Return whether a service is ready, why not, and how many seconds it took to say so."""
    begin = time.monotonic()
    try:
        answer = pool.request("GET", f"{url}/readyz")
        problem = None if answer.status == 200 else _detail(answer.data)
    except (HTTPError, OSError):
        problem = "it does not answer"
    return {"healthy": problem is None, "problem": problem, "seconds": round(time.monotonic() - begin, 4)}


def _detail(body: bytes) -> str:
    try:
        return str(json.loads(body)["detail"])
    except (ValueError, KeyError, TypeError):
        return "it answers with an error"
