"""A Docker daemon as far as its socket goes: it answers as a test tells it to, which a real one cannot be made to."""

from __future__ import annotations

import contextlib
import json
import socketserver
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest


class Answer(BaseHTTPRequestHandler):
    """One connection. A script is given it for each call, with the path that is asked for."""

    protocol_version = "HTTP/1.1"
    server: ScriptedEngine

    def say(self, status: int, message: Any) -> None:
        """Answer at once."""
        body = json.dumps(message).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def begin(self) -> None:
        """Begin a stream."""
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def tell(self, piece: bytes) -> None:
        """Send a piece of a stream; an empty one is its end."""
        self.wfile.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")

    def hang(self) -> None:
        """Say nothing more until the engine is gone."""
        self.server.gone.wait(60)
        self.break_off()

    def break_off(self) -> None:
        """Close the connection in the midst of what was said."""
        self.close_connection = True

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def do_DELETE(self) -> None:
        self._answer()

    def log_message(self, *_: Any) -> None:
        """Say nothing on the terminal."""

    def address_string(self) -> str:
        return "test"

    def _answer(self) -> None:
        path = "/" + self.path.split("?")[0].partition("/v1.41/")[2]
        if self.path.endswith("/version"):
            self.say(200, {"ApiVersion": "1.41"})
        else:
            with contextlib.suppress(OSError):  # whoever asked does not want to know any more
                self.server.script(self, path)


class ScriptedEngine(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    """The daemon."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, path: Path, script: Callable[[Answer, str], None]) -> None:
        super().__init__(str(path), Answer)
        self.script = script
        self.gone = threading.Event()


@contextlib.contextmanager
def scripted_engine(
    directory: Path, monkeypatch: pytest.MonkeyPatch, script: Callable[[Answer, str], None]
) -> Iterator[None]:
    """Have `DOCKER_HOST` name an engine that answers by `script`."""
    path = directory / "docker.sock"
    with ScriptedEngine(path, script) as engine:
        monkeypatch.setenv("DOCKER_HOST", f"unix://{path}")
        thread = threading.Thread(target=engine.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield
        finally:
            engine.gone.set()
            engine.shutdown()
            thread.join()
