"""Reading what a client sends, for as long as a poor connection takes, and no longer."""

from __future__ import annotations

import errno
import socket
import time
from collections.abc import Callable
from typing import TypeVar

from gunicorn.http.unreader import SocketUnreader

#: Bytes that must come in each second that is waited for them, beyond the first ones.
_SLOWEST = 1000.0

T = TypeVar("T")


class TooSlow(BlockingIOError):
    """Raised when the rest of a request does not come in time. No other mistake is taken for it."""

    def __init__(self) -> None:
        super().__init__(errno.EAGAIN, "the request comes too slowly")


class SlowBodies(SocketUnreader):  # type: ignore[misc]
    """gunicorn's reader of a connection, with a limit to the time that it waits for one request in all.

    It calls `give_up` before it raises: what comes later belongs to nothing, so that the connection is to end.
    """

    def __init__(self, connection: socket.socket, patience: float, give_up: Callable[[], None] = lambda: None) -> None:
        super().__init__(connection)
        self._patience = patience
        self._give_up = give_up
        self.begin()

    def begin(self) -> None:
        """Begin anew: what comes now belongs to another request."""
        self._waited = 0.0
        self._came = 0

    def chunk(self, size_hint: int | None = None) -> bytes:
        """Return what comes next. Raises `TooSlow` when that takes too long."""
        data: bytes = self._timed(lambda: super(SlowBodies, self).chunk(size_hint), len)
        return data

    def fill(self, room: memoryview) -> int:
        """Receive into `room`, until it is full or nothing comes for a while; returns how many came, 0 at the end.

        Raises as `chunk` does. What was read ahead comes first, by `take_buffered`.
        """
        size: int = self._timed(lambda: self.sock.recv_into(room, len(room), socket.MSG_WAITALL), int)
        return size

    def _timed(self, receive: Callable[[], T], size: Callable[[T], int]) -> T:
        began = time.monotonic()
        try:
            data = receive()
        except BlockingIOError:  # the kernel waits no longer
            self._give_up()
            raise TooSlow from None
        self._waited += time.monotonic() - began
        self._came += size(data)
        if self._waited > self._patience + self._came / _SLOWEST:
            self._give_up()
            raise TooSlow
        return data
