"""HTTP clients of the services: one class a service, one connection pool for all, one way to fail.

Every failure is an `AtlasError`: what the server rendered is raised again as the same class, a server that does not
answer is `ServerUnreachable`. Every call has a time-out. A call that is safe to repeat is repeated for a while when the
server dies over it: a server that is supervised is back within seconds. One that refuses the connection is not running.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, TypeVar, Union
from urllib.parse import quote

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import NewConnectionError

from atlas_core.errors import (
    AtlasError,
    Conflict,
    Forbidden,
    InvalidInput,
    JobNotFound,
    NotFound,
    ServerError,
    ServerUnreachable,
    Unauthorized,
    from_problem,
)
from atlas_core.jobs import NOBODY, Submission
from atlas_core.states import JobStatus

#: Seconds to connect, and to wait for the next bytes of an answer.
TIMEOUT = (3.05, 30.0)
#: A large bundle is on the disk before the answer comes.
UPLOAD_TIMEOUT = (3.05, 600.0)
#: A log stream is closed by the server after this many silent seconds; the client waits a little longer.
LOG_SILENCE = 20.0

#: Seconds for which a call that is safe to repeat is repeated, and the pause before each repetition.
PATIENCE = 15.0
_PAUSE = 0.2

#: Jobs of a page: few enough that a server has them at hand in a second.
_PAGE = 1000
#: Jobs of the largest page that a server makes; it takes a few seconds.
LARGEST_PAGE = 10_000

T = TypeVar("T")

#: Returns the token to send now, if there is one.
Token = Callable[[], Union[str, None]]
#: Carries who makes a request beside the token of a job, which the server may not know yet.
USER_HEADER = "X-Atlas-User-Token"

_CHUNK = 64 * 1024
_SAFE = frozenset({"GET", "HEAD", "PUT"})
#: So that the bytes of an answer are those of the file.
_AS_IT_IS = {"Accept-Encoding": "identity"}


class Connection:
    """A server's address with its connection pool and token. Not to be shared between processes.

    A token may be something that says which one to send at the moment. A call that brings a token of its own, a job's,
    sends that of the connection beside it.

    `patience` is for how many seconds a call that is safe to repeat is repeated, `timeout` how long a call that has no
    time-out of its own waits: to connect, and for the next bytes.
    """

    def __init__(
        self,
        url: str,
        token: Token | str | None = None,
        patience: float = PATIENCE,
        timeout: tuple[float, float] = TIMEOUT,
    ) -> None:
        self.url = url.rstrip("/")
        self._timeout = timeout
        self._patience = patience
        self._session = requests.Session()
        self._session.trust_env = False  # a proxy for the internet is none for the server next door
        self._token: Token = token if callable(token) else lambda: token
        adapter = HTTPAdapter(pool_maxsize=16)
        self._session.mount("http://", adapter)
        self._session.mount("https://", adapter)

    def request(self, method: str, path: str, *, safe: bool = False, **options: Any) -> requests.Response:
        """Return the answer to a request; one that is no success, a redirection too, is raised as an error.

        `safe` says that a POST or DELETE may be repeated, as GET, HEAD and PUT may.
        """
        deadline = time.monotonic() + self._patience
        body = options.get("data")
        start = _place(body)
        while True:
            try:
                return self._attempt(method, path, options)
            except ServerUnreachable as error:
                repeatable = (safe or method in _SAFE) and not error.details.get("refused")
                if not repeatable or time.monotonic() > deadline:
                    raise
            time.sleep(_PAUSE)
            _rewind(body, start)

    def _attempt(self, method: str, path: str, options: Mapping[str, Any]) -> requests.Response:
        headers = {**self._credentials(options.get("headers") or {}), **(options.get("headers") or {})}
        with_defaults = {"timeout": self._timeout, "allow_redirects": False, **options, "headers": headers}
        try:
            response = self._session.request(method, self.url + path, **with_defaults)
        except requests.RequestException as error:
            raise self._unreachable(error) from error
        if not 200 <= response.status_code < 300:
            with response:
                raise error_of(response) if response.status_code >= 400 else self._redirected(response)
        return response

    def _credentials(self, given: Mapping[str, str]) -> dict[str, str]:
        token = self._token()
        if not token:
            return {}
        return {USER_HEADER: token} if "Authorization" in given else {"Authorization": f"Bearer {token}"}

    def ask(self, kind: type[T], method: str, path: str, **options: Any) -> T:
        """Return the JSON of an answer, which is a `kind`. Raises `ServerError` when it is something else."""
        with self.request(method, path, **options) as response, self.understood():
            answer = response.json()
        if not isinstance(answer, kind):
            raise self._stranger()
        return answer

    @contextlib.contextmanager
    def understood(self) -> Iterator[None]:
        """Raise `ServerError` when an answer, read in this block, lacks something that ours have."""
        try:
            yield
        except (ValueError, KeyError, TypeError):
            raise self._stranger() from None

    def close(self) -> None:
        """Close every connection."""
        self._session.close()

    def _stranger(self) -> ServerError:
        return ServerError(f"What answers at {self.url} is no Atlas server.", url=self.url)

    def _redirected(self, response: requests.Response) -> ServerError:
        place = response.headers.get("Location", "no other address")
        return ServerError(
            f"What answers at {self.url} names {place} in its place (status {response.status_code}); "
            "use the address of the server itself.",
            url=self.url,
            http_status=response.status_code,
        )

    def _unreachable(self, error: requests.RequestException) -> AtlasError:
        if isinstance(error, (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema)):
            return InvalidInput(f"`{self.url}` is no address of a server.", field="url")
        reason = "it does not answer in time" if isinstance(error, requests.Timeout) else "no connection"
        return ServerUnreachable(
            f"Cannot currently find Atlas server at {self.url} ({reason}). "
            "Start Atlas server with `atlas-server start`.",
            url=self.url,
            refused=_is_refused(error),
        )


class SchedulerClient:
    """The scheduler's routes: bundles, the queue, jobs and their logs."""

    def __init__(self, connection: Connection) -> None:
        self._http = connection

    def has_bundle(self, bundle_id: str) -> bool:
        """Whether the server holds this bundle."""
        try:
            self._http.request("HEAD", f"/api/v3/bundles/{bundle_id}").close()
        except AtlasError as error:
            if _is_missing(error):
                return False
            raise
        return True

    def upload_bundle(self, bundle_id: str, bundle: Union[IO[bytes], Iterable[bytes]]) -> None:
        """Send a packed bundle. Raises `InvalidBundle` or `BundleTooLarge` when the server refuses it."""
        self._http.request("PUT", f"/api/v3/bundles/{bundle_id}", data=bundle, timeout=UPLOAD_TIMEOUT).close()

    def download_bundle(self, bundle_id: str, target: Path) -> int:
        """Write a bundle to `target` and return its size in bytes. Raises `BundleNotFound`.

        What is there after an error is a part of it.
        """
        return self._save(f"/api/v3/bundles/{quote(bundle_id, safe='')}", target)

    def submit(self, submission: Submission) -> str:
        """Append the job to the queue and return its id. The job id makes a repetition harmless."""
        return self._http.ask(str, "POST", "/queued_jobs", safe=True, json=submission.to_dict())

    def job(self, job_id: str) -> dict[str, Any]:
        """Return `job_id`, `status`, `logs`, `spec` and, once it has ended, `cause`. Raises `JobNotFound`."""
        try:
            return self._http.ask(dict, "GET", f"/jobs/{quote(job_id, safe='')}")
        except AtlasError as error:
            if _is_missing(error):
                raise JobNotFound(f"Job `{job_id}` does not exist.", job_id=job_id) from None
            raise

    def status(self, job_id: str) -> JobStatus:
        """Return the job's state. Raises `JobNotFound`."""
        state = self.state(job_id)
        with self._http.understood():
            return JobStatus(state["status"])

    def state(self, job_id: str) -> dict[str, Any]:
        """Return `status` and, once the job has ended, `cause` and `exit_code`. Raises `JobNotFound`."""
        return self._http.ask(dict, "GET", f"/api/v3/jobs/{quote(job_id, safe='')}/state")

    @contextlib.contextmanager
    def log_stream(self, job_id: str, offset: int = 0, follow: bool = True) -> Iterator[Iterator[bytes]]:
        """Open the log at byte `offset` and follow it: yields chunks until the job has ended or all was silent a while.

        Ask `status` whether the job has ended; if not, open the stream again behind what was received. Without `follow`
        the chunks are what has been written so far.
        """
        path = f"/api/v3/jobs/{quote(job_id, safe='')}/log"
        options: dict[str, Any] = {
            "params": {"offset": offset, "follow": int(follow)},
            "stream": True,
            "timeout": (3.05, LOG_SILENCE + 10),
        }
        response = self._http.request("GET", path, **options)
        with response:
            yield chunks_of(response, self._http.url)

    def stop(self, job_id: str) -> None:
        """End a running job. Raises `JobNotFound` or `InvalidTransition`."""
        self._http.request("DELETE", f"/running_jobs/{quote(job_id, safe='')}").close()

    def cancel(self, job_id: str) -> None:
        """End a job whether it waits or runs. Raises `JobNotFound` or `InvalidTransition`."""
        self._http.request("POST", f"/api/v3/jobs/{quote(job_id, safe='')}/stop").close()

    def delete(self, job_id: str) -> None:
        """Remove an ended job with everything it left. Raises `JobNotFound` or `Conflict`."""
        self._http.request("DELETE", f"/completed_jobs/{quote(job_id, safe='')}").close()

    def why(self, job_id: str) -> dict[str, Any]:
        """Return why the job is in the state that it is in. Raises `JobNotFound`."""
        return self._http.ask(dict, "GET", f"/api/v3/jobs/{quote(job_id, safe='')}/why")

    def queue(self, limit: int | None = None) -> dict[str, Any]:
        """Return the jobs that wait, first to run first; at most `limit` of them."""
        return self._http.ask(dict, "GET", "/api/v3/queue", params={} if limit is None else {"limit": limit})

    def move(self, job_id: str, place: Mapping[str, Any]) -> dict[str, Any]:
        """Move a waiting job to a `position`, or `before` or `after` another. Raises `JobNotFound` or `Conflict`."""
        return self._http.ask(dict, "PATCH", f"/api/v3/queue/{quote(job_id, safe='')}", json=dict(place))

    def running(self) -> dict[str, Any]:
        """Return the jobs that run or are about to."""
        return self._http.ask(dict, "GET", "/api/v3/running")

    def nodes(self) -> dict[str, Any]:
        """Return the machines on which jobs run."""
        return self._http.ask(dict, "GET", "/api/v3/nodes")

    def clear_queue(self) -> int:
        """Remove every job that waits, as if it had never been submitted; returns how many."""
        answer = self._http.ask(dict, "DELETE", "/api/v3/queue", params={"remove": 1}, timeout=UPLOAD_TIMEOUT)
        with self._http.understood():
            return int(answer["removed"])

    def download_files(self, job_id: str, target: Path, advance: Callable[[int], object] = int) -> int:
        """Write the archived working directory of a job, a gzip tar, to `target` and return its size in bytes.

        `advance` is told how many more bytes have come. What is there after an error is a part of it.
        """
        return self._save(f"/job_bundle/{quote(job_id, safe='')}", target, advance)

    def _save(self, path: str, target: Path, advance: Callable[[int], object] = int) -> int:
        response = self._http.request("GET", path, stream=True)
        with response, target.open("wb") as file:
            for chunk in chunks_of(response, self._http.url):
                advance(file.write(chunk))
            return file.tell()


