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

#: Seconds to keep trying to connect: a supervised Redis is back within that time.
_PATIENCE = 5.0
_PAUSE = 0.05

#: How Redis begins to refuse a write that it will take again: its memory or its disk is full, it is a replica, it lacks
#: replicas.
_REFUSALS = ("OOM ", "MISCONF ", "READONLY ", "NOREPLICAS ")
_REFUSED = (redis.exceptions.OutOfMemoryError, redis.exceptions.ReadOnlyError)


class WritesRefused(redis.exceptions.ResponseError):
    """Raised when Redis takes no writes now. It has written nothing of a script that met with this."""


#: What any call of the tracker may raise while Redis is away, still loading, or takes no writes.
UNAVAILABLE = (redis.exceptions.ConnectionError, redis.exceptions.TimeoutError, WritesRefused)
#: What any call may raise whose user of Redis is not allowed it.
NOT_ALLOWED = redis.exceptions.NoPermissionError


class _PatientConnection(Connection):
    """Keeps trying to connect for a while. A command that was sent is never sent again: it may have taken effect.

    That Redis takes no writes now gets a class of its own: for whoever has to write, it is away.
    """

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

    def read_response(self, *arguments: Any, **options: Any) -> Any:
        try:
            return super().read_response(*arguments, **options)  # type: ignore[no-untyped-call]
        except redis.exceptions.ResponseError as error:
            if isinstance(error, _REFUSED) or str(error).startswith(_REFUSALS):
                raise WritesRefused(f"Redis takes no writes now: {error}") from error
            raise


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
