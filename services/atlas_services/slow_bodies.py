"""Reading what a client sends, for as long as a poor connection takes, and no longer."""

from __future__ import annotations

import errno
import socket
import time

from gunicorn.http.unreader import SocketUnreader

#: Bytes that must come in each second that is waited for them, beyond the first ones.
_SLOWEST = 1000.0


class SlowBodies(SocketUnreader):  # type: ignore[misc]
    """gunicorn's reader of a connection, with a limit to the time that it waits for one request in all."""

    def __init__(self, connection: socket.socket, patience: float) -> None:
        super().__init__(connection)
        self._patience = patience
        self.begin()

    def begin(self) -> None:
        """Begin anew: what comes now belongs to another request."""
        self._waited = 0.0
        self._came = 0

    def chunk(self, size_hint: int | None = None) -> bytes:
        """Return what comes next. Raises `BlockingIOError` when that takes too long, as if nothing came."""
        began = time.monotonic()
        data: bytes = super().chunk(size_hint)
        self._note(began, len(data))
        return data

    def fill(self, room: memoryview) -> int:
        """Receive into `room`, until it is full or nothing comes for a while; returns how many came, 0 at the end.

        Raises as `chunk` does. What was read ahead comes first, by `take_buffered`.
        """
        began = time.monotonic()
        size: int = self.sock.recv_into(room, len(room), socket.MSG_WAITALL)
        self._note(began, size)
        return size

    def _note(self, began: float, came: int) -> None:
        self._waited += time.monotonic() - began
        self._came += came
        if self._waited > self._patience + self._came / _SLOWEST:
            raise BlockingIOError(errno.EAGAIN, "the request comes too slowly")
