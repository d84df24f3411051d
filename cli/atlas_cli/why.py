"""`foundations why`: the reason for the state in which a job is."""

from __future__ import annotations

import click

from atlas_cli.completed import complete_words
from atlas_cli.options import debug_option, json_option
from atlas_cli.output import Terminal
from atlas_cli.scheduler import Scheduler, config_and_names
from atlas_cli.watch import Facts, Page, show, watch_option

_COLOURS = {"queued": "yellow", "pending": "yellow", "running": "green", "completed": "green", "failed": "red"}


@click.command()
@click.argument("words", nargs=-1, required=True, metavar="[SCHEDULER-CONFIG] JOB-ID", shell_complete=complete_words)
@watch_option
@json_option
@debug_option
@click.pass_obj
def why(terminal: Terminal, words: tuple[str, ...], watch: bool) -> None:
    """Say why job JOB_ID waits, where it runs, or how it ended.

    \b
    foundations why 0d5c
    foundations why scheduler 0d5c --watch
    """
    config, [text] = config_and_names(words, 1, "one job")
    scheduler = Scheduler(config)
    job_id, _ = scheduler.find(text)
    show(terminal, watch, lambda: scheduler.client.why(job_id), lambda facts: _page(terminal, facts))


def _page(terminal: Terminal, facts: Facts) -> Page:
    status = facts["status"]
    place = "" if facts["position"] is None else f", at position {facts['position']} of the queue"
    return [f"Job {facts['job_id']} is {terminal.coloured(status, _COLOURS[status])}{place}.", facts["reason"]]
