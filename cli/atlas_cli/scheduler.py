"""The scheduler that a submission configuration names, as the commands about jobs speak to it."""

from __future__ import annotations

import os
from pathlib import Path

from atlas_cli.outcome import CommandFailed
from atlas_core.client import Connection, SchedulerClient
from atlas_core.config import load_submission_config
from atlas_core.errors import NotFound
from atlas_core.ids import check_job_id
from atlas_core.states import JobStatus


class Scheduler:
    """A client together with the name by which the user calls its environment."""

    def __init__(self, environment: str, directory: Path | None = None) -> None:
        """Look the environment up from `directory` (default: here). Raises `ConfigNotFound` or `InvalidConfig`."""
        self.environment = environment
        url = load_submission_config(environment, directory).scheduler_url
        self.client = SchedulerClient(Connection(url, os.environ.get("FOUNDATIONS_TOKEN")))

    def status(self, job_id: str) -> JobStatus:
        """Return the state of a job. Raises `InvalidInput` for what is no id, `CommandFailed` for an unknown job."""
        try:
            return self.client.status(check_job_id(job_id))
        except NotFound as error:
            message = f"Error: Job `{job_id}` does not exist for environment `{self.environment}`"
            raise CommandFailed(message, error.code) from error
