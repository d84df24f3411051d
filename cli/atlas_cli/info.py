"""`foundations info`: the configurations on this machine."""

from __future__ import annotations

from pathlib import Path

import click

from atlas_cli.options import debug_option, json_option
from atlas_cli.outcome import CommandFailed
from atlas_cli.output import Terminal
from atlas_core.config import list_configs


@click.command()
@click.option(
    "--env",
    "environment",
    is_flag=False,
    flag_value="",
    metavar="[ENV]",
    help="List the submission and execution configurations; with ENV, those of this name.",
)
@json_option
@debug_option
@click.pass_obj
def info(terminal: Terminal, environment: str | None) -> None:
    """Show the configurations below ./config, and those below $FOUNDATIONS_HOME which they do not replace.

    \b
    foundations info --env
    foundations info --env scheduler
    foundations info --json
    """
    if environment is None and not terminal.json:
        terminal.say("usage: foundations info [--env ENV]")
        return
    found = {
        "submission": list_configs("submission"),
        "execution": [config for config in list_configs("execution") if config[0] == "default"],
    }
    if environment:
        found = _named(environment, found)
    if terminal.json:
        terminal.show(None, {kind: [_facts(config) for config in configs] for kind, configs in found.items()})
    elif not any(found.values()):
        terminal.say("No environments available")
    else:
        for kind, configs in found.items():
            _print_section(terminal, kind, configs)


def _named(environment: str, found: dict[str, list[tuple[str, Path]]]) -> dict[str, list[tuple[str, Path]]]:
    """Return the configurations of this name. Raises `CommandFailed` when there is none."""
    named = {kind: [config for config in configs if config[0] == environment] for kind, configs in found.items()}
    if any(named.values()):
        return named
    names = sorted({name for configs in found.values() for name, _ in configs})
    there = f"there are {', '.join(names)}" if names else "there are none"
    raise CommandFailed(f"Error: there is no environment `{environment}`; {there}.", "config_not_found")


def _facts(config: tuple[str, Path]) -> dict[str, str]:
    name, path = config
    return {"env_name": name, "env_path": str(path)}


def _print_section(terminal: Terminal, kind: str, configs: list[tuple[str, Path]]) -> None:
    terminal.say(f"\n{kind} configs:")
    if configs:
        terminal.table(("env_name", "env_path"), [(name, str(path)) for name, path in configs])
    else:
        terminal.say(f"No {kind} environments available")
