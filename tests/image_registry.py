"""A registry of images for tests, with one small image that no machine has."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import io
import json
import tarfile
import threading
import time
import uuid
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_TYPES = "application/vnd.docker.distribution.manifest.v2+json", "application/vnd.docker.container.image.v1+json"
_LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip"


class ImageRegistry:
    """Answers what a pull asks for; `asked` holds the paths that were."""

    def __init__(self, seconds_per_answer: float) -> None:
        self.asked: list[str] = []
        self._blobs: dict[str, bytes] = {}
        self._manifest = self._make_image()
        registry = self

        class Handler(BaseHTTPRequestHandler):
            def do_HEAD(self) -> None:
                registry._answer(self, with_body=False)

            def do_GET(self) -> None:
                registry.asked.append(self.path)
                time.sleep(seconds_per_answer)
                registry._answer(self, with_body=True)

            def log_message(self, format: str, *arguments: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.image = f"127.0.0.1:{self.server.server_port}/small:1"

    def _make_image(self) -> bytes:
        layer = io.BytesIO()
        with tarfile.open(fileobj=layer, mode="w") as tar:
            tar.addfile(tarfile.TarInfo(f"only-{uuid.uuid4().hex}"))
        packed = gzip.compress(layer.getvalue())
        root = {"type": "layers", "diff_ids": [_digest(layer.getvalue())]}
        config = json.dumps({"architecture": "amd64", "os": "linux", "config": {}, "rootfs": root}).encode()
        parts = [(_TYPES[1], config), (_LAYER, packed)]
        self._blobs = {_digest(content): content for _, content in parts}
        about = [{"mediaType": kind, "size": len(part), "digest": _digest(part)} for kind, part in parts]
        manifest = {"schemaVersion": 2, "mediaType": _TYPES[0], "config": about[0], "layers": about[1:]}
        return json.dumps(manifest).encode()

    def _answer(self, request: BaseHTTPRequestHandler, with_body: bool) -> None:
        name = request.path.rpartition("/")[2]
        is_manifest = "/manifests/" in request.path
        body = self._manifest if is_manifest else self._blobs.get(name, b"{}")
        request.send_response(200)
        request.send_header("Content-Type", _TYPES[0] if is_manifest else "application/octet-stream")
        request.send_header("Docker-Content-Digest", _digest(body))
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        if with_body:
            request.wfile.write(body)


def _digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


@contextlib.contextmanager
def image_registry(seconds_per_answer: float = 0.0) -> Iterator[ImageRegistry]:
    """Run a registry on the loopback interface, which every Docker engine pulls from without TLS."""
    registry = ImageRegistry(seconds_per_answer)
    thread = threading.Thread(target=registry.server.serve_forever)
    thread.start()
    try:
        yield registry
    finally:
        registry.server.shutdown()
        registry.server.server_close()
        thread.join()
