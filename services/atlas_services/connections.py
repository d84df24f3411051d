"""The connections of a service: a thread belongs to a request that has come, not to a connection that may bring one.

Whoever sends a request byte by byte, or none at all, costs the service a place among its connections, for a short time,
and no thread. Those who wait may be many; when places run out, the address that holds most of them gives one up.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import re
import selectors
import socket
import struct
import sys
import termios
import time
from collections import Counter, deque
from concurrent.futures import Future
from functools import partial
from typing import Any

from gunicorn.workers.gthread import STOP_KEEPALIVE_LINGER

from atlas_services.early_refusals import Refuser, early_problem, send_refusal
from atlas_services.slow_bodies import SlowBodies

#: Seconds in which the head of a request must have come, with its body if that is small; and after which a request of
#: which no byte came any more is given up.
SILENCE = 30.0
#: Bytes that a body may have for a thread to come to its request only when that is whole; and those of a head.
MOST_AWAITED, LONGEST_HEAD = 32 * 1024, 32 * 1024
#: Bytes of answers that may be on their way to a client when its next request is begun. That and one small answer fit
#: on the way, whatever the client takes.
_MOST_OWED = 8 * 1024
#: Seconds, and bytes, that a client has to hear out an answer while it still sends what nobody reads.
_FAREWELL, _FAREWELL_BYTES = 2.0, 1024 * 1024
#: Seconds that a new connection has to bring a request once the service stops, as one has that brought some before.
_LINGER = STOP_KEEPALIVE_LINGER
#: Seconds to wait for the rest of a body that nobody read, so that the connection may bring another request.
_REST = 0.05
#: Seconds until it is tried again to take a connection, when the process may have no more of them.
_PAUSE = 0.05
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*0*([0-9]{1,5})[ \t]*\r\n", re.IGNORECASE)
_EXPECT = re.compile(rb"\r\nexpect:", re.IGNORECASE)


def is_whole(begun: bytes) -> bool:
    """Return whether a request has come as far as it must: its head, and a small body that follows unasked."""
    end = _end_of_head(begun)
    if not end:
        return False
    length = _LENGTH.search(begun, 0, end)
    body = int(length[1]) if length and not _EXPECT.search(begun, 0, end) else 0
    return body > MOST_AWAITED or len(begun) >= end + body


def is_too_long(begun: bytes) -> bool:
    """Return whether the head of a request, with blank lines before it, is longer than any may be."""
    return (_end_of_head(begun) or len(begun) + 1) > LONGEST_HEAD


def limit_waiting(connection: socket.socket, option: int, seconds: float) -> None:
    """Have the kernel wait for so long at most, 0 for ever, when it is to receive or to send: as `option` says."""
    connection.setsockopt(socket.SOL_SOCKET, option, struct.pack("ll", int(seconds), int(seconds % 1 * 1e6)))


def _end_of_head(begun: bytes) -> int:
    """Return where the body begins; 0 if the head is not there yet. Blank lines may come before it."""
    blank = len(begun) - len(begun.lstrip(b"\r\n"))
    end = begun.find(b"\r\n\r\n", blank)
    return 0 if end < 0 else end + 4


def _ahead(conn: Any) -> bytes:
    """Return what was read of a connection beyond its last request."""
    return conn.parser.unreader.buf.getvalue() if conn.parser else b""


def _owed(connection: socket.socket) -> int:
    """Return how many bytes of answers are still on their way; 0 where the system does not say."""
    count = bytearray(4)
    with contextlib.suppress(OSError):
        fcntl.ioctl(connection, termios.TIOCOUTQ, count)
    return int.from_bytes(count, sys.byteorder)


def _end_after_answer(conn: Any) -> None:
    """Have the answer to the request that is read say that its connection ends with it."""
    if conn.parser.mesg:
        conn.parser.mesg.force_close()


class Connections(Refuser):
    """gunicorn's worker with threads, which gives one to a request only once it has come.

    What is here runs in its main thread, and waits for nobody; but `handle`, which runs in the request's.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._room = bytearray(LONGEST_HEAD + MOST_AWAITED)
        self._parting: deque[Any] = deque()
        self._is_full = False

    def accept(self, listener: socket.socket) -> None:
        """Take a connection, if the process may have one more."""
        try:
            super().accept(listener)
        except OSError as error:
            if error.errno not in {errno.EMFILE, errno.ENFILE}:
                raise
            self._is_full = True
            time.sleep(_PAUSE)

    def enqueue_req(self, conn: Any) -> None:
        """Have a thread handle the request of a connection, once it is there."""
        conn.seen, conn.is_endless = -1, False
        if self._is_due(conn):
            self._begin(conn)
        else:
            conn.sock.setblocking(False)
            conn.timeout = time.monotonic() + SILENCE
            self.pending_conns.append(conn)
            self.poller.register(conn.sock, selectors.EVENT_READ, partial(self.on_pending_socket_readable, conn))

    def on_pending_socket_readable(self, conn: Any, client: socket.socket) -> None:
        """See whether what came is all that is waited for."""
        if self._is_due(conn):
            self.poller.unregister(client)
            self.pending_conns.remove(conn)
            self._begin(conn)

    def finish_request(self, conn: Any, fs: Future[Any]) -> None:
        """Wait for the next request of a connection, or for its end."""
        if fs.cancelled() or fs.exception() or not fs.result():
            self._part(conn)
        else:
            super().finish_request(conn, fs)

    def murder_pending(self) -> None:
        """Close the connections that have been waited for long enough, and one more where there is no room."""
        now = time.monotonic()
        while self.pending_conns and self.pending_conns[0].timeout <= now:
            conn = self.pending_conns.popleft()
            self.poller.unregister(conn.sock)
            self._refuse(conn, 408, "Request timeout", "The request did not come in time.")
        if not self.alive:
            self._close_silent(now - _LINGER)
        while self._parting and self._parting[0].timeout <= now:
            self._close(self._parting[0], self._parting)
        if self._is_full or self.nr_conns >= self.worker_connections - len(self.sockets):
            self._make_room()

    def handle(self, conn: Any) -> Any:
        """Answer a request that has come, or is too large to wait for."""
        # The kernel's limit holds for receiving alone: a reader of a stream may pause for as long as it likes.
        limit_waiting(conn.sock, socket.SO_RCVTIMEO, SILENCE)
        if not conn.initialized:
            conn.init()
            conn.parser.unreader = SlowBodies(conn.sock, SILENCE, partial(_end_after_answer, conn))
        conn.parser.unreader.begin()
        return super().handle(conn)

    def handle_request(self, req: Any, conn: Any) -> Any:
        """Run the application. Raises `ConnectionResetError` if the answer was not taken in time."""
        try:
            return super().handle_request(req, conn)
        except BlockingIOError as error:
            raise ConnectionResetError(errno.ECONNRESET, "the answer is not taken") from error

    def _keepalive_after(self, conn: Any, keepalive: bool) -> bool:
        """Whether the connection may bring another request: not when it still brings a body that nobody read."""
        return bool(keepalive and conn.parser.finish_body(deadline=time.monotonic() + _REST))

    def _is_due(self, conn: Any) -> bool:
        """Return whether a thread has something to do: the request came, is too large, or ends half-way."""
        ahead = _ahead(conn)
        try:
            count = conn.sock.recv_into(self._room, 0, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        except BlockingIOError:
            return is_whole(ahead)
        except OSError:
            return True
        is_over = count == max(conn.seen, 0)  # woken, though no more came than was there
        conn.seen = count
        begun = ahead + self._room[:count]
        conn.is_endless = is_too_long(begun)
        return is_over or conn.is_endless or is_whole(begun) or not self._wake_at(conn, count + 1)

    def _wake_at(self, conn: Any, count: int) -> bool:
        """Be told of the connection once so many bytes are there; returns whether it still is."""
        with contextlib.suppress(OSError):
            conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, count)
            return True
        return False

    def _begin(self, conn: Any) -> None:
        self._wake_at(conn, 1)
        conn.data_ready = True
        if conn.is_endless:
            detail = f"The head of a request has {LONGEST_HEAD} bytes at most; send fewer or shorter headers."
            self._refuse(conn, 431, "Request header fields too large", detail)
        elif _owed(conn.sock) > _MOST_OWED:
            self._part(conn)  # who takes no answer gets no other, which a thread would have to wait with
        else:
            super().enqueue_req(conn)

    def _refuse(self, conn: Any, status: int, title: str, detail: str) -> None:
        """Answer what is no request, in the form of any other error, if anything came at all."""
        if conn.seen > 0:
            send_refusal(conn.sock, early_problem(status, title, detail))
        self._part(conn)

    def _part(self, conn: Any) -> None:
        """End a connection such that the client hears the answer, whatever it is still sending."""
        conn.timeout, conn.heard = time.monotonic() + _FAREWELL, 0
        self._parting.append(conn)
        try:
            conn.sock.setblocking(False)
            conn.sock.shutdown(socket.SHUT_WR)
            self.poller.register(conn.sock, selectors.EVENT_READ, partial(self._hear_out, conn))
        except (OSError, ValueError, KeyError):
            self._close(conn, self._parting)

    def _hear_out(self, conn: Any, client: socket.socket) -> None:
        count = 0
        with contextlib.suppress(OSError):
            count = client.recv_into(self._room)
        conn.heard += count
        if not count or conn.heard > _FAREWELL_BYTES:
            self._close(conn, self._parting)

    def _close_silent(self, latest: float) -> None:
        """Close the connections that were there at this time and brought nothing: who stops would wait for them."""
        there = [conn for conn in self.pending_conns if conn.timeout - SILENCE <= latest]
        for conn in there:
            if not self._is_due(conn) and conn.seen < 0 and not _ahead(conn):
                self._close(conn, self.pending_conns)

    def _make_room(self) -> None:
        """Close the connection that has waited longest among those of the address that holds most."""
        self._is_full = False
        for waiting in (self._parting, [*self.pending_conns, *self.keepalived_conns]):
            if waiting:
                greediest = Counter(conn.client[0] for conn in waiting).most_common(1)[0][0]
                oldest = next(conn for conn in waiting if conn.client[0] == greediest)
                where = (self._parting, self.pending_conns, self.keepalived_conns)
                self._close(oldest, next(queue for queue in where if oldest in queue))
                return

    def _close(self, conn: Any, queue: deque[Any]) -> None:
        queue.remove(conn)
        with contextlib.suppress(OSError, ValueError, KeyError):
            self.poller.unregister(conn.sock)
        self.nr_conns -= 1
        conn.close()
