"""The server that a submission configuration names, as the commands about jobs speak to it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from atlas_cli.outcome import CommandFailed
from atlas_core.client import ArchiveClient, RestClient, SchedulerClient
from atlas_core.config import load_submission_config
from atlas_core.errors import JobNotFound, NotFound
from atlas_core.ids import check_job_id
from atlas_core.login_client import user_connection
from atlas_core.states import JobStatus

#: The configuration that is meant where none is named.
DEFAULT = "scheduler"
#: The beginning of an id that names a job has at least so many characters.
SHORTEST = 4
#: So many jobs are named that an ambiguous beginning may mean.
_NAMED = 5


def config_and_names(words: Sequence[str], number: int, names: str) -> tuple[str, list[str]]:
    """Return the scheduler config and the `number` words behind it; where it is left out, `scheduler`.

    Raises `click.UsageError`, which says that `names` are wanted.
    """
    if len(words) not in (number, number + 1):
        raise click.UsageError(f"Name {names}, behind the scheduler config if it is not `{DEFAULT}`.")
    config = DEFAULT if len(words) == number else words[0]
    return config, list(words[-number:])


class Scheduler:
    """The clients of a server, together with the name by which the user calls its environment."""

    def __init__(self, environment: str, directory: Path | None = None) -> None:
        """Look the environment up from `directory` (default: here). Raises `ConfigNotFound` or `InvalidConfig`."""
        self.environment = environment
        self.url = load_submission_config(environment, directory).scheduler_url
        connection = user_connection(self.url)
        self.client = SchedulerClient(connection)
        self.rest = RestClient(connection)
        self.archive = ArchiveClient(connection)

    def find(self, text: str) -> tuple[str, JobStatus]:
        """Return id and state of the job that `text` names: its id, or the beginning of it and of no other.

        Raises `InvalidInput` for what is no id, `CommandFailed` for an unknown job or for a beginning of several.
        """
        try:
            return text, self.client.status(check_job_id(text))
        except NotFound as error:
            job_id = self._complete(text)
            if job_id is None:
                message = f"Error: Job `{text}` does not exist for environment `{self.environment}`"
                raise CommandFailed(message, error.code) from error
        return job_id, self.client.status(job_id)

    def tracked(self, job_id: str) -> dict[str, Any]:
        """Return what is known of a job. Raises `JobNotFound`, or `CommandFailed` where only a scheduler answers."""
        try:
            return self.rest.job(job_id)
        except JobNotFound:
            raise
        except NotFound as error:
            raise CommandFailed(
                f"Error: what answers at {self.url} is no whole server; name its proxy, by default at port 5558, as "
                f"scheduler_url of the configuration `{self.environment}`.",
                error.code,
            ) from error

    def is_started_by_hand(self, job_id: str) -> bool:
        """Whether the job is a script that somebody ran, as far as what answers knows."""
        try:
            return bool(self.rest.job(job_id)["mode"] == "execution")
        except NotFound:
            return False

    def _complete(self, text: str) -> str | None:
        """Return the one job whose id begins so."""
        if len(text) < SHORTEST:
            return None
        try:
            found = [str(job["job_id"]) for job in self.rest.jobs_beginning(text, _NAMED + 1)]
        except NotFound:  # the configuration names the scheduler itself, which finds none
            return None
        if len(found) > 1:
            raise CommandFailed(
                f"Error: `{text}` is the beginning of several jobs: {', '.join(sorted(found)[:_NAMED])}"
                f"{', ...' if len(found) > _NAMED else ''}; write more of the id.",
                "conflict",
            )
        return found[0] if found else None
