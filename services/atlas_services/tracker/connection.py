"""The connection to Redis."""

from __future__ import annotations

import time
from typing import Any, TypeAlias

import redis
from redis.backoff import NoBackoff
from redis.connection import Connection
from redis.retry import Retry

#: A `redis.Redis`, and a `redis.client.Pipeline` of it. redis-py's annotations name every reply of every protocol and
#: decoding at once, so that no reply can be used as what it is; the tracker's own methods are typed instead.
Client: TypeAlias = Any
Pipeline: TypeAlias = Any

#: What any call of the tracker may raise while Redis is away or still loading.
UNAVAILABLE = (redis.exceptions.ConnectionError, redis.exceptions.TimeoutError)

#: Seconds to keep trying to connect: a supervised Redis is back within that time.
_PATIENCE = 5.0
_PAUSE = 0.05


class _PatientConnection(Connection):
    """Keeps trying to connect for a while. A command that was sent is never sent again: it may have taken effect."""

    def connect(self) -> None:
        deadline = time.monotonic() + _PATIENCE
        while True:
            try:
                super().connect()  # type: ignore[no-untyped-call]
                return
            except redis.exceptions.AuthenticationError:
                raise
            except UNAVAILABLE:
                if time.monotonic() > deadline:
                    raise
                time.sleep(_PAUSE)


def connect(url: str) -> Client:
    """Return a client for `url`, credentials and database number included; text in, text out is not decoded."""
    pool = redis.ConnectionPool.from_url(
        url,
        connection_class=_PatientConnection,
        socket_connect_timeout=2.0,
        socket_timeout=35.0,
        retry=Retry(NoBackoff(), 0),
        protocol=2,
    )
    return redis.Redis(connection_pool=pool)
