"""`foundations schedule`: jobs that are queued again and again."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import click

from atlas_cli.completed import complete_config, complete_project
from atlas_cli.job_options import OptionsBeforeCommand, job_and_command, job_options, retry_policy
from atlas_cli.lazy_group import LazyCommand, LazyGroup
from atlas_cli.options import debug_option, json_option
from atlas_cli.outcome import CommandFailed
from atlas_cli.output import Terminal
from atlas_cli.schedule_page import list_page, next_run, show_page
from atlas_cli.scheduler import DEFAULT
from atlas_cli.watch import show, watch_option
from atlas_core.config import load_submission_config
from atlas_core.cron_text import schedule_of
from atlas_core.ids import check_job_id
from atlas_core.schedule_client import ScheduleClient
from foundations import submission
from foundations.submission_server import SubmissionServer

F = TypeVar("F", bound=Callable[..., Any])

schedule = LazyGroup(
    "schedule",
    {
        "add": LazyCommand("atlas_cli.schedule:add", "Run a job whenever a line of cron says."),
        "list": LazyCommand("atlas_cli.schedule:list_schedules", "Show every schedule and when it runs next."),
        "show": LazyCommand("atlas_cli.schedule:show_schedule", "Show one schedule and its last runs."),
        "pause": LazyCommand("atlas_cli.schedule:pause", "Let a schedule run no more, until it is resumed."),
        "resume": LazyCommand("atlas_cli.schedule:resume", "Let a schedule that was paused run again."),
        "edit": LazyCommand("atlas_cli.schedule:edit", "Change when a schedule runs."),
        "remove": LazyCommand("atlas_cli.schedule:remove", "Remove a schedule and stop its runs."),
    },
    help="Run jobs again and again.",
    own_help=True,
)

_TIMES = (
    click.option("--start", "start_date", metavar="DATE", help="Not before: 2026-03-01, or 2026-03-01 08:30."),
    click.option("--end", "end_date", metavar="DATE", help="Not after, written in the same way."),
    click.option("--timezone", metavar="ZONE", help="Zone of the times, as Europe/Berlin. [default: the server's]"),
    click.option("--grace", "misfire_grace", metavar="T", help="Make up a run that is late by less. [default: 60s]"),
)
_cron_option = click.option("--cron", metavar="TEXT", required=True, help="When: '*/5 * * * *', or @daily.")
_config_option = click.option(
    "--scheduler-config",
    metavar="NAME",
    shell_complete=complete_config,
    default=DEFAULT,
    show_default=True,
    help="Name of the server's configuration.",
)


def _times_options(function: F) -> F:
    for option in reversed(_TIMES):
        function = option(function)
    return function


@click.command(cls=OptionsBeforeCommand, context_settings={"allow_interspersed_args": False})
@_cron_option
@_times_options
@click.option("--name", metavar="ID", help="Id of the schedule. [default: the project's name and a random number]")
@job_options
@job_and_command
def add(
    terminal: Terminal,
    /,
    scheduler_config: str,
    job_directory: str,
    command: tuple[str, ...],
    name: str | None,
    retries: int | None,
    retry_on: str | None,
    **options: Any,
) -> None:
    """Run COMMAND in a copy of JOB_DIRECTORY, as it is now, whenever a line of cron says.

    Options may stand up to the first word of COMMAND; what follows is passed on as it is. A COMMAND that begins with
    a hyphen stands behind `--`.

    \b
    foundations schedule add scheduler . --cron "0 3 * * *" --timezone Europe/Berlin main.py --epochs 20
    foundations schedule add scheduler . --cron @weekly --name retrain --num-gpus 1 main.py
    """
    if name is not None:
        check_job_id(name)
    times = {**schedule_of(options.pop("cron")), **_given_times(options)}
    config = load_submission_config(scheduler_config, Path(job_directory))
    SubmissionServer.at(config.scheduler_url).progress = terminal.progress
    staged, server, _ = submission.stage(
        scheduler_config=scheduler_config,
        job_directory=job_directory,
        command=list(command),
        params={},
        retries=retry_policy(retries, retry_on),
        **options,
    )
    job_id = server.schedules.add(replace(staged, job_id=name or _new_id(staged.project)), times)
    entry = server.schedules.get(job_id)
    if entry["next_run_time"][0] is None:
        server.schedules.remove(job_id)  # it would only keep its name from one that runs
        raise CommandFailed(
            "Error: --cron, --start and --end leave no time ahead, so nothing was scheduled", "invalid_input"
        )
    terminal.show(f"Scheduled job {job_id}; {next_run(entry)}", {"job_id": job_id, **entry})


@click.command("list")
@click.option("--project", metavar="P", shell_complete=complete_project, help="Those of this project alone.")
@_config_option
@watch_option
@json_option
@debug_option
@click.pass_obj
def list_schedules(terminal: Terminal, project: str | None, scheduler_config: str, watch: bool) -> None:
    """Show every schedule and when it runs next.

    \b
    foundations schedule list --project digits
    foundations schedule list --watch
    """
    client = _client(scheduler_config)
    show(terminal, watch, lambda: client.all(project), lambda entries: list_page(entries, project))


@click.command("show")
@click.argument("schedule-id")
@_config_option
@watch_option
@json_option
@debug_option
@click.pass_obj
def show_schedule(terminal: Terminal, schedule_id: str, scheduler_config: str, watch: bool) -> None:
    """Show the schedule SCHEDULE_ID and its last runs.

    \b
    foundations schedule show retrain
    """
    client = _client(scheduler_config)
    show(terminal, watch, lambda: client.get(schedule_id), show_page)


@click.command()
@click.argument("schedule-id")
@_config_option
@json_option
@debug_option
@click.pass_obj
def pause(terminal: Terminal, schedule_id: str, scheduler_config: str) -> None:
    """Let the schedule SCHEDULE_ID run no more, until it is resumed. A run that has begun goes on.

    \b
    foundations schedule pause retrain
    """
    client = _client(scheduler_config)
    client.pause(schedule_id)
    terminal.show(f"Paused scheduled job {schedule_id}", {"job_id": schedule_id, "status": "paused"})


@click.command()
@click.argument("schedule-id")
@_config_option
@json_option
@debug_option
@click.pass_obj
def resume(terminal: Terminal, schedule_id: str, scheduler_config: str) -> None:
    """Let the schedule SCHEDULE_ID run again. What it missed meanwhile is not made up.

    \b
    foundations schedule resume retrain
    """
    client = _client(scheduler_config)
    client.resume(schedule_id)
    entry = client.get(schedule_id)
    terminal.show(f"Resumed scheduled job {schedule_id}; {next_run(entry)}", {"job_id": schedule_id, **entry})


@click.command()
@click.argument("schedule-id")
@_cron_option
@_times_options
@_config_option
@json_option
@debug_option
@click.pass_obj
def edit(terminal: Terminal, /, schedule_id: str, cron: str, scheduler_config: str, **options: Any) -> None:
    """Change when the schedule SCHEDULE_ID runs, and let it run.

    Its time zone and its grace stay unless new ones are given. Without --start and --end it has neither any more.

    \b
    foundations schedule edit retrain --cron "0 4 * * *"
    """
    client = _client(scheduler_config)
    client.reschedule(schedule_id, {**schedule_of(cron), **_given_times(options)})
    entry = client.get(schedule_id)
    terminal.show(f"Changed scheduled job {schedule_id}; {next_run(entry)}", {"job_id": schedule_id, **entry})


@click.command()
@click.argument("schedule-id")
@_config_option
@json_option
@debug_option
@click.pass_obj
def remove(terminal: Terminal, schedule_id: str, scheduler_config: str) -> None:
    """Remove the schedule SCHEDULE_ID and stop its runs. What its runs left stays.

    \b
    foundations schedule remove retrain
    """
    client = _client(scheduler_config)
    client.remove(schedule_id)
    terminal.show(f"Removed scheduled job {schedule_id}", {"job_id": schedule_id, "removed": True})


def _client(scheduler_config: str) -> ScheduleClient:
    return SubmissionServer.at(load_submission_config(scheduler_config).scheduler_url).schedules


def _given_times(options: dict[str, Any]) -> dict[str, str]:
    """Take what belongs to the schedule out of the options."""
    times = {name: options.pop(name) for name in ("start_date", "end_date", "timezone", "misfire_grace")}
    return {name: value for name, value in times.items() if value is not None}


def _new_id(project: str) -> str:
    words = "-".join(re.findall(r"[A-Za-z0-9]+", project))[:60]
    return f"{words or 'job'}-{uuid.uuid4().hex[:8]}"
