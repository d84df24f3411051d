"""`atlas-server quickstart`: from nothing to a trained model that is remembered, in one command."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import Any

import click

from atlas_cli.init import create_project
from atlas_cli.launch import StackWish, start_in_background
from atlas_cli.options import debug_option, home_option, json_option
from atlas_cli.outcome import FAILED
from atlas_cli.output import Terminal
from atlas_cli.stack import RunningStack, running_stack
from atlas_core.client import Connection, RestClient, SchedulerClient
from atlas_core.settings import home_directory
from atlas_core.states import JobStatus
from foundations import log_stream, submission

_PROJECT = "my-project"

_NEXT = """\
Look at it:
  {gui}/projects/{project}/job_listing
  foundations get logs scheduler {job_id}

Go on in {directory}, with `foundations` on the PATH:
  foundations submit scheduler . main.py     train again, as a job
  python main.py                             train in this terminal, tracked as well
  python search.py                           search: eight jobs with random parameters

Atlas runs in the background: `atlas-server status` shows it, `atlas-server stop` ends it."""


@click.command()
@home_option
@json_option
@debug_option
@click.pass_obj
def quickstart(terminal: Terminal, home: Path) -> int:
    """Start Atlas, train the sample project as a job, and show what was logged.

    The project is made in ./my-project unless it is there.

    \b
    atlas-server quickstart
    """
    elsewhere = home != home_directory()
    os.environ["FOUNDATIONS_HOME"] = str(home)  # where the job's submission finds this stack's address
    stack = running_stack(home)
    if stack is None:
        terminal.say("Starting Atlas.")
        stack = start_in_background(StackWish(home))
    terminal.say(f"Atlas runs: {stack.url('gui')}")
    directory = Path(_PROJECT)
    if not directory.exists():
        create_project(directory)
        terminal.say(f"Created the sample project {_PROJECT}.")
    terminal.say(f"\n$ foundations submit scheduler {_PROJECT} main.py")
    job = submission.submit(scheduler_config="scheduler", job_directory=_PROJECT, command=["main.py"])
    connection = Connection(stack.url("proxy") or "")
    status = log_stream.stream(SchedulerClient(connection), job.job_id, terminal.write)
    logged = RestClient(connection).job(job.job_id)
    facts = {"job_id": job.job_id, "project": job.project, "status": status.value, "gui": stack.url("gui")}
    terminal.show(None, {**facts, **{name: logged[name] for name in ("parameters", "metrics", "artifacts")}})
    _show(terminal, logged)
    if elsewhere:
        terminal.say(f"\nWhat follows needs: export FOUNDATIONS_HOME={shlex.quote(str(home))}")
    terminal.say(_next_steps(stack, job.job_id, directory))
    return FAILED if status is JobStatus.FAILED else 0


def _show(terminal: Terminal, job: dict[str, Any]) -> None:
    if job["parameters"]:
        terminal.say("\nWhat the job logged:")
        terminal.table(("parameter", "value"), [(name, str(value)) for name, value in job["parameters"].items()])
    if job["metrics"]:
        headers = ("metric", "points", "first", "last", "min", "max")
        rows = [
            (name, *(_number(summary[key]) for key in ("count", "first", "last", "min", "max")))
            for name, summary in job["metrics"].items()
        ]
        terminal.table(headers, rows)
    if job["artifacts"]:
        terminal.table(("artifact", "bytes"), [(each["filename"], str(each["size"])) for each in job["artifacts"]])


def _number(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _next_steps(stack: RunningStack, job_id: str, directory: Path) -> str:
    return _NEXT.format(gui=stack.url("gui"), project=_PROJECT, job_id=job_id, directory=directory)