class RestClient:
    """The REST API's routes: what jobs logged, and the door through which they log it."""

    def __init__(self, connection: Connection) -> None:
        self._http = connection

    def health(self) -> dict[str, Any]:
        """Return the `version` of the server, and of each of its `services` whether it is `healthy`."""
        return self._http.ask(dict, "GET", "/api/v3/health")

    def user_name(self) -> str:
        """Return who the server says we are; `NOBODY` where nobody logs in."""
        try:
            claims = self._http.request("GET", "/api/v2beta/auth/verify").json()
        except ServerUnreachable:
            raise
        except (AtlasError, ValueError):
            return NOBODY
        return str(claims.get("preferred_username") or NOBODY) if isinstance(claims, dict) else NOBODY

    def send_journal(
        self, job_id: str, writer: str, offset: int, frames: bytes, token: str, is_packed: bool = False
    ) -> int:
        """Apply the frames that stand at `offset` of this writer's journal; returns up to where the server has applied.

        Sending frames again is harmless. No frames at all is a sign of life. Raises `JournalGap` when `offset` lies
        beyond what the server has; its `applied` says where to go on. `frames` may be packed by gzip.
        """
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/octet-stream"}
        answer = self._http.ask(
            dict,
            "POST",
            f"/api/v3/jobs/{quote(job_id, safe='')}/journal/{quote(writer, safe='')}",
            params={"offset": offset},
            data=frames,
            headers={**headers, "Content-Encoding": "gzip"} if is_packed else headers,
        )
        with self._http.understood():
            return int(answer["applied"])

    def projects(self) -> list[dict[str, Any]]:
        """Return every project, oldest first."""
        return self._http.ask(list, "GET", "/api/v2beta/projects")

    def job_listing(self, project: str) -> dict[str, Any]:
        """Return the project's jobs with all they logged. Raises `ProjectNotFound`."""
        return self._http.ask(dict, "GET", f"/api/v2beta/projects/{quote(project, safe='')}/job_listing")

    def project_jobs(self, project: str, page: int = _PAGE) -> Iterator[dict[str, Any]]:
        """Yield a row for each job, newest first: facts, parameters, tags, the last value of each metric.

        They come a `page` at a time, `LARGEST_PAGE` at most. Raises `ProjectNotFound`.
        """
        place: dict[str, Any] = {"limit": page}
        while True:
            answer = self._http.ask(dict, "GET", f"/api/v3/projects/{quote(project, safe='')}/jobs", params=place)
            with self._http.understood():
                rows: list[dict[str, Any]] = answer["jobs"]
                place["before"] = rows[-1]["job_id"] if rows else None
            yield from rows
            if len(rows) < page:
                return

    def job(self, job_id: str) -> dict[str, Any]:
        """Return one job with parameters, tags, artifacts and a summary of each metric. Raises `JobNotFound`."""
        return self._http.ask(dict, "GET", f"/api/v3/jobs/{quote(job_id, safe='')}")

    def jobs_beginning(self, prefix: str, limit: int = 20) -> list[dict[str, Any]]:
        """Return the newest jobs whose id begins so: of each `job_id`, `project`, `status`; at most `limit`."""
        answer = self._http.ask(dict, "GET", "/api/v3/jobs", params={"prefix": prefix, "limit": limit})
        with self._http.understood():
            return [dict(job) for job in answer["jobs"]]

    def series(self, job_id: str, name: str) -> dict[str, Any]:
        """Return every point of a metric: `name`, `values`, `times`, `steps`. Raises `JobNotFound` or `NotFound`."""
        return self._http.ask(dict, "GET", f"/api/v3/jobs/{quote(job_id, safe='')}/series/{quote(name, safe='')}")


