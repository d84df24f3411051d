"""The options that many commands share."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

import click

from atlas_cli.output import Terminal
from atlas_core.log import configure_logging

F = TypeVar("F", bound=Callable[..., Any])


def home_option(function: F) -> F:
    """Add `--home`: the directory that holds all state, absolute; by default `$FOUNDATIONS_HOME`."""
    return click.option(
        "--home",
        type=click.Path(path_type=Path, file_okay=False),
        callback=_home,
        help="Where all state lies. [default: $FOUNDATIONS_HOME, or ~/.foundations]",
    )(function)


def debug_option(function: F) -> F:
    """Add `--debug`: log everything, and show the traceback of an error."""
    return click.option(
        "--debug",
        is_flag=True,
        expose_value=False,
        is_eager=True,
        callback=_debug,
        help="Log everything, and show the traceback of an error.",
    )(function)


def json_option(function: F) -> F:
    """Add `--json`: one JSON object on standard output, everything else on standard error."""
    return click.option(
        "--json",
        is_flag=True,
        expose_value=False,
        is_eager=True,
        callback=_json,
        help="Print the answer as one JSON object; messages go to standard error.",
    )(function)


def _home(_context: click.Context, _parameter: click.Parameter, home: Path | None) -> Path:
    # the settings take as long to import as all else that help needs of ours
    default: Path = import_module("atlas_core.settings").home_directory()
    return home.absolute() if home else default


def _debug(context: click.Context, _parameter: click.Parameter, value: bool) -> None:
    if value:
        context.ensure_object(Terminal).debug = True
        configure_logging("DEBUG")


def _json(context: click.Context, _parameter: click.Parameter, value: bool) -> None:
    if value:
        context.ensure_object(Terminal).speak_json(context)
