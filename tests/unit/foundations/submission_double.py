"""What the server does with submissions, over real HTTP and kept in memory."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from atlas_core.errors import AtlasError, BundleNotFound, JobNotFound, NotFound, ProjectNotFound, ServerError


@dataclass
class SubmissionDouble:
    """What was submitted, and how the jobs go."""

    url: str = ""
    bundles: dict[str, bytes] = field(default_factory=dict)
    submissions: list[dict[str, Any]] = field(default_factory=list)
    #: "METHOD path" of every request.
    requests: list[str] = field(default_factory=list)
    #: The log of a job, and the positions at which the connection breaks, once each.
    log: bytes = b""
    breaks: list[int] = field(default_factory=list)
    #: The states that are told one after the other; the last one stays.
    states: list[dict[str, Any]] = field(default_factory=lambda: [{"status": "completed"}])
    #: Why the job waits, one answer after the other; the last one stays, and is preceded by a call of `at_last_reason`.
    reasons: list[dict[str, Any]] = field(default_factory=list)
    at_last_reason: Callable[[], None] = lambda: None
    #: Holds the log back until it is set.
    log_released: threading.Event | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    #: Rows of jobs that were there before, oldest first; and what a row says of each job that was submitted.
    rows: list[dict[str, Any]] = field(default_factory=list)
    #: Projects without jobs; any other exists as soon as there are rows.
    projects: set[str] = field(default_factory=set)
    outcome: Callable[[dict[str, Any]], dict[str, Any]] = lambda _: {"status": "completed"}
    #: So many of the next submissions are taken, but the answer is lost on its way.
    lose_answers: int = 0
    #: So many of the next questions for the state of a job fail.
    fail_states: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, start: str) -> int:
        """Return how many requests begin with these words."""
        return sum(request.startswith(start) for request in self.requests)

    def answer(self, method: str, path: str, body: bytes, query: dict[str, list[str]]) -> Any:
        """Return the answer of the routes that are no streams. Raises `AtlasError`."""
        parts = path.strip("/").split("/")
        if parts[:3] == ["api", "v3", "bundles"]:
            return self._bundle(method, parts[3], body)
        if (method, path) == ("POST", "/queued_jobs"):
            return self._queue(json.loads(body))
        if parts[-1] == "why":
            return self._reason()
        if parts[:3] == ["api", "v3", "jobs"] and method == "GET":
            return self._state() if parts[-1] == "state" else self.facts
        if parts[:3] == ["api", "v3", "jobs"] and parts[-1] == "stop":
            self.states = [{"status": "failed", "cause": "stopped_by_user"}]
            return None
        if parts[:3] == ["api", "v3", "projects"] and parts[-1] == "jobs":
            return {"jobs": self._page(parts[3], query)}
        raise NotFound(f"{method} {path}")

    def _bundle(self, method: str, name: str, body: bytes) -> None:
        if method == "PUT":
            self.bundles[name] = body
        elif name not in self.bundles:
            raise BundleNotFound(name)

    def _queue(self, submission: dict[str, Any]) -> str:
        if submission["spec"]["bundle_id"] not in self.bundles:
            raise BundleNotFound("The bundle is gone.")
        if submission["job_id"] not in {each["job_id"] for each in self.submissions[-10:]}:
            self.submissions.append(submission)
        if self.lose_answers > 0:
            self.lose_answers -= 1
            raise ServerError("The answer is lost.")
        return str(submission["job_id"])

    def _page(self, project: str, query: dict[str, list[str]]) -> list[dict[str, Any]]:
        rows = [*self.rows, *map(self._row, self.submissions)][::-1]
        if not rows and project not in self.projects:
            raise ProjectNotFound(f"Project `{project}` does not exist.")
        before = query.get("before", [None])[0]
        start = next((index + 1 for index, row in enumerate(rows) if row["job_id"] == before), 0)
        return rows[start : start + int(query["limit"][0])]

    def _row(self, submission: dict[str, Any]) -> dict[str, Any]:
        facts = {"status": "queued", "metrics": {}, "tags": submission["metadata"].get("tags", {})}
        return {**facts, **self.outcome(submission), "job_id": submission["job_id"]}

    def _reason(self) -> dict[str, Any]:
        if not self.reasons:
            raise NotFound("This server gives no reasons.")
        if len(self.reasons) > 1:
            return self.reasons.pop(0)
        self.at_last_reason()
        return self.reasons[0]

    def _state(self) -> dict[str, Any]:
        if self.fail_states > 0:
            self.fail_states -= 1
            raise ServerError("The server is about to start.")
        if not self.states:
            raise JobNotFound("Job does not exist.")
        return self.states.pop(0) if len(self.states) > 1 else self.states[0]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # headers and body leave in two pieces
    world: SubmissionDouble

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        if url.path.endswith("/log"):
            self._log(int(parse_qs(url.query)["offset"][0]))
        else:
            self._answer()

    def do_HEAD(self) -> None:
        self._answer()

    def do_PUT(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _log(self, offset: int) -> None:
        world = self.world
        world.requests.append(f"LOG {offset}")
        if world.log_released is not None:
            world.log_released.wait(30)
        end = world.breaks.pop(0) if world.breaks else None
        piece = world.log[offset:end]
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        if piece:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        if end is None:
            self.wfile.write(b"0\r\n\r\n")
        self.close_connection = True

    def _answer(self) -> None:
        world = self.world
        body = self._body()
        url = urlsplit(self.path)
        path = url.path
        with world.lock:
            world.requests.append(f"{self.command} {path}")
            try:
                status, answer = 200, world.answer(self.command, path, body, parse_qs(url.query))
            except AtlasError as error:
                status, answer = error.status, error.to_problem()
        text = b"" if self.command == "HEAD" else json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            length = int(self.headers.get("Content-Length") or 0)
            if len(body := self.rfile.read(length)) < length:
                raise ConnectionAbortedError("the client left before the end of its request")
            return body
        pieces = []
        while length := int(self.rfile.readline(), 16):
            pieces.append(self.rfile.read(length))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(pieces)


@contextmanager
def running_submission_double() -> Iterator[SubmissionDouble]:
    """Yield a server that listens on a free port."""
    world = SubmissionDouble()
    with ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"world": world})) as server:
        server.daemon_threads = True
        world.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield world
        finally:
            server.shutdown()
            thread.join()
