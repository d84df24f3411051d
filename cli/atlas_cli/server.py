"""The command `atlas-server`: the embedded stack on this machine, started, stopped and looked at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any, NoReturn

import click

from atlas_cli.health import probe_services
from atlas_cli.launch import StackWish, accompany_stack, become_stack, start_in_background
from atlas_cli.lazy_group import LazyCommand, LazyGroup
from atlas_cli.old_options import old_options
from atlas_cli.options import debug_option, home_option, json_option
from atlas_cli.outcome import UNHEALTHY, CommandFailed, run_to_exit
from atlas_cli.output import Terminal
from atlas_cli.phrases import count
from atlas_cli.service_logs import ServiceLogs
from atlas_cli.stack import RunningStack, end_process, running_stack, server_directory
from atlas_core.client import Connection, SchedulerClient
from atlas_core.errors import AtlasError
from atlas_core.log import configure_logging
from atlas_core.settings import ENGINES

_COMMANDS = {
    "quickstart": LazyCommand("atlas_cli.quickstart:quickstart", "Start Atlas and train the sample project."),
    "start": LazyCommand("atlas_cli.server:start", "Start the services; Ctrl-C stops them."),
    "stop": LazyCommand("atlas_cli.server:stop", "Stop the services."),
    "status": LazyCommand("atlas_cli.server:status", "Show every service with its address and health."),
    "audit": LazyCommand("atlas_cli.audit:audit", "Look at the log of all changes."),
    "gc": LazyCommand("atlas_cli.gc:gc", "Remove what nobody needs any more."),
    "version": LazyCommand("atlas_cli.server:version", "Print the version of the services."),
}

_READY = """
Foundations Atlas services have started with {workers} worker(s)

Launch the GUI by navigating to {gui}
Clients and scripts report to {proxy}
Start with a sample project: foundations init my-project
"""

atlas_server = debug_option(LazyGroup("atlas-server", _COMMANDS, help="Run Atlas on this machine."))


def _check_workers(_context: click.Context, _parameter: click.Parameter, value: int | None) -> int | None:
    if value is not None and value < 1:
        raise click.BadParameter(f"with {value} no job would ever run; give 1 or more.")
    return value


@click.command()
@click.option("--embedded", is_flag=True, expose_value=False, help="Run all services in one process tree; the default.")
@click.option("--background", is_flag=True, help="Return when the services are ready, and leave them running.")
@click.option("-l", "--logs", is_flag=True, help="Print what the services write to their logs.")
@click.option(
    "-g", "--enable-gpu", is_flag=True, help="Let jobs use the GPUs of this machine, as the driver names them."
)
@click.option("--gpus", metavar="LIST", help="Let jobs use these GPUs, without a driver: 0,1 or 0=A100:80,1=A100:80.")
@click.option("--engine", type=click.Choice(ENGINES), help="What runs jobs. [default: $ATLAS_ENGINE, or auto]")
@click.option(
    "--workers", type=int, callback=_check_workers, metavar="N", help="Jobs that run at a time. [default: the CPUs]"
)
@click.option("--port-base", type=int, metavar="N", help="Use eight ports from N on, instead of the usual ones.")
@click.option("-n", "--null", is_flag=True, help="Let everybody in, on this machine alone; as ATLAS_NO_LOGIN=1.")
@old_options
@home_option
@json_option
@debug_option
@click.pass_obj
def start(
    terminal: Terminal, /, background: bool, logs: bool, home: Path, port_base: int | None, **options: Any
) -> int:
    """Start the services; Ctrl-C stops them.

    \b
    atlas-server start --background
    atlas-server start -g --workers 4
    """
    if background and logs:
        raise CommandFailed(
            "Error: --logs prints as long as the command runs; leave out --background.", "invalid_input"
        )
    if terminal.json and not background:
        raise click.UsageError("With --json the command tells of what it has started: add --background.")
    wish = StackWish(home, port_base, _variables(options))
    running = running_stack(home)
    if running is not None:
        _answer_running(terminal, running, wish, background)
    elif background:
        stack = start_in_background(wish)
        text = _READY.format(workers=stack.workers, gui=stack.url("gui"), proxy=stack.url("proxy"))
        terminal.show(text, _addresses(stack, was_running=False))
    elif logs:
        return _start_with_logs(terminal, wish)
    else:
        become_stack(wish)
    return 0


@click.command()
@home_option
@json_option
@debug_option
@click.pass_obj
def stop(terminal: Terminal, home: Path) -> None:
    """Stop the services.

    \b
    atlas-server stop
    """
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
    """Show every service with its address and health. The exit code is 0 when all are healthy, else 3.

    \b
    atlas-server status
    atlas-server status --json
    """
    stack = running_stack(home)
    if stack is None:
        text = "Atlas is not running. Start it with `atlas-server start`."
        terminal.show(text, {"running": False, "healthy": False, "services": {}})
        return UNHEALTHY
    troubles = probe_services(stack.services)
    healthy = not any(troubles.values())
    machine = _machine(stack)
    terminal.show(None, _facts(stack, troubles, machine))
    if not terminal.json:
        rows = [(each.name, each.url, troubles[each.name] or "healthy") for each in stack.services]
        terminal.table(("service", "url", "health"), rows)
        terminal.say(f"\n{_in_words(stack, machine)}")
    return 0 if healthy else UNHEALTHY


@click.command()
@json_option
@debug_option
@click.pass_obj
def version(terminal: Terminal) -> None:
    """Print the version of the services.

    \b
    atlas-server version
    """
    try:
        found = metadata.version("atlas-services")
    except metadata.PackageNotFoundError:
        terminal.show("No version information found", {"version": None})
    else:
        terminal.show(found, {"version": found})


def run(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line `atlas-server` and end the process with its exit code."""
    configure_logging()
    run_to_exit(atlas_server, "atlas-server", arguments)


