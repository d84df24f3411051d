"""A server over real HTTP that applies journals and keeps files, with every mishap that a test may want."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from atlas_core.errors import AtlasError, InvalidInput, JobNotFound, JournalGap, NotFound, ServerError
from atlas_core.records import POINT, Operation, Point, Record, read_frames, unpack_value
from atlas_services.archive_server.content_range import ContentRange
from atlas_services.archive_server.objects import Objects
from atlas_services.archive_server.output import Output
from atlas_services.archive_server.synced import SyncedDirectory, read_change
from atlas_services.archive_server.uploads import Upload, Uploads


@dataclass
class JournalServer:
    """What arrived, and what goes wrong next."""

    url: str = ""
    #: (job, writer) -> how far the journal is applied.
    applied: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    #: job -> its records in the order of their arrival.
    records: dict[str, list[Record]] = field(default_factory=lambda: defaultdict(list))
    files: dict[tuple[str, str], bytes] = field(default_factory=dict)
    tokens: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    #: Where synced directories and outputs lie, as in the real archive.
    archive: Path = Path()
    bundles: dict[str, bytes] = field(default_factory=dict)
    #: "METHOD path" of each request for a file of the archive.
    asked: list[str] = field(default_factory=list)
    beats: int = 0
    #: How many signs of life there had been when each file was whole.
    beats_before: dict[str, int] = field(default_factory=dict)
    requests: int = 0
    #: Requests whose body was packed.
    packed: int = 0
    #: So many of the next requests are applied, but the answer is lost on its way.
    lose_answers: int = 0
    #: So many of the next requests are dropped before anything is done.
    drop: int = 0
    #: So many of the next requests are answered by something else that listens at the address, with this status.
    strangers: int = 0
    strange_status: int = 404
    #: Answered to everything.
    refusal: AtlasError | None = None
    #: Answered to every file.
    refused_files: AtlasError | None = None
    #: So many of the next changes of synced directories fail.
    fail_changes: int = 0
    #: Seconds that each megabyte of a file takes on its way.
    slowness: float = 0.0
    #: Held until it is set: a server that takes its time.
    gate: threading.Event | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def operations(self, job: str, op: str) -> list[dict[str, Any]]:
        """Return the bodies of the operations of that name."""
        return [each.body for each in self.records[job] if isinstance(each, Operation) and each.op == op]

    def values(self, job: str, name: str) -> list[float | int | bool]:
        """Return the values of the points of a metric."""
        packed = [
            POINT.unpack(each.packed) for each in self.records[job] if isinstance(each, Point) and each.name == name
        ]
        return [unpack_value(kind, value) for _, _, kind, value in packed]

    @property
    def only_job(self) -> str:
        """The one job that anything arrived of."""
        (job,) = self.records
        return job

    def post(self, job: str, writer: str, offset: int, data: bytes) -> int:
        """Apply a batch exactly once."""
        with self.lock:
            position = self.applied[job, writer]
            if not data:
                self.beats += 1
            if offset > position:
                raise JournalGap("There is a gap.", applied=position)
            fresh = list(read_frames(data, max(position - offset, 0))) if offset + len(data) > position else []
            self._check_known(job, [record for _, record in fresh])
            self.records[job].extend(record for _, record in fresh)
            self.applied[job, writer] = max(position, offset + len(data))
            return self.applied[job, writer]

    def put(self, job: str, path: str, content: bytes, digest: str | None) -> None:
        """Store a file whose hash is right."""
        if self.refused_files is not None:
            raise self.refused_files
        if hashlib.sha256(content).hexdigest() != digest:
            raise InvalidInput("The file was damaged on its way.")
        if path.startswith("synced_objects/"):
            target = self.archive / job / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        self.files[job, path] = content
        self.beats_before[path] = self.beats

    def put_part(self, job: str, path: str, content: bytes, digest: str, part: ContentRange) -> dict[str, int]:
        """Store what was missing of a file, or answer how much is."""
        if self.refused_files is not None:
            raise self.refused_files
        uploads = Uploads(self.archive, 10**10, Objects(self.archive))
        upload = Upload(job, part.size, digest, self.archive / job / path)
        if part.offset is None:
            size = uploads.received(upload)
        else:
            size = uploads.resume(upload, io.BytesIO(content), part.offset, lambda: None)
        if size == part.size:
            self.put(job, path, upload.target.read_bytes(), digest)
        return {"received": size, "size": size}

    def patch(self, job: str, place: list[str], offset: int, body: bytes) -> dict[str, Any]:
        """Change a synced directory, or append to the output."""
        if place[0] == "logs":
            return {"applied": Output(self.archive / job, 10**9).append(offset, body)}
        if self.fail_changes > 0:
            self.fail_changes -= 1
            raise ServerError("The change failed.")
        return {"missing": SyncedDirectory(self.archive / job, place[1]).change(*read_change(json.loads(body)))}

    def read(self, job: str, path: str) -> bytes:
        """Return a file of the archive."""
        try:
            return (self.archive / job / path).read_bytes()
        except OSError:
            raise NotFound(f"There is no `{path}`.") from None

    def synced(self, job: str, directory: str) -> dict[str, bytes]:
        """Return what a synced directory of a job holds."""
        top = self.archive / job / "synced_directories" / directory
        return {str(path.relative_to(top)): path.read_bytes() for path in top.rglob("*") if path.is_file()}

    def output(self, job: str) -> bytes:
        """Return the output of a job."""
        return self.read(job, "logs/output.log")

    def _check_known(self, job: str, fresh: list[Record]) -> None:
        begins = bool(fresh) and isinstance(fresh[0], Operation) and fresh[0].op == "start"
        if not self.records[job] and not begins and not job.startswith("scheduled"):
            del self.records[job]
            raise JobNotFound(f"Job `{job}` does not exist.")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    world: JournalServer

    def do_POST(self) -> None:
        self._answer()

    def do_PUT(self) -> None:
        self._answer()

    def do_PATCH(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def do_HEAD(self) -> None:
        self._answer()

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _answer(self) -> None:
        world = self.world
        body = self._body()
        if self.headers.get("Content-Encoding") == "gzip":
            world.packed += 1
            body = gzip.decompress(body)
        world.requests += 1
        if world.gate is not None:
            world.gate.wait(30)
        if world.drop > 0:
            world.drop -= 1
            self.close_connection = True
            return
        if world.strangers > 0:
            world.strangers -= 1
            self._send(world.strange_status, b"<html>Please log in.</html>")
            return
        try:
            if world.refusal is not None:
                raise world.refusal
            status, answer = 200, self._route(body)
        except AtlasError as error:
            status, answer = error.status, error.to_problem()
        if world.lose_answers > 0:
            world.lose_answers -= 1
            self.close_connection = True
            return
        self._send(status, answer)

    def _body(self) -> bytes:
        left, body = int(self.headers.get("Content-Length") or 0), b""
        while left > len(body):
            body += self.rfile.read(min(left - len(body), 1024 * 1024))
            time.sleep(self.world.slowness)
        return body

    def _route(self, body: bytes) -> dict[str, Any] | bytes:
        url = urlsplit(self.path)
        parts = [unquote(part) for part in url.path.strip("/").split("/")]
        token = self.headers.get("Authorization", "").partition(" ")[2]
        if parts[:3] == ["api", "v3", "jobs"] and parts[4] == "journal":
            self.world.tokens[parts[3]].add(token)
            return {"applied": self.world.post(parts[3], parts[5], int(parse_qs(url.query)["offset"][0]), body)}
        if parts[:3] == ["api", "v3", "bundles"]:
            if self.command == "PUT":
                if self.world.refused_files is not None:
                    raise self.world.refused_files
                self.world.bundles[parts[3]] = body
            elif parts[3] not in self.world.bundles:
                raise NotFound("There is no such bundle.")
            return {}
        self.world.asked.append(f"{self.command} {'/'.join(parts[2:])}")
        if self.command == "GET":
            return self.world.read(parts[1], "/".join(parts[2:]))
        if self.command == "PATCH":
            return self.world.patch(parts[1], parts[2:], int(parse_qs(url.query).get("offset", ["0"])[0]), body)
        path, digest, part = (
            "/".join(parts[2:]),
            self.headers.get("X-Content-SHA256"),
            self.headers.get("Content-Range"),
        )
        if part is not None:
            return dict(self.world.put_part(parts[1], path, body, str(digest), ContentRange.of(part)))
        self.world.put(parts[1], path, body, digest)
        return {"size": len(body)}

    def _send(self, status: int, answer: dict[str, Any] | bytes) -> None:
        text = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(text)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Say nothing of clients that are killed."""


@contextmanager
def running_journal_server(port: int = 0) -> Iterator[JournalServer]:
    """Yield a server that listens on this port, by default a free one."""
    world = JournalServer()
    handler = type("Handler", (_Handler,), {"world": world})
    with TemporaryDirectory() as archive, _Server(("127.0.0.1", port), handler) as server:
        world.archive = Path(archive)
        world.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield world
        finally:
            server.shutdown()
            thread.join()
