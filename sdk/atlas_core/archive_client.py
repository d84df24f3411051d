"""The archive server's routes, as a client: files of jobs."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import IO, Any, Union
from urllib.parse import quote

import requests

from atlas_core.connection import UPLOAD_TIMEOUT, Connection, chunks_of
from atlas_core.errors import Conflict

#: So that the bytes of an answer are those of the file.
_AS_IT_IS = {"Accept-Encoding": "identity"}


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
        """Return what is in a directory of a job: of each `name`, `kind`, `size`, `modified` and `executable`.

        Raises `NotFound`.
        """
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