def _variables(options: Mapping[str, Any]) -> dict[str, str]:
    """Return the settings that the options stand for. GPUs that are named count before those that are found."""
    wanted = {
        "ATLAS_GPUS": options["gpus"] or ("auto" if options["enable_gpu"] else None),
        "ATLAS_ENGINE": options["engine"],
        "NUM_WORKERS": options["workers"],
        "ATLAS_NO_LOGIN": 1 if options["null"] else None,
    }
    return {name: str(value) for name, value in wanted.items() if value is not None}


def _start_with_logs(terminal: Terminal, wish: StackWish) -> int:
    written = ServiceLogs(server_directory(wish.home) / "logs")

    def show() -> None:
        for line in written.new_lines():
            terminal.say(line)

    return accompany_stack(wish, show)


def _answer_running(terminal: Terminal, stack: RunningStack, wish: StackWish, background: bool) -> None:
    """Say that it runs; fail if more was wanted than that it runs in the background."""
    gui = stack.url("gui") or ""
    message = f"Atlas is running already (process {stack.pid}) at {gui}. `atlas-server stop` stops it."
    elsewhere = wish.port_base is not None and not gui.endswith(f":{wish.port_base}")
    if not background or elsewhere or wish.variables:
        raise CommandFailed(message, "conflict")
    terminal.show(message, _addresses(stack, was_running=True))


def _addresses(stack: RunningStack, was_running: bool) -> dict[str, Any]:
    return {"pid": stack.pid, "gui": stack.url("gui"), "proxy": stack.url("proxy"), "was_running": was_running}


def _machine(stack: RunningStack) -> dict[str, Any] | None:
    """Return what the scheduler says of the machine; None when it says nothing, which its health explains."""
    url = stack.url("scheduler")
    if url is None:
        return None
    try:
        found = SchedulerClient(Connection(url, patience=0)).nodes()["nodes"]
    except (AtlasError, KeyError):
        return None
    return dict(found[0]) if found else None


def _in_words(stack: RunningStack, machine: Mapping[str, Any] | None) -> str:
    workers = stack.workers if machine is None else machine["slots"]
    shape = {"process": " as processes", "docker": " in containers"}.get(stack.engine, "")
    sentence = f"{count(workers, 'job')} can run at a time{shape}"
    if machine is None:
        return f"{sentence}."
    gpus = machine["gpus"]
    if not gpus:
        return f"{sentence}; no GPUs are given out (atlas-server start -g or --gpus)."
    kinds = Counter(gpu["model"] or "GPU" for gpu in gpus)
    return f"{sentence}, on {', '.join(f'{number} x {kind}' for kind, number in kinds.items())}."


def _facts(
    stack: RunningStack, troubles: dict[str, str | None], machine: Mapping[str, Any] | None
) -> dict[str, object]:
    services = {
        each.name: {"url": each.url, "healthy": troubles[each.name] is None, "problem": troubles[each.name]}
        for each in stack.services
    }
    return {
        "running": True,
        "healthy": not any(troubles.values()),
        "pid": stack.pid,
        "started": stack.started,
        "engine": stack.engine or None,
        "workers": stack.workers if machine is None else machine["slots"],
        "gpus": [] if machine is None else machine["gpus"],
        "services": services,
    }
