"""A scheduler over real HTTP that keeps its jobs in a dictionary, for tests of the command line alone."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast
from urllib.parse import parse_qs, unquote, urlsplit

from atlas_core.errors import AtlasError, InvalidTransition, JobNotFound, NotFound, ServerError
from atlas_core.log_frames import FRAMES_TYPE, UnfinishedLine, log_frames


@dataclass
class Job:
    """A job as a test describes it. `end` is what it comes to when its log is read."""

    status: str = "completed"
    logs: str = ""
    end: str = "completed"
    files: dict[str, str] | None = None
    #: Its state after it was stopped.
    stopped: str = "failed"
    #: Holds the log back until it is set.
    released: threading.Event | None = None


@dataclass
class SchedulerDouble:
    """What the server holds, and what it was sent."""

    url: str = ""
    jobs: dict[str, Job] = field(default_factory=dict)
    bundles: dict[str, bytes] = field(default_factory=dict)
    submissions: list[dict[str, Any]] = field(default_factory=list)
    #: Path and query of every request.
    asked: list[tuple[str, str]] = field(default_factory=list)
    #: What the next job that is submitted will do.
    next_job: Job = field(default_factory=lambda: Job("queued", "hello\n"))
    #: What is answered at an address below /api/v3, such as `queue`; of several answers the last one stays.
    answers: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    #: Each job that was moved in the queue, and where to.
    moves: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    #: What the REST API says of a job, beside what it says of all.
    tracked: dict[str, dict[str, Any]] = field(default_factory=dict)
    #: The files in the archive of each job, by their path.
    archive: dict[str, dict[str, bytes]] = field(default_factory=dict)
    #: Break the connection after so many bytes of a file, as often as there are numbers.
    breaks: list[int] = field(default_factory=list)
    #: The range of each request for a file.
    ranges: list[str | None] = field(default_factory=list)
    #: The line that is not finished, in front of every log that is followed in frames; b"" as a server that has none.
    unfinished: bytes = b""
    #: Answer as the scheduler by itself, without the other services.
    is_alone: bool = False
    #: Refuse to stop or delete anything.
    broken: bool = False
    #: Hold requests of this method back until `release` is set; `holding` is set when there is one.
    held: str = ""
    holding: threading.Event = field(default_factory=threading.Event)
    release: threading.Event = field(default_factory=threading.Event)

    def answer(self, method: str, path: str, query: str, body: bytes) -> tuple[int, bytes]:
        """Return status and body of the answer. Raises `AtlasError` for a refusal."""
        if method == self.held:
            self.holding.set()
            self.release.wait(30)
        match method, path.strip("/").split("/"):
            case "GET", ["jobs", job_id]:
                job = self._job(job_id)
                return 200, _json({"job_id": job_id, "status": job.status, "logs": job.logs, "spec": {}})
            case "GET", ["api", "v3", "jobs", job_id, "state"]:
                return 200, _json({"status": self._job(job_id).status})
            case "GET", ["api", "v3", *words] if "/".join(words) in self.answers:
                answers = self.answers["/".join(words)]
                return 200, _json(answers.pop(0) if len(answers) > 1 else answers[0])
            case "PATCH", ["api", "v3", "queue", job_id]:
                self.moves.append((job_id, json.loads(body)))
                return 200, _json({"job_id": job_id, "position": 1})
            case "GET", ["api", "v3", "jobs"]:
                return 200, _json({"total": 0, "jobs": self._beginning(parse_qs(query).get("prefix", [""])[0])})
            case "GET", ["api", "v3", "jobs", _] if self.is_alone:
                raise NotFound("The requested URL was not found on the server.")
            case "GET", ["api", "v3", "jobs", job_id]:
                job = self._job(job_id)
                known = {"parameters": {"lr": 0.1}, "metrics": {}, "artifacts": [], "tags": {}, "spec": {}, "facts": {}}
                facts = {"job_id": job_id, "project": "p", "user": "ann", "status": job.status, "cause": None}
                return 200, _json({**known, **facts, "mode": "scheduled", **self.tracked.get(job_id, {})})
            case "GET", ["api", "v3", "jobs", job_id, "log"]:
                job = self._job(job_id)
                if job.released is not None:
                    job.released.wait(30)
                job.status = job.end
                return 200, job.logs.encode()
            case "DELETE", ["running_jobs", job_id]:
                self._refuse_if_broken()
                self._job(job_id).status = self._job(job_id).stopped
                return 204, b""
            case "DELETE", ["completed_jobs", job_id]:
                self._refuse_if_broken()
                del self.jobs[job_id]
                return 204, b""
            case "DELETE", ["api", "v3", "queue"]:
                return self._clear()
            case "GET", ["job_bundle", job_id]:
                return self._bundle(job_id)
            case "HEAD", ["api", "v3", "bundles", bundle_id]:
                return (200 if bundle_id in self.bundles else 404), b""
            case "PUT", ["api", "v3", "bundles", bundle_id]:
                self.bundles[bundle_id] = body
                return 201, b""
            case "GET", ["api", "v3", "bundles", bundle_id] if bundle_id in self.bundles:
                return 200, self.bundles[bundle_id]
            case "POST", ["queued_jobs"]:
                return self._queue(json.loads(body))
            case _:
                raise NotFound(f"{method} {path}")

    def _job(self, job_id: str) -> Job:
        if job_id not in self.jobs:
            raise JobNotFound(f"Job `{job_id}` does not exist.")
        return self.jobs[job_id]

    def _beginning(self, prefix: str) -> list[dict[str, str]]:
        found = [(job_id, job) for job_id, job in self.jobs.items() if job_id.startswith(prefix)]
        return [{"job_id": job_id, "project": "p", "status": job.status} for job_id, job in found]

    def listing(self, job_id: str, directory: str) -> list[dict[str, Any]]:
        """Return what is in a directory of the archive. Raises `NotFound`."""
        entries: dict[str, dict[str, Any]] = {}
        for path, content in self.archive.get(job_id, {}).items():
            if path.startswith(directory):
                name, _, more = path.removeprefix(directory).partition("/")
                kind, size = ("directory", 0) if more else ("file", len(content))
                entries[name] = {
                    "name": name,
                    "kind": kind,
                    "size": size,
                    "modified": 1e9,
                    "executable": name.endswith(".sh"),
                }
        if not entries:
            raise NotFound(f"Job `{job_id}` has no file `{directory}`.")
        return list(entries.values())

    def _refuse_if_broken(self) -> None:
        if self.broken:
            raise InvalidTransition("The job has changed meanwhile.")

    def _clear(self) -> tuple[int, bytes]:
        kept = {job_id: job for job_id, job in self.jobs.items() if job.status != "queued"}
        removed, self.jobs = len(self.jobs) - len(kept), kept
        return 200, _json({"removed": removed})

    def _bundle(self, job_id: str) -> tuple[int, bytes]:
        files = self._job(job_id).files
        if files is None:
            return 404, f"No archive directory found for Job {job_id}".encode()
        if "<broken>" in files:
            raise ServerError("The archive cannot be read.")
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
            for name, content in files.items():
                info = tarfile.TarInfo(f"{job_id}/{name}")
                info.size = len(content)
                tar.addfile(info, io.BytesIO(content.encode()))
        return 200, buffer.getvalue()

    def _queue(self, submission: dict[str, Any]) -> tuple[int, bytes]:
        self.submissions.append(submission)
        self.jobs[submission["job_id"]] = self.next_job
        return 201, _json(submission["job_id"])


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    double: SchedulerDouble

    def handle_error(self, *_: object) -> None:
        """Say nothing of clients that are interrupted."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:
        """Stay silent."""

    def _answer(self) -> None:
        body = self._body()
        double = cast(_Server, self.server).double
        try:
            url = urlsplit(self.path)
            double.asked.append((url.path, url.query))
            if url.path.startswith("/archive/"):
                self._send_archived(double, *unquote(url.path).removeprefix("/archive/").split("/", 1))
                return
            status, answer = double.answer(self.command, url.path, url.query, body)
        except AtlasError as error:
            status, answer = error.status, _json(error.to_problem())
        self.send_response(status)
        if double.unfinished and self.headers.get("Accept") == FRAMES_TYPE:
            self.send_header("Content-Type", FRAMES_TYPE)
            answer = b"".join(log_frames([UnfinishedLine(double.unfinished), answer]))
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer)

    def _send_archived(self, double: SchedulerDouble, job_id: str, path: str) -> None:
        files = double.archive.get(job_id, {})
        if path == "" or path.endswith("/"):
            content, wanted = _json(double.listing(job_id, path)), None
        elif path in files:
            content, wanted = files[path], self.headers.get("Range")
        else:
            raise NotFound(f"Job `{job_id}` has no file `{path}`.")
        version = f'"{hashlib.sha256(content).hexdigest()}"'
        partial = wanted is not None and self.headers.get("If-Range") == version
        content = content[int(str(wanted)[len("bytes=") : -1]) :] if partial else content
        self.send_response(206 if partial else 200)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("ETag", version)
        self.end_headers()
        if self.command == "HEAD":
            return
        if path in files:
            double.ranges.append(wanted)
        if path in files and double.breaks:
            self.wfile.write(content[: double.breaks.pop(0)])
            self.close_connection = True
        else:
            self.wfile.write(content)

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") == "chunked":
            chunks = []
            while size := int(self.rfile.readline(), 16):
                chunks.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(chunks)
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = _answer  # noqa: N815  the names are those of http.server


def _json(value: object) -> bytes:
    return json.dumps(value).encode()


@contextmanager
def running_scheduler() -> Iterator[SchedulerDouble]:
    """Serve a double on a free port."""
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.double = SchedulerDouble(f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server.double
        finally:
            server.shutdown()
            thread.join()
