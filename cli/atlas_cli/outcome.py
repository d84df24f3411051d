"""How a command ends: the one place that turns errors into a sentence and an exit code."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

import click

from atlas_cli.output import Terminal
from atlas_core.errors import AtlasError, ConfigNotFound

#: Exit codes beside 0; 2 is click's, for a command line that cannot be understood.
FAILED, UNHEALTHY, INTERRUPTED = 1, 3, 130
_FAILURE = "Error running command: "


class CommandFailed(Exception):
    """Raised by a command that failed, with the whole sentence to print."""

    def __init__(self, message: str, code: str = "failed") -> None:
        super().__init__(message)
        self.message = message
        self.code = code


def run_to_exit(command: click.Command, name: str, arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line (default: this process's) and end the process with its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # names may hold what the terminal's encoding does not
            stream.reconfigure(errors="backslashreplace")
    sys.exit(_run(command, name, arguments, Terminal()))


def _run(command: click.Command, name: str, arguments: Sequence[str] | None, terminal: Terminal) -> int:
    try:
        code = command.main(arguments, name, standalone_mode=False, obj=terminal)
        sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        if terminal.json or "--json" in (sys.argv[1:] if arguments is None else arguments):
            terminal.show_json_error(error.format_message(), "usage")
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except Exception as error:  # whatever went wrong, people get a sentence; --debug shows where it happened
        if terminal.debug:
            raise
        message, code = _sentence(error)
        _show(terminal, _bare(message) if terminal.json else message, code)
        return FAILED
    return code if isinstance(code, int) else 0


def _show(terminal: Terminal, message: str, code: str) -> None:
    try:
        terminal.show_error(message, code)
    except OSError:  # standard output takes no more, such as a file on a full disk
        click.echo(message, err=True)
        # what is still to be written would be tried again at the end of the interpreter, with a traceback
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.__stdout__.fileno() if sys.__stdout__ else 1)


def _bare(message: str) -> str:
    """Return the message without what tells people that it is an error, which programs see by where it stands."""
    for beginning in (_FAILURE, "Error: "):
        message = message.removeprefix(beginning)
    return message


def _sentence(error: Exception) -> tuple[str, str]:
    if isinstance(error, (CommandFailed, ConfigNotFound)):
        return error.message, error.code
    code = error.code if isinstance(error, AtlasError) else "internal"
    return f"{_FAILURE}{error}", code
