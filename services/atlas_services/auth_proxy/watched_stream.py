"""A stream that goes on for hours, to somebody who may lose the right to it meanwhile."""

from __future__ import annotations

import errno
import logging
import time
from collections.abc import Callable, Iterator
from typing import Protocol, cast

from flask import Response, copy_current_request_context

from atlas_core.errors import AtlasError
from atlas_services.tracker import UNAVAILABLE

_log = logging.getLogger("atlas.proxy")

#: Seconds for which a stream goes on at most for somebody who may not have it any more. A silent one ends at its next
#: byte: it shows nothing until then. The check may have to ask the issuer: one that hangs delays the end by as long as
#: `issuer.py` waits for it, and meanwhile nothing is sent either.
EVERY = 5.0


class _Body(Protocol):
    def __iter__(self) -> Iterator[bytes]: ...
    def __next__(self) -> bytes: ...
    def close(self) -> None: ...


def watched(answer: Response, check: Callable[[], None] | None) -> Response:
    """Return the answer to the present request, broken off once `check` raises, if it is a stream that goes on and on.

    Services mark those by forbidding proxies to hold them back. What has an end is sent to its end.
    """
    if check is not None and answer.headers.get("X-Accel-Buffering") == "no":
        body = cast("_Body", answer.response)
        answer.response = WatchedBody(body, copy_current_request_context(check))
    return answer


class WatchedBody:
    """The body of such an answer. `clock` returns seconds."""

    def __init__(self, body: _Body, check: Callable[[], None], clock: Callable[[], float] = time.monotonic) -> None:
        self._body = body
        self._check = check
        self._clock = clock
        self._checked = clock()

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        chunk = next(self._body)
        now = self._clock()
        if now - self._checked >= EVERY:
            self._checked = now
            self._check_again()
        return chunk

    def close(self) -> None:
        """Let go of the service."""
        self._body.close()

    def _check_again(self) -> None:
        """Break the connection off: the client comes back, and is told what is wrong."""
        try:
            self._check()
        except (AtlasError, *UNAVAILABLE) as error:
            _log.info("A stream was ended: %s", error)
            raise ConnectionResetError(errno.ECONNRESET, "whoever asked may not any more") from error
