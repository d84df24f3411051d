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

#: The configuration that is meant where none is named.
DEFAULT = "scheduler"
#: The beginning of an id that names a job has at least so many characters.
SHORTEST = 4
#: So many characters has an id that `submit` makes.
_WHOLE = 36
#: So many jobs are named that an ambiguous beginning may mean.
_NAMED = 5


class Scheduler:
    """A client together with the name by which the user calls its environment."""

    def __init__(self, environment: str, directory: Path | None = None) -> None:
        """Look the environment up from `directory` (default: here). Raises `ConfigNotFound` or `InvalidConfig`."""
        self.environment = environment
        url = load_submission_config(environment, directory).scheduler_url
        self.client = SchedulerClient(Connection(url, os.environ.get("FOUNDATIONS_TOKEN")))

    def find(self, text: str) -> tuple[str, JobStatus]:
        """Return id and state of the job that `text` names: its id, or the beginning of one that waits or runs.

        Raises `InvalidInput` for what is no id, `CommandFailed` for an unknown job or for a beginning of several.
        """
        try:
            return text, self.client.status(check_job_id(text))
        except NotFound as error:
            job_id = self._complete(text)
            if job_id is None:
                raise CommandFailed(self._unknown(text), error.code) from error
        return job_id, self.client.status(job_id)

    def _unknown(self, text: str) -> str:
        message = f"Error: Job `{text}` does not exist for environment `{self.environment}`"
        is_short = SHORTEST <= len(text) < _WHOLE
        return f"{message}; a job that has ended is called by its whole id" if is_short else message

    def _complete(self, text: str) -> str | None:
        """Return the one job that waits or runs and whose id begins so."""
        if len(text) < SHORTEST:
            return None
        found = [job_id for job_id in self._unfinished() if job_id.startswith(text)]
        if len(found) > 1:
            raise CommandFailed(
                f"Error: `{text}` is the beginning of {len(found)} jobs: {', '.join(sorted(found)[:_NAMED])}"
                f"{', ...' if len(found) > _NAMED else ''}; write more of the id.",
                "conflict",
            )
        return found[0] if found else None

    def _unfinished(self) -> list[str]:
        running, queue = self.client.running(), self.client.queue()
        return [str(job["job_id"]) for job in (*running["jobs"], *queue["jobs"])]
