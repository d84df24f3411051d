"""Jobs that run again and again, under the names that scripts of the original use.

A schedule of one's own is easier made with `foundations schedule add`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Optional
from urllib.parse import quote

from atlas_core.config import load_submission_config
from atlas_core.errors import AtlasError
from atlas_core.login_client import user_connection

_ALL = "/scheduled_jobs"


class CronJobSchedulerError(Exception):
    """What the scheduler refused, or why it could not be asked, in its words."""


class CronJobScheduler:
    """The scheduled jobs of a server: the one of `scheduler_url`, else the one that jobs are submitted to.

    Each method raises `CronJobSchedulerError` when there is no such job, when the scheduler refuses, and when none
    answers.

        scheduler = foundations.CronJobScheduler("http://localhost:5558")
        for job_id, job in scheduler.get_jobs().items():
            print(job_id, job["status"], job["next_run_time"])
    """

    def __init__(self, scheduler_url: Optional[str] = None) -> None:
        url = load_submission_config("scheduler").scheduler_url if scheduler_url is None else scheduler_url
        self._connection = user_connection(url)

    def schedule_job(
        self,
        job_id: str,
        spec: Mapping[str, Any],
        schedule: Mapping[str, Any],
        metadata: Optional[Mapping[str, Any]] = None,
        gpu_spec: Optional[Mapping[str, Any]] = None,
    ) -> str:
        """Have a job run whenever `schedule` says, whose keys are `hour`, `day_of_week` and the like. Returns its id.

        `spec` says what runs, with the `bundle_id` of its code and its `command`. Without a time it is made paused.
        """
        body = {"job_id": job_id, "spec": spec, "schedule": schedule, "metadata": metadata, "gpu_spec": gpu_spec}
        return str(self._ask("POST", _ALL, json={key: value for key, value in body.items() if value is not None}))

    def get_jobs(self) -> dict[str, Any]:
        """Return every scheduled job by its id."""
        return dict(self._ask("GET", _ALL))

    def get_job(self, job_id: str) -> dict[str, Any]:
        """Return one scheduled job, as the one entry of a mapping by ids."""
        return dict(self._ask("GET", _path(job_id)))

    def get_job_with_params(self, params: Mapping[str, str]) -> dict[str, Any]:
        """Return the scheduled jobs that match, by their id: `{"project": "digits"}` asks for those of a project."""
        return dict(self._ask("GET", _ALL, params=dict(params)))

    def pause_job(self, job_id: str) -> None:
        """Let it run no more, until it is resumed."""
        self._ask("PUT", _path(job_id), json={"status": "paused"})

    def resume_job(self, job_id: str) -> None:
        """Let it run again. One that has no time ahead is removed, and the error says so."""
        self._ask("PUT", _path(job_id), json={"status": "active"})

    def update_job_schedule(self, job_id: str, schedule: Mapping[str, Any]) -> None:
        """Give it new times; a paused one becomes active."""
        self._ask("PATCH", _path(job_id), json={"schedule": dict(schedule)})

    def delete_job(self, job_id: str) -> None:
        """Remove it, and stop a run of it."""
        self._ask("DELETE", _path(job_id))

    def _ask(self, method: str, path: str, **options: Any) -> Any:
        """Return the JSON of the answer, None where it is empty."""
        try:
            with self._connection.request(method, path, **options) as response, self._connection.understood():
                return response.json() if response.content else None
        except AtlasError as error:
            raise CronJobSchedulerError(error.message) from error


def _path(job_id: str) -> str:
    return f"{_ALL}/{quote(job_id, safe='')}"
