"""The connection to a service: sends a request on, and brings the answer back as it comes."""

from __future__ import annotations

import errno
import logging
import socket
import time
from collections.abc import Iterator, Mapping
from typing import IO

from urllib3 import HTTPConnectionPool, PoolManager, Timeout
from urllib3.exceptions import HTTPError, NewConnectionError
from urllib3.response import BaseHTTPResponse

from atlas_core.errors import ServerUnreachable
from atlas_services.splicing import CAN_SPLICE, splice

_log = logging.getLogger("atlas.proxy")

#: Seconds to keep trying to connect: a supervised service is back within that time.
PATIENCE = 2.0
_PAUSE = 0.05
#: Bytes that are held at a time, in either direction.
_CHUNK = 256 * 1024
#: Bytes of a rest that the kernel passes on by itself: for less the connection to the service is worth keeping.
_LARGE = 4 * 1024 * 1024
#: Seconds to wait for the next bytes, longer than any service keeps a stream silent.
_SILENCE = 600.0
_TIMEOUT = Timeout(connect=2.0, read=_SILENCE)
#: Methods whose request may be sent again when the connection ends without an answer.
_REPEATABLE = frozenset({"GET", "HEAD"})


class Upstream:
    """One service at one address. Connections are kept and shared by threads."""

    def __init__(self, name: str, url: str, connections: int) -> None:
        self._name = name
        self._pool: HTTPConnectionPool = PoolManager(maxsize=connections, blocksize=_CHUNK).connection_from_url(url)

    @property
    def is_plain(self) -> bool:
        """Whether what comes from it can be passed on as it is, by the kernel."""
        return CAN_SPLICE and self._pool.scheme == "http"

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

    With the client's own connection, a large body goes there within the kernel, behind the first bytes of it: those the
    server writes, with the headers before them. That is why what is passed on so comes out of no `next`.
    """

    def __init__(self, answer: BaseHTTPResponse, client: socket.socket | None = None) -> None:
        self._answer = answer
        self._client = client
        self._begun = False
        self._whole = False

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        if self._begun and self._client is not None and (self._answer.length_remaining or 0) >= _LARGE:
            self._splice(self._client, self._answer.length_remaining or 0)
            raise StopIteration
        self._begun = True
        try:
            # At most what was read ahead with the headers, if anything was: after it nothing is held back here.
            chunk = self._answer.read1(_CHUNK, decode_content=False)
        except (HTTPError, OSError) as error:
            _log.warning("An answer broke off: %s", error)
            raise ConnectionResetError(errno.ECONNRESET, "the service broke off its answer") from error
        if not chunk:
            self._whole = True
            raise StopIteration
        return chunk

    def _splice(self, client: socket.socket, count: int) -> None:
        try:
            splice(self._answer.fileno(), client.fileno(), count, _SILENCE)
        except OSError as error:
            _log.warning("An answer broke off: %s", error)
            raise
        finally:
            self._answer.close()  # nobody has told the connection that its body was read

    def close(self) -> None:
        """Give the connection back for the next request, or close it if the answer has not been read to its end."""
        if self._whole or self._answer.length_remaining == 0:
            self._answer.release_conn()
        else:
            self._answer.close()
