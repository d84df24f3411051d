"""A group of commands whose modules are imported when a command is called, so that help and errors come at once."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


@dataclass(frozen=True)
class LazyCommand:
    """Where a command is defined (`module:attribute`), and its line in the help of the group."""

    target: str
    help: str

    def load(self) -> click.Command:
        """Import and return the command."""
        module, _, attribute = self.target.partition(":")
        command = getattr(import_module(module), attribute)
        assert isinstance(command, click.Command)
        return command


class LazyGroup(click.Group):
    """Shows its commands in the order given; without a command it prints the help of the whole program, or its own."""

    def __init__(self, name: str, lazy: dict[str, LazyCommand], help: str, own_help: bool = False) -> None:
        super().__init__(
            name,
            help=help,
            callback=_show_own_help if own_help else _show_program_help,
            invoke_without_command=True,
            context_settings={"help_option_names": ["-h", "--help"]},
        )
        self._lazy = lazy

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order in which they were given."""
        return list(self._lazy)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command, imported now; None when there is none of this name."""
        lazy = self._lazy.get(cmd_name)
        return lazy.load() if lazy else None

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Return the commands and options that begin so, without importing any command."""
        item = import_module("click.shell_completion").CompletionItem  # which commands that only run need not load
        found = [item(name, help=lazy.help) for name, lazy in self._lazy.items() if name.startswith(incomplete)]
        return [*found, *click.Command.shell_complete(self, ctx, incomplete)]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing any of them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, lazy.help) for name, lazy in self._lazy.items()])


def _show_program_help() -> None:
    context = click.get_current_context()
    if context.invoked_subcommand is None:
        click.echo(context.find_root().get_help())


def _show_own_help() -> None:
    context = click.get_current_context()
    if context.invoked_subcommand is None:
        click.echo(context.get_help())
