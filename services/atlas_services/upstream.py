"""The connection to a service: sends a request on, and brings the answer back as it comes."""

from __future__ import annotations

import errno
import logging
import time
from collections.abc import Iterator, Mapping
from typing import IO

from urllib3 import HTTPConnectionPool, PoolManager, Timeout
from urllib3.exceptions import HTTPError, NewConnectionError
from urllib3.response import BaseHTTPResponse

from atlas_core.errors import ServerUnreachable

_log = logging.getLogger("atlas.proxy")

#: Seconds to keep trying to connect: a supervised service is back within that time.
PATIENCE = 2.0
_PAUSE = 0.05
#: Bytes that are held at a time, in either direction.
_CHUNK = 256 * 1024
#: Seconds to connect; and to wait for the next bytes, longer than any service keeps a stream silent.
_TIMEOUT = Timeout(connect=2.0, read=600.0)
#: Methods whose request may be sent again when the connection ends without an answer.
_REPEATABLE = frozenset({"GET", "HEAD"})


class Upstream:
    """One service at one address. Connections are kept and shared by threads."""

    def __init__(self, name: str, url: str, connections: int) -> None:
        self._name = name
        self._pool: HTTPConnectionPool = PoolManager(maxsize=connections, blocksize=_CHUNK).connection_from_url(url)

    def request(self, method: str, target: str, headers: Mapping[str, str], body: IO[bytes] | None) -> BaseHTTPResponse:
        """Return the service's answer with its body still to be read; `target` is the path with its query.

        Raises `ServerUnreachable` when the service is down for longer than `PATIENCE`, or dies over the request. Of a
        body nothing is ever sent twice.
        """
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                return self._pool.urlopen(
                    method,
                    target,
                    body=body,
                    headers=headers,
                    retries=False,
                    redirect=False,
                    timeout=_TIMEOUT,
                    preload_content=False,
                    decode_content=False,
                )
            except (HTTPError, OSError) as error:
                unsent = isinstance(error, NewConnectionError)
                if time.monotonic() > deadline or not (unsent or (body is None and method in _REPEATABLE)):
                    raise self._unreachable(error) from error
            time.sleep(_PAUSE)

    def _unreachable(self, error: Exception) -> ServerUnreachable:
        _log.warning("%s does not answer: %s", self._name, error)
        return ServerUnreachable(
            f"The {self._name} service does not answer; it may be starting. Try again shortly.", service=self._name
        )


class AnswerBody:
    """The body of an answer as it arrives. Closed before its end, it closes the connection to the service.

    When the service dies half-way the connection to the client is broken off, for that is how a client sees that the
    body is not whole.
    """

    def __init__(self, answer: BaseHTTPResponse) -> None:
        self._answer = answer
        self._whole = False

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            chunk = self._answer.read1(_CHUNK, decode_content=False)
        except (HTTPError, OSError) as error:
            _log.warning("An answer broke off: %s", error)
            raise ConnectionResetError(errno.ECONNRESET, "the service broke off its answer") from error
        if not chunk:
            self._whole = True
            raise StopIteration
        return chunk

    def close(self) -> None:
        """Give the connection back for the next request, or close it if the answer has not been read to its end."""
        if self._whole or self._answer.length_remaining == 0:
            self._answer.release_conn()
        else:
            self._answer.close()
