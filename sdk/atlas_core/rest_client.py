"""The REST API's routes, as a client: what jobs logged, and the door through which they log it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from atlas_core.connection import Connection
from atlas_core.errors import AtlasError, ServerUnreachable
from atlas_core.jobs import NOBODY

#: Jobs of a page: few enough that a server has them at hand in a second.
_PAGE = 1000
#: Jobs of the largest page that a server makes; it takes a few seconds.
LARGEST_PAGE = 10_000


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
