"""What a shell offers where a job, a project or a configuration is to be named. Nothing here fails or takes long."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

import click
from click.shell_completion import CompletionItem

from atlas_cli.scheduler import DEFAULT
from atlas_core.client import RestClient
from atlas_core.config import list_configs, load_submission_config
from atlas_core.errors import AtlasError
from atlas_core.login_client import user_connection

T = TypeVar("T")

#: Seconds for the server to answer: somebody waits with a finger on the key.
_PATIENCE = 0.5
#: So many jobs are offered, the newest.
_OFFERED = 50

Items = list[CompletionItem]


def complete_config(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> Items:
    """Return the submission configurations that begin so."""
    return [CompletionItem(name) for name in sorted(_configs()) if name.startswith(incomplete)]


def complete_job(context: click.Context, _parameter: click.Parameter, incomplete: str) -> Items:
    """Return the ids of jobs that begin so, the newest first."""
    jobs = _ask(context, lambda server: server.jobs_beginning(incomplete, _OFFERED))
    return [CompletionItem(str(job["job_id"]), help=f"{job['project']}, {job['status']}") for job in jobs]


def complete_words(context: click.Context, parameter: click.Parameter, incomplete: str) -> Items:
    """Return jobs and, as the first word, configurations: where both may stand."""
    is_first = not context.params.get(parameter.name or "")
    configs = complete_config(context, parameter, incomplete) if is_first else []
    return [*configs, *complete_job(context, parameter, incomplete)]


def complete_file_of_job(context: click.Context, parameter: click.Parameter, incomplete: str) -> Items:
    """Return jobs with a colon behind them, and files of this machine."""
    jobs = [CompletionItem(f"{item.value}:") for item in complete_job(context, parameter, incomplete)]
    return [*jobs, CompletionItem(incomplete, type="file")]


def complete_project(context: click.Context, _parameter: click.Parameter, incomplete: str) -> Items:
    """Return the projects that begin so."""
    names = _ask(context, lambda server: [str(project["name"]) for project in server.projects()])
    return [CompletionItem(name) for name in names if name.startswith(incomplete)]


def complete_directory(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> Items:
    """Let the shell offer its directories."""
    return [CompletionItem(incomplete, type="dir")]


def complete_file(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> Items:
    """Let the shell offer its files."""
    return [CompletionItem(incomplete, type="file")]


def _ask(context: click.Context, question: Callable[[RestClient], list[T]]) -> list[T]:
    """Return what the server answers that the words before name; nothing when it does not in time."""
    try:
        url = load_submission_config(_config_of(context.params.values())).scheduler_url
        return question(RestClient(user_connection(url, patience=0, timeout=(_PATIENCE, _PATIENCE))))
    except (AtlasError, KeyError):
        return []


def _config_of(values: Iterable[object]) -> str:
    """Return the first word before that is a configuration's name."""
    words = [word for value in values for word in (value if isinstance(value, tuple) else (value,))]
    known = _configs()
    return next((str(word) for word in words if word in known), DEFAULT)


def _configs() -> set[str]:
    return {name for name, _ in list_configs("submission")}