@dataclass(frozen=True)
class FileFacts:
    """The length of a file in bytes, and what differs when its content may."""

    size: int
    version: str


class ArchiveClient:
    """The archive server's routes: files of jobs."""

    def __init__(self, connection: Connection) -> None:
        self._http = connection

    def put(self, job_id: str, path: str, content: Union[IO[bytes], bytes], sha256: str, token: str) -> None:
        """Store a file of a job. The server checks the hash before the file becomes visible."""
        self._stored(self._put(job_id, path, sha256, token, data=content))

    def received(self, job_id: str, path: str, size: int, sha256: str, token: str) -> int:
        """Return how many bytes of a file the server has; all of them if it knows the content, and has stored it."""
        response = self._put(job_id, path, sha256, token, content_range=f"bytes */{size}")
        with response, self._http.understood():
            return int(response.json()["received"])

    def put_rest(self, job_id: str, path: str, content: IO[bytes], size: int, sha256: str, token: str) -> None:
        """Store a file of `size` bytes of which the server has those before the present position of `content`.

        What has arrived when the connection breaks stays there: ask `received`. Raises `Conflict` when the server has
        less than that, or another request goes on with the file.
        """
        part = f"bytes {content.tell()}-{size - 1}/{size}"
        self._stored(self._put(job_id, path, sha256, token, content_range=part, data=content))

    def _stored(self, response: requests.Response) -> None:
        """Raise `ServerError` unless it is the archive that says so: what is stored is removed here."""
        with response, self._http.understood():
            int(response.json()["size"])

    def _put(
        self, job_id: str, path: str, sha256: str, token: str, content_range: str | None = None, data: Any = None
    ) -> requests.Response:
        headers = {"Authorization": f"Bearer {token}", "X-Content-SHA256": sha256}
        if content_range is not None:
            headers["Content-Range"] = content_range
        url = f"/archive/{quote(job_id, safe='')}/{quote(path)}"
        return self._http.request("PUT", url, data=data, headers=headers, timeout=UPLOAD_TIMEOUT)

    def append_output(self, job_id: str, offset: int, data: bytes, token: str) -> int:
        """Append to a job's output what stands at `offset`; returns how long it is there. May be repeated.

        Raises `JournalGap` when `offset` lies beyond what the server has; its `applied` says where to go on.
        """
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/octet-stream"}
        url = f"/archive/{quote(job_id, safe='')}/logs/output.log"
        answer = self._http.ask(dict, "PATCH", url, params={"offset": offset}, data=data, headers=headers)
        with self._http.understood():
            return int(answer["applied"])

    def change_synced(self, job_id: str, directory: str, change: Mapping[str, Any], token: str) -> list[str]:
        """Change a synced directory; returns the hashes of objects to store first, if there are any."""
        url = f"/archive/{quote(job_id, safe='')}/synced_directories/{quote(directory, safe='')}"
        headers = {"Authorization": f"Bearer {token}"}
        answer = self._http.ask(dict, "PATCH", url, json=change, headers=headers, timeout=UPLOAD_TIMEOUT)
        with self._http.understood():
            return [str(digest) for digest in answer["missing"]]

    def synced(self, job_id: str, directory: str) -> dict[str, dict[str, Any]]:
        """Return what a job's synced directory holds: path -> `sha256`, `size`, `modified`. Raises `NotFound`."""
        url = f"/archive/{quote(job_id, safe='')}/synced_manifests/{quote(directory, safe='')}.json"
        answer = self._http.ask(dict, "GET", url)
        with self._http.understood():
            return {str(path): dict(file) for path, file in answer["files"].items()}

    def listing(self, job_id: str, directory: str = "") -> list[dict[str, Any]]:
        """Return what is in a directory of a job: of each `name`, `kind`, `size`, `modified`. Raises `NotFound`."""
        below = f"{quote(directory)}/" if directory else ""
        return self._http.ask(list, "GET", f"/archive/{quote(job_id, safe='')}/{below}")

    def facts(self, job_id: str, path: str) -> FileFacts:
        """Return how long a file of a job is, and its version. Raises `NotFound`, also for a directory."""
        url = f"/archive/{quote(job_id, safe='')}/{quote(path)}"
        with self._http.request("HEAD", url, headers=_AS_IT_IS) as response, self._http.understood():
            return FileFacts(int(response.headers["Content-Length"]), response.headers["ETag"])

    @contextlib.contextmanager
    def read(self, job_id: str, path: str, offset: int = 0, version: str = "") -> Iterator[Iterator[bytes]]:
        """Open a file of a job: yields its bytes from `offset` on, a chunk at a time.

        Raises `NotFound`, or `Conflict` when what stands at an `offset` is no part of this `version` any more.
        """
        url = f"/archive/{quote(job_id, safe='')}/{quote(path)}"
        headers = {**_AS_IT_IS, "Range": f"bytes={offset}-", "If-Range": version} if offset else _AS_IT_IS
        with self._http.request("GET", url, stream=True, headers=headers) as response:
            if offset and response.status_code != 206:
                raise Conflict(f"The file `{path}` of job `{job_id}` has changed meanwhile; ask for it again.")
            yield chunks_of(response, self._http.url)


