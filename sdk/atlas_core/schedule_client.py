"""The HTTP client of the scheduler's routes about scheduled jobs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from atlas_core.client import Connection
from atlas_core.jobs import Submission

#: Without this the answers to what is refused are those that old clients know, which say less.
_HEADERS = {"Accept": "application/json, application/problem+json"}


class ScheduleClient:
    """Scheduled jobs. What is about one of them raises `NotFound` when there is none of this id."""

    def __init__(self, connection: Connection) -> None:
        self._http = connection

    def add(self, submission: Submission, schedule: Mapping[str, Any]) -> str:
        """Have the job queued whenever the schedule says, under ids that begin with its own, which is returned.

        The same request again is harmless. Raises `InvalidInput`, or `Conflict` if there is another of this id.
        """
        body = {**submission.to_dict(), "schedule": dict(schedule)}
        return self._http.ask(str, "POST", "/scheduled_jobs", safe=True, json=body, headers=_HEADERS)

    def all(self, project: str | None = None) -> dict[str, Any]:
        """Return every schedule, perhaps of one project alone, by its id."""
        params = {} if project is None else {"project": project}
        return self._http.ask(dict, "GET", "/scheduled_jobs", params=params, headers=_HEADERS)

    def get(self, job_id: str) -> dict[str, Any]:
        """Return one schedule."""
        found = self._http.ask(dict, "GET", _path(job_id), headers=_HEADERS)
        with self._http.understood():
            return dict(found[job_id])

    def pause(self, job_id: str) -> None:
        """Let it fire no more, until it is resumed."""
        self._put(job_id, "paused")

    def resume(self, job_id: str) -> None:
        """Let it fire again. Raises `InvalidInput` if it has no fire time ahead; then it is removed."""
        self._put(job_id, "active")

    def reschedule(self, job_id: str, schedule: Mapping[str, Any]) -> None:
        """Give it new times, and let it fire. Time zone and grace stay unless given. Raises `InvalidInput`."""
        body = {"schedule": dict(schedule)}
        self._http.request("PATCH", _path(job_id), json=body, headers=_HEADERS).close()

    def remove(self, job_id: str) -> None:
        """Remove it and stop its runs. What they left stays."""
        self._http.request("DELETE", _path(job_id), headers=_HEADERS).close()

    def _put(self, job_id: str, status: str) -> None:
        self._http.request("PUT", _path(job_id), json={"status": status}, headers=_HEADERS).close()


def _path(job_id: str) -> str:
    return f"/scheduled_jobs/{quote(job_id, safe='')}"
