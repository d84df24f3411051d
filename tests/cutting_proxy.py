"""A connection that breaks: a TCP proxy that cuts each connection once so many bytes have passed to the server."""

from __future__ import annotations

import contextlib
import socket
import socketserver
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

_CHUNK = 64 * 1024
#: Makes closing a socket a reset, as when a machine on the way forgets the connection.
_RESET = struct.pack("ii", 1, 0)


@dataclass
class CuttingProxy:
    """The address of the proxy; how many bytes have passed to the server, and how many connections were cut."""

    target: tuple[str, int]
    #: Bytes after which a connection is cut.
    limit: int
    url: str = ""
    passed: int = 0
    cuts: int = 0


class _Handler(socketserver.BaseRequestHandler):
    world: CuttingProxy

    def handle(self) -> None:
        with socket.create_connection(self.world.target) as upstream:
            back = threading.Thread(target=_pump, args=(upstream, self.request), daemon=True)
            back.start()
            self._forward(upstream)
            back.join(30)

    def _forward(self, upstream: socket.socket) -> None:
        left = self.world.limit
        with contextlib.suppress(OSError):
            while left > 0:
                data = self.request.recv(min(_CHUNK, left))
                if not data:
                    upstream.shutdown(socket.SHUT_WR)
                    return
                upstream.sendall(data)
                left -= len(data)
                self.world.passed += len(data)
            self.world.cuts += 1
            for end in (self.request, upstream):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                end.shutdown(socket.SHUT_RDWR)


def _pump(source: socket.socket, target: Any) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(_CHUNK):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False


@contextmanager
def cutting_proxy(port: int, limit: int) -> Iterator[CuttingProxy]:
    """Yield a proxy to a port of this machine, on a free port."""
    world = CuttingProxy(("127.0.0.1", port), limit)
    with _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"world": world})) as server:
        world.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield world
        finally:
            server.shutdown()
            thread.join()
