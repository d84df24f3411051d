"""The command `atlas-server`: the embedded stack on this machine, started, stopped and looked at."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import NoReturn

import click

from atlas_cli.health import probe_services
from atlas_cli.launch import become_stack, start_in_background
from atlas_cli.lazy_group import LazyCommand, LazyGroup
from atlas_cli.options import debug_option, home_option, json_option
from atlas_cli.outcome import UNHEALTHY, CommandFailed, run_to_exit
from atlas_cli.output import Terminal
from atlas_cli.stack import RunningStack, end_process, running_stack
from atlas_core.log import configure_logging

_COMMANDS = {
    "quickstart": LazyCommand("atlas_cli.quickstart:quickstart", "Start Atlas and train the sample project."),
    "start": LazyCommand("atlas_cli.server:start", "Start the services; Ctrl-C stops them."),
    "stop": LazyCommand("atlas_cli.server:stop", "Stop the services."),
    "status": LazyCommand("atlas_cli.server:status", "Show every service with its address and health."),
    "version": LazyCommand("atlas_cli.server:version", "Print the version of the services."),
}

_READY = """
Foundations Atlas services have started with {workers} worker(s)

Launch the GUI by navigating to {gui}
Clients and scripts report to {proxy}
Start with a sample project: foundations init my-project
"""

atlas_server = debug_option(LazyGroup("atlas-server", _COMMANDS, help="Run Atlas on this machine."))


@click.command()
@click.option("--embedded", is_flag=True, expose_value=False, help="Run all services in one process tree; the default.")
@click.option("--background", is_flag=True, help="Return when the services are ready, and leave them running.")
@click.option("--port-base", type=int, metavar="N", help="Use eight ports from N on, instead of the usual ones.")
@home_option
@debug_option
@click.pass_obj
def start(terminal: Terminal, background: bool, port_base: int | None, home: Path) -> None:
    """Start the services; Ctrl-C stops them."""
    running = running_stack(home)
    if running is not None:
        _answer_running(terminal, running, background, port_base)
    elif background:
        stack = start_in_background(home, port_base)
        terminal.say(_READY.format(workers=stack.workers, gui=stack.url("gui"), proxy=stack.url("proxy")))
    else:
        become_stack(home, port_base)


@click.command()
@home_option
@json_option
@debug_option
@click.pass_obj
def stop(terminal: Terminal, home: Path) -> None:
    """Stop the services."""
    stack = running_stack(home)
    if stack is None:
        terminal.show("Atlas is not running.", {"stopped": False, "pid": None})
        return
    if not end_process(stack.pid, stack.stop_patience):
        raise CommandFailed(
            f"Atlas (process {stack.pid}) has not stopped within {stack.stop_patience:g} seconds; "
            f"`kill -9 {stack.pid}` ends it at once, and the next start repairs what that leaves."
        )
    terminal.show("Atlas has stopped.", {"stopped": True, "pid": stack.pid})


@click.command()
@home_option
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


@click.command()
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
    configure_logging()
    run_to_exit(atlas_server, "atlas-server", arguments)


def _answer_running(terminal: Terminal, stack: RunningStack, background: bool, port_base: int | None) -> None:
    gui = stack.url("gui") or ""
    message = f"Atlas is running already (process {stack.pid}) at {gui}. `atlas-server stop` stops it."
    if not background or (port_base is not None and not gui.endswith(f":{port_base}")):
        raise CommandFailed(message, "conflict")
    terminal.say(message)


def _facts(stack: RunningStack, troubles: dict[str, str | None], healthy: bool) -> dict[str, object]:
    services = {
        each.name: {"url": each.url, "healthy": troubles[each.name] is None, "problem": troubles[each.name]}
        for each in stack.services
    }
    return {"running": True, "healthy": healthy, "pid": stack.pid, "started": stack.started, "services": services}
