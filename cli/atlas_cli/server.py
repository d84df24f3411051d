"""The command `atlas-server`: the embedded stack on this machine, started, stopped and looked at."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import NoReturn

import click

from atlas_cli.banner import announce_later, banner
from atlas_cli.health import probe_services
from atlas_cli.options import debug_option, json_option
from atlas_cli.outcome import UNHEALTHY, CommandFailed, run_to_exit
from atlas_cli.output import Terminal
from atlas_cli.stack import Stack, await_stack, end_process, log_file, running_stack, server_directory
from atlas_core.settings import Ports, Settings, home_directory

#: Seconds for the stack to get ready: it starts in one or two, on a busy machine in some more.
_START_PATIENCE = 60.0
#: Seconds for the stack to stop; running jobs have their grace first.
_STOP_PATIENCE = 30.0
#: Lines of the log that are shown when the stack did not start.
_SHOWN_LINES = 15

_home_option = click.option(
    "--home",
    type=click.Path(path_type=Path, file_okay=False),
    callback=lambda _context, _parameter, home: home.absolute() if home else home_directory(),
    help="Where all state lies. [default: $FOUNDATIONS_HOME, or ~/.foundations]",
)


@click.group(invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@debug_option
@click.pass_context
def atlas_server(context: click.Context) -> None:
    """Run Atlas on this machine."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


@atlas_server.command()
@click.option("--embedded", is_flag=True, expose_value=False, help="Run all services in one process tree; the default.")
@click.option("--background", is_flag=True, help="Return when the services are ready, and leave them running.")
@click.option("--port-base", type=int, metavar="N", help="Use eight ports from N on, instead of the usual ones.")
@_home_option
@debug_option
@click.pass_obj
def start(terminal: Terminal, background: bool, port_base: int | None, home: Path) -> None:
    """Start the services; Ctrl-C stops them."""
    if find_spec("atlas_services") is None:
        raise CommandFailed("Error: the services are not installed here; run `pip install atlas-services`.")
    ports = None if port_base is None else Ports.from_base(port_base)
    workers = Settings.from_environment(ports=ports).workers
    running = running_stack(home)
    if running is not None:
        _answer_running(terminal, running, background)
        return
    server_directory(home).mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "atlas_services", "start", "--home", str(home)]
    command += [] if port_base is None else ["--port-base", str(port_base)]
    if background:
        terminal.say(banner(_start_in_background(command, home), workers))
    else:
        announce_later(home, workers, _START_PATIENCE)
        os.execve(sys.executable, command, _environment())  # noqa: S606  no shell is the point


@atlas_server.command()
@_home_option
@json_option
@debug_option
@click.pass_obj
def stop(terminal: Terminal, home: Path) -> None:
    """Stop the services."""
    stack = running_stack(home)
    if stack is None:
        terminal.show("Atlas is not running.", {"stopped": False, "pid": None})
        return
    if not end_process(stack.pid, _STOP_PATIENCE):
        raise CommandFailed(
            f"Atlas (process {stack.pid}) has not stopped within {_STOP_PATIENCE:.0f} seconds; "
            f"`kill -9 {stack.pid}` ends it at once, and the next start repairs what that leaves."
        )
    terminal.show("Atlas has stopped.", {"stopped": True, "pid": stack.pid})


@atlas_server.command()
@_home_option
@json_option
@debug_option
@click.pass_obj
def status(terminal: Terminal, home: Path) -> int:
    """Show every service with its address and health. The exit code is 0 when all are healthy, else 3."""
    stack = running_stack(home)
    if stack is None:
        text = "Atlas is not running. Start it with `atlas-server start`."
        terminal.show(text, {"running": False, "healthy": False, "services": {}})
        return UNHEALTHY
    troubles = probe_services(stack.services)
    healthy = not any(troubles.values())
    if terminal.json:
        terminal.show(None, _facts(stack, troubles, healthy))
    else:
        rows = [(each.name, each.url, troubles[each.name] or "healthy") for each in stack.services]
        terminal.table(("service", "url", "health"), rows)
    return 0 if healthy else UNHEALTHY


@atlas_server.command()
@debug_option
@click.pass_obj
def version(terminal: Terminal) -> None:
    """Print the version of the services."""
    try:
        terminal.say(metadata.version("atlas-services"))
    except metadata.PackageNotFoundError:
        terminal.say("No version information found")


def run(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line `atlas-server` and end the process with its exit code."""
    run_to_exit(atlas_server, "atlas-server", arguments)


def _answer_running(terminal: Terminal, stack: Stack, background: bool) -> None:
    message = f"Atlas is running already (process {stack.pid}). `atlas-server stop` stops it."
    if not background:
        raise CommandFailed(message, "conflict")
    terminal.say(message)


def _environment() -> dict[str, str]:
    """Return the environment of the stack: without the mark of a command, which every job would inherit from it."""
    return {name: value for name, value in os.environ.items() if name != "FOUNDATIONS_COMMAND_LINE"}


def _start_in_background(command: list[str], home: Path) -> Stack:
    log = log_file(home)
    if log.exists():
        log.replace(log.with_name(log.name + ".1"))
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    stack = await_stack(home, process.pid, _START_PATIENCE)
    if stack is None:
        code = process.poll()
        how = f"is not ready after {_START_PATIENCE:.0f} seconds" if code is None else f"ended with exit code {code}"
        end_process(process.pid, _STOP_PATIENCE)
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-_SHOWN_LINES:])
        raise CommandFailed(f"{tail}\nAtlas {how}. The whole log: {log}".lstrip())
    return stack


def _facts(stack: Stack, troubles: dict[str, str | None], healthy: bool) -> dict[str, object]:
    services = {
        each.name: {"url": each.url, "healthy": troubles[each.name] is None, "problem": troubles[each.name]}
        for each in stack.services
    }
    return {"running": True, "healthy": healthy, "pid": stack.pid, "started": stack.started, "services": services}
