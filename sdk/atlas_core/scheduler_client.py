"""The scheduler's routes, as a client: bundles, the queue, jobs and their logs."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any, Callable, Union
from urllib.parse import quote

from atlas_core.connection import UPLOAD_TIMEOUT, Connection, chunks_of
from atlas_core.errors import AtlasError, JobNotFound
from atlas_core.jobs import Submission
from atlas_core.log_frames import FRAMES_TYPE, log_parts
from atlas_core.states import JobStatus

#: A log stream is closed by the server after this many silent seconds; the client waits a little longer.
LOG_SILENCE = 20.0


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
    def log_stream(
        self, job_id: str, offset: int = 0, follow: bool = True, unfinished: bool = False
    ) -> Iterator[Iterator[bytes]]:
        """Open the log at byte `offset` and follow it: yields chunks until the job has ended or all was silent a while.

        Ask `status` whether the job has ended; if not, open the stream again behind what was received. Without `follow`
        the chunks are what has been written so far. With `unfinished`, some chunks are an `UnfinishedLine`, which is
        not in the log yet and valid until the next chunk.
        """
        path = f"/api/v3/jobs/{quote(job_id, safe='')}/log"
        options: dict[str, Any] = {
            "params": {"offset": offset, "follow": int(follow)},
            "stream": True,
            "timeout": (3.05, LOG_SILENCE + 10),
            "headers": {"Accept": FRAMES_TYPE} if unfinished else {},
        }
        response = self._http.request("GET", path, **options)
        with response:
            chunks = chunks_of(response, self._http.url)
            yield log_parts(chunks) if response.headers.get("Content-Type") == FRAMES_TYPE else chunks

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


def _is_missing(error: AtlasError) -> bool:
    return error.status == 404
