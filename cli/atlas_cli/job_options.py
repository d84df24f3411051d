"""The options that describe a job, for every command that sends one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from atlas_cli.completed import complete_config, complete_directory, complete_file, complete_project
from atlas_cli.options import debug_option, json_option

F = TypeVar("F", bound=Callable[..., Any])

_OPTIONS = (
    click.option("--entrypoint", metavar="E", help="Program that runs the command, instead of Python."),
    click.option(
        "--project-name",
        metavar="P",
        shell_complete=complete_project,
        help="Project of the job. [default: the name of the job directory]",
    ),
    click.option("--num-gpus", type=int, metavar="N", help="GPUs that the job needs. [default: 0]"),
    click.option("--gpu-memory", type=float, metavar="GB", help="Memory that each GPU has at least, in GB."),
    click.option("--gpu-model", metavar="NAME", help="Part of the name of each GPU, such as A100."),
    click.option("--ram", type=float, metavar="GB", help="Memory that the job may use, in GB."),
    click.option("--cpus", type=float, metavar="N", help="CPU cores that the job may use."),
    click.option("--shm", type=float, metavar="GB", help="Shared memory (/dev/shm) of the job's container, in GB."),
    click.option("--image", metavar="IMAGE", help="Image of the job's container. [default: the server's]"),
    click.option("--network", metavar="NAME", help="Network that the job's container joins. [default: the server's]"),
    click.option("--priority", type=int, metavar="N", help="From -100 to 100; a higher one goes first. [default: 0]"),
    click.option("--time-limit", metavar="T", help="Stop each attempt after this time: 90s, 30m, 1h30m, 2d."),
    click.option("--retries", type=int, metavar="N", help="Try a failed job again, up to N times. [default: 0]"),
    click.option("--retry-on", metavar="CAUSES", help="Only after these failures: oom,engine_lost. [default: any]"),
)

_WORDS = (
    json_option,
    debug_option,
    click.argument("scheduler-config", shell_complete=complete_config),
    click.argument("job-directory", shell_complete=complete_directory),
    click.argument("command", nargs=-1, type=click.UNPROCESSED, shell_complete=complete_file),
    click.pass_obj,
)


class OptionsFirst(click.Command):
    """Reads options up to the job directory; what follows belongs to the user's program and is left as it is."""

    #: How many names may stand before what is left as it is.
    number_of_names = 2

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the options that stand between the names before them."""
        takes_value = {name for option in self.params for name in option.opts if not getattr(option, "is_flag", True)}
        options: list[str] = []
        names: list[str] = []
        rest = list(args)
        while rest and len(names) < self.number_of_names and rest[0] != "--":
            word = rest.pop(0)
            target = options if word.startswith("-") and word != "-" else names
            target.append(word)
            if word in takes_value and rest:
                options.append(rest.pop(0))
        if rest and len(names) == 2 < self.number_of_names:
            rest.pop(0)  # the `--` that ends the options of a command that may have some behind its two names
        return super().parse_args(ctx, [*options, *names, *rest])


class OptionsBeforeCommand(OptionsFirst):
    """Reads options up to the first word of the job's command, or up to `--` if that word looks like an option."""

    number_of_names = 3


def job_options(function: F) -> F:
    """Add the options, in the order in which the help is to show them."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


def job_and_command(function: F) -> F:
    """Add what every command that sends a job takes behind its own options, and the `Terminal`."""
    for part in reversed(_WORDS):
        function = part(function)
    return function


def retry_policy(limit: int | None, causes: str | None) -> int | dict[str, object] | None:
    """Return the wish for further attempts; with causes alone there is one."""
    if causes is None:
        return limit
    words = [word.strip() for word in causes.split(",") if word.strip()]
    return {"limit": 1 if limit is None else limit, "causes": words or causes}
