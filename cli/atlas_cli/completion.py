"""`foundations completion`: what a shell needs to complete our commands."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from atlas_cli.options import debug_option
from atlas_cli.output import Terminal

_SHELLS = ("bash", "zsh", "fish")
_PROGRAMS = ("foundations", "atlas-server")


@click.command()
@click.argument("shell", type=click.Choice(_SHELLS))
@debug_option
@click.pass_obj
def completion(terminal: Terminal, shell: str) -> None:
    """Print what completes `foundations` and `atlas-server` in SHELL.

    Commands, options, configurations, ids of jobs and names of projects are completed; the last two by asking the
    server, for half a second at most.

    \b
    echo 'eval "$(foundations completion bash)"' >> ~/.bashrc
    echo 'eval "$(foundations completion zsh)"' >> ~/.zshrc
    foundations completion fish > ~/.config/fish/completions/foundations.fish
    """
    for program in _PROGRAMS:
        variable = f"_{program.replace('-', '_').upper()}_COMPLETE"
        made = get_completion_class(shell)
        assert made is not None
        terminal.say(made(click.Group(program), {}, program, variable).source().strip())
