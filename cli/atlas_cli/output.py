"""What a command says, and where: the only module that prints.

People read text on standard output. With `--json` standard output carries one JSON object and nothing else; whatever
would have been said beside it goes to standard error.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from importlib import import_module
from typing import Any, TextIO

import click

from atlas_cli.table import Column, Table

#: Bytes that take longer than people wait without a sign.
_MANY_BYTES = 4 * 1024 * 1024


class Terminal:
    """The one door to standard output of a command. Made once a run and handed to the command."""

    def __init__(self) -> None:
        self.debug = False
        self._facts: TextIO | None = None

    @property
    def json(self) -> bool:
        """Whether the answer is wanted as JSON."""
        return self._facts is not None

    def speak_json(self, context: click.Context) -> None:
        """Keep standard output for the JSON object until the command has ended."""
        if self._facts is None:
            self._facts = sys.stdout
            context.with_resource(redirect_stdout(sys.stderr))

    def say(self, text: str) -> None:
        """Print a line for people."""
        print(text, flush=True)

    def show(self, text: str | None, facts: Mapping[str, Any]) -> None:
        """Print the answer of the command: `text` for people, if they need any, `facts` with `--json`."""
        if self._facts is not None:
            print(json.dumps(facts, allow_nan=False), file=self._facts, flush=True)
        elif text is not None:
            self.say(text)

    def show_error(self, message: str, code: str) -> None:
        """Print why the command failed."""
        if self._facts is None:
            self.say(click.style(message, fg="red") if _has_colours(sys.stdout) else message)
        else:
            self.show_json_error(message, code)

    def show_json_error(self, message: str, code: str) -> None:
        """Print why the command failed as JSON, also where the command line was not understood so far."""
        self._facts = self._facts or sys.stdout
        self.show(message, {"error": {"code": code, "message": message}})

    def write(self, chunk: bytes) -> None:
        """Hand on bytes of a job's log as they are, at once."""
        sys.stdout.flush()
        sys.stdout.buffer.write(chunk)
        sys.stdout.buffer.flush()

    def table(self, headers: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Print rows in columns. A cell is folded to fit a terminal, and never cut or folded in a file or pipe."""
        self.page([Table([Column(header) for header in headers], rows)])

    def page(self, parts: Sequence[str | Table]) -> None:
        """Print lines and tables."""
        console = self._console()
        console.print(_rendered(parts, console.width))

    @property
    def can_redraw(self) -> bool:
        """Whether what stands on the terminal can be replaced."""
        return self._facts is None and sys.stdout.isatty() and not self._console().is_dumb_terminal

    @contextmanager
    def redrawing(self) -> Iterator[Callable[[Sequence[str | Table]], None]]:
        """Yield what shows lines and tables in the place of those that it showed before."""
        console = self._console()
        with import_module("rich.live").Live(console=console, auto_refresh=False, vertical_overflow="ellipsis") as live:
            yield lambda parts: live.update(_rendered(parts, console.width), refresh=True)

    def coloured(self, text: str, colour: str) -> str:
        """Return the text in a colour, where there are colours."""
        return click.style(text, fg=colour) if self._facts is None and _has_colours(sys.stdout) else text

    @contextmanager
    def progress(self, what: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
        """Yield what takes how many more bytes are done; a terminal shows how far they are, unless they are few."""
        is_short = total is not None and total < _MANY_BYTES
        if is_short or self._facts is not None or not sys.stderr.isatty():
            yield lambda _size: None
            return
        rich = import_module("rich.progress")
        columns = (
            rich.TextColumn("{task.description}", markup=False),
            rich.BarColumn(),
            rich.DownloadColumn(),
            rich.TransferSpeedColumn(),
            rich.TimeRemainingColumn(),
        )
        console = import_module("rich.console").Console(stderr=True)
        with rich.Progress(*columns, console=console, transient=True) as progress:
            task = progress.add_task(what, total=total)
            yield lambda size: progress.advance(task, size)

    def _console(self) -> Any:
        width = None if sys.stdout.isatty() else 10_000
        # rich would keep bold type
        colours = None if os.environ.get("NO_COLOR") else "auto"
        return import_module("rich.console").Console(
            file=sys.stdout, width=width, highlight=False, color_system=colours
        )


def _rendered(parts: Sequence[str | Table], width: int) -> Any:
    # rich takes longer to import than most commands take to run
    text = import_module("rich.text").Text
    shown = [text.from_ansi(part) if isinstance(part, str) else part.rendered(width) for part in parts]
    return import_module("rich.console").Group(*shown)


def _has_colours(stream: TextIO) -> bool:
    if os.environ.get("NO_COLOR"):
        return False
    return stream.isatty() or os.environ.get("FORCE_COLOR", "0") not in {"", "0"}
