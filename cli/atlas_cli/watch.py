"""Showing what a server says: once, or again whenever it changes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

import click

from atlas_cli.output import Terminal
from atlas_cli.table import Table
from atlas_core.errors import ServerUnreachable

F = TypeVar("F", bound=Callable[..., Any])

#: Seconds between two questions to the server.
_PAUSE = 1.0

Facts = Mapping[str, Any]
Page = Sequence["str | Table"]


def watch_option(function: F) -> F:
    """Add `--watch`: show it anew whenever it changes."""
    return click.option(
        "-w", "--watch", is_flag=True, help="Show it anew whenever it changes, until Ctrl-C; with --json line by line."
    )(function)


def show(terminal: Terminal, watch: bool, ask: Callable[[], Facts], draw: Callable[[Facts], Page]) -> None:
    """Show the answer of `ask` as `draw` lays it out, or as JSON.

    With `watch` it is shown anew whenever it changes, in place on a terminal; a server that is away is waited for.
    """
    if not watch:
        _print(terminal, ask(), draw)
    elif terminal.can_redraw:
        with terminal.redrawing() as redraw:
            for answer in _answers(ask):
                redraw([answer.message] if isinstance(answer, ServerUnreachable) else draw(answer))
    else:
        for facts in _changes(_answers(ask)):
            _print(terminal, facts, draw)


def _print(terminal: Terminal, facts: Facts, draw: Callable[[Facts], Page]) -> None:
    terminal.show(None, facts)
    if not terminal.json:
        terminal.page(draw(facts))


def _answers(ask: Callable[[], Facts]) -> Iterator[Facts | ServerUnreachable]:
    """Yield what the server says, once a second."""
    while True:
        try:
            yield ask()
        except ServerUnreachable as error:
            yield error
        time.sleep(_PAUSE)


def _changes(answers: Iterator[Facts | ServerUnreachable]) -> Iterator[Facts]:
    """Yield what differs from what was said before; that time passes is no difference."""
    last: Facts | None = None
    for answer in answers:
        if not isinstance(answer, ServerUnreachable) and _without_clock(answer) != last:
            last = _without_clock(answer)
            yield answer


def _without_clock(facts: Facts) -> Facts:
    jobs = [{**job, "time_left": None} if isinstance(job, Mapping) else job for job in facts.get("jobs", ())]
    return {**facts, "jobs": jobs}
