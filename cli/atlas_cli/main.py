"""The command `foundations`."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import NoReturn

import click

from atlas_cli.lazy_group import LazyCommand, LazyGroup
from atlas_cli.options import debug_option
from atlas_cli.outcome import run_to_exit
from atlas_core.log import configure_logging

COMMANDS = {
    "submit": LazyCommand("atlas_cli.submit:submit", "Submit a job and follow its log."),
    "get": LazyCommand("atlas_cli.jobs:get", "Download a job or an artifact, or print a log."),
    "stop": LazyCommand("atlas_cli.stop:stop", "Stop running jobs."),
    "ps": LazyCommand("atlas_cli.ps:ps", "Show the jobs that run."),
    "logs": LazyCommand("atlas_cli.logs:logs", "Print what a job writes."),
    "diff": LazyCommand("atlas_cli.diff:diff", "Show in what two jobs differ."),
    "cp": LazyCommand("atlas_cli.cp:cp", "Copy files of a job to this machine."),
    "queue": LazyCommand("atlas_cli.queue:queue", "Show the jobs that wait, and reorder them."),
    "why": LazyCommand("atlas_cli.why:why", "Say why a job waits, or how it ended."),
    "nodes": LazyCommand("atlas_cli.nodes:nodes", "Show the machines on which jobs run, and their GPUs."),
    "clear-queue": LazyCommand("atlas_cli.jobs:clear_queue", "Remove every job that waits in the queue."),
    "schedule": LazyCommand("atlas_cli.schedule:schedule", "Run jobs again and again."),
    "delete": LazyCommand("atlas_cli.jobs:delete", "Delete a job that has ended."),
    "init": LazyCommand("atlas_cli.init:init", "Create a sample project."),
    "info": LazyCommand("atlas_cli.info:info", "Show the configurations on this machine."),
    "login": LazyCommand("atlas_cli.login:login", "Log in at a server."),
    "logout": LazyCommand("atlas_cli.login:logout", "Log out."),
    "whoami": LazyCommand("atlas_cli.login:whoami", "Show who you are to a server."),
    "token": LazyCommand("atlas_cli.token:token", "Make and revoke tokens for programs."),
    "completion": LazyCommand("atlas_cli.completion:completion", "Print what completes commands in your shell."),
    "doctor": LazyCommand("atlas_cli.doctor:doctor", "Say what works, what does not, and what to do."),
    "sync": LazyCommand("atlas_cli.sync:sync", "Send what runs without a server have recorded."),
}


def _print_version(context: click.Context, _parameter: click.Parameter, value: bool) -> None:
    if value:
        version = import_module("importlib.metadata").version("foundations-sdk")
        click.echo(f"Running Foundations version {version}")
        context.exit()


_version_option = click.option(
    "--version", is_flag=True, expose_value=False, is_eager=True, callback=_print_version, help="Print the version."
)
foundations = debug_option(_version_option(LazyGroup("foundations", COMMANDS, help="Train models as tracked jobs.")))


def run(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line `foundations` and end the process with its exit code."""
    configure_logging()
    run_to_exit(foundations, "foundations", arguments)
