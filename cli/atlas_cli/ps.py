"""`foundations ps`: the jobs that run."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import click

from atlas_cli.completed import complete_config
from atlas_cli.options import debug_option, json_option
from atlas_cli.output import Terminal
from atlas_cli.phrases import age, duration, gpu_name, needs, short_ids
from atlas_cli.scheduler import DEFAULT, Scheduler
from atlas_cli.table import Column, Table
from atlas_cli.watch import Facts, Page, show, watch_option

_COLUMNS = (
    Column("job", whole=True),
    Column("project", most=16),
    Column("user", nothing="CE User", most=12),
    Column("state", whole=True),
    Column("for", whole=True, right=True),
    Column("time left", whole=True, right=True, nothing=""),
    Column("attempt", whole=True, nothing=""),
    Column("GPUs", nothing="", most=14),
    Column("needs", nothing="", most=26),
)


@click.command()
@click.argument("scheduler-config", default=DEFAULT, shell_complete=complete_config)
@watch_option
@json_option
@debug_option
@click.pass_obj
def ps(terminal: Terminal, scheduler_config: str, watch: bool) -> None:
    """Show the jobs that run or are about to.

    \b
    foundations ps --watch
    foundations ps scheduler --json
    """
    client = Scheduler(scheduler_config).client
    show(terminal, watch, client.running, lambda facts: _page(terminal, facts))


def _page(terminal: Terminal, facts: Facts) -> Page:
    jobs = facts["jobs"]
    if not jobs:
        return ["Nothing runs. `foundations queue` shows what waits, `foundations submit` adds a job."]
    short, now = short_ids(job["job_id"] for job in jobs), time.time()
    return [Table(_COLUMNS, [(short[job["job_id"]], *_cells(terminal, job, now)) for job in jobs])]


def _cells(terminal: Terminal, job: Mapping[str, Any], now: float) -> tuple[str, ...]:
    status, started, ends_by = job["status"], job["started"], job["ends_by"]
    return (
        job["project"],
        job["user"] or "",
        terminal.coloured(status, "green" if status == "running" else "yellow"),
        "" if started is None else age(now - started),
        "" if ends_by is None else duration(ends_by - now),
        f"{job['attempt']} of {job['attempts']}" if job["attempts"] > 1 else "",
        ", ".join(map(gpu_name, job["gpus"])),
        needs(job["resources"]),
    )