def chunks_of(response: requests.Response, url: str) -> Iterator[bytes]:
    """Yield the body of a streamed answer as it arrives. Raises `ServerUnreachable` when the connection breaks."""
    # read1-like: hand on whatever has arrived, instead of waiting for a full chunk
    stream = (
        response.raw.stream(_CHUNK, decode_content=True) if not response.raw.chunked else response.raw.read_chunked()
    )
    try:
        yield from stream
    except Exception as error:  # urllib3's own errors, which requests translates only in iter_content
        raise ServerUnreachable(f"The connection to {url} was lost.", url=url) from error


def error_of(response: requests.Response) -> AtlasError:
    """Return the error that an answer of 400 or above stands for. Old routes answer with a plain sentence."""
    text = response.text.strip()
    with contextlib.suppress(ValueError):
        body = response.json()
        if isinstance(body, Mapping) and "code" in body:
            return from_problem(dict(body))
        text = body if isinstance(body, str) else text
    kinds: dict[int, type[AtlasError]] = {
        400: InvalidInput,
        401: Unauthorized,
        403: Forbidden,
        404: NotFound,
        409: Conflict,
    }
    kind = kinds.get(response.status_code, ServerError)
    return kind(text[:500] or f"The server answered {response.status_code}.", http_status=response.status_code)


def _is_refused(error: requests.RequestException) -> bool:
    """Whether there was nobody to connect to, so that nothing was sent and nobody is about to come back."""
    cause = error.args[0] if error.args else None
    return isinstance(getattr(cause, "reason", cause), NewConnectionError)


def _place(body: object) -> int:
    return int(body.tell()) if hasattr(body, "tell") else 0


def _rewind(body: object, place: int) -> None:
    if hasattr(body, "seek"):
        body.seek(place)


def _is_missing(error: AtlasError) -> bool:
    return error.status == 404
