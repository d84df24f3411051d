"""`foundations queue`: the jobs that wait, and how one gets another place among them."""

from __future__ import annotations

import time
from typing import Any

import click

from atlas_cli.completed import complete_config, complete_job
from atlas_cli.options import debug_option, json_option
from atlas_cli.outcome import CommandFailed
from atlas_cli.output import Terminal
from atlas_cli.phrases import age, count, needs, short_ids, with_short_ids
from atlas_cli.scheduler import DEFAULT, Scheduler
from atlas_cli.table import Column, Table
from atlas_cli.watch import Facts, Page, show, watch_option

#: So many jobs are shown unless something else is asked for.
_SHOWN = 100
_COLUMNS = (
    Column("#", whole=True, right=True),
    Column("job", whole=True),
    Column("project", most=16),
    Column("user", nothing="CE User", most=12),
    Column("prio", whole=True, right=True, nothing="0"),
    Column("needs", nothing="", most=18),
    Column("waits", whole=True, right=True),
    Column("because"),
)


class _Queue(click.Group):
    """A group that shows the queue by itself. The configuration may be left out, also before a command."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the usual configuration where a command stands first; without a command options may follow it."""
        first = next((place for place, word in enumerate(args) if not word.startswith("-")), None)
        if first is not None and args[first] in self.commands:
            args = [*args[:first], DEFAULT, *args[first:]]
        elif not self.commands.keys() & set(args):
            ctx.allow_interspersed_args = True
        return super().parse_args(ctx, args)


@click.group(cls=_Queue, invoke_without_command=True, subcommand_metavar="[COMMAND]")
@click.argument("scheduler-config", default=DEFAULT, shell_complete=complete_config)
@click.option("--limit", type=click.IntRange(min=1), default=_SHOWN, show_default=True, help="Show so many jobs.")
@watch_option
@json_option
@debug_option
@click.pass_context
def queue(context: click.Context, scheduler_config: str, limit: int, watch: bool) -> None:
    """Show the jobs that wait, first to run first, and what each waits for.

    \b
    foundations queue --watch
    foundations queue scheduler --json
    foundations queue move 0d5c --first
    """
    if context.invoked_subcommand is None:
        client = Scheduler(scheduler_config).client
        show(context.ensure_object(Terminal), watch, lambda: client.queue(limit), _page)


@queue.command()
@click.argument("job-id", shell_complete=complete_job)
@click.option(
    "--to", "position", type=click.IntRange(min=0), metavar="N", help="To this position; 0 is the head of the queue."
)
@click.option("--before", metavar="JOB", shell_complete=complete_job, help="Before this job.")
@click.option("--after", metavar="JOB", shell_complete=complete_job, help="After this job.")
@click.option("--first", is_flag=True, help="To the head of the queue.")
@click.option("--last", is_flag=True, help="To the end of the queue.")
@json_option
@debug_option
@click.pass_context
def move(context: click.Context, /, job_id: str, **wishes: Any) -> None:
    """Give the waiting job JOB_ID another place in the queue.

    \b
    foundations queue move 0d5c --first
    foundations queue scheduler move 0d5c --before 7f2a
    """
    named = [name for name, value in wishes.items() if value is not None and value is not False]
    if len(named) != 1:
        raise click.UsageError("Say where to: one of --to, --before, --after, --first and --last.")
    assert context.parent is not None
    scheduler = Scheduler(context.parent.params["scheduler_config"])
    job_id, _ = scheduler.find(job_id)
    answer = scheduler.client.move(job_id, _place(scheduler, named[0], wishes[named[0]]))
    context.ensure_object(Terminal).show(f"Job {job_id} is now at position {answer['position']} of the queue", answer)


@queue.command()
@click.argument("job-id", shell_complete=complete_job)
@json_option
@debug_option
@click.pass_context
def remove(context: click.Context, /, job_id: str) -> None:
    """Take the waiting job JOB_ID out of the queue; it then counts as stopped.

    \b
    foundations queue remove 0d5c
    """
    assert context.parent is not None
    scheduler = Scheduler(context.parent.params["scheduler_config"])
    job_id, status = scheduler.find(job_id)
    if not status.is_waiting:
        raise CommandFailed(f"Error: Job `{job_id}` is {status.value} and does not wait", "invalid_transition")
    scheduler.client.stop(job_id)
    context.ensure_object(Terminal).show(f"Removed job {job_id} from the queue", {"job_id": job_id, "removed": True})


def _place(scheduler: Scheduler, name: str, value: Any) -> dict[str, Any]:
    if name in ("before", "after"):
        return {name: scheduler.find(value)[0]}
    return {"position": {"first": 0, "last": _LAST}.get(name, value)}


#: Beyond the end of any queue.
_LAST = 2**31 - 1


def _page(facts: Facts) -> Page:
    jobs = facts["jobs"]
    if not jobs:
        return ["Nothing waits. `foundations ps` shows what runs, `foundations submit` adds a job."]
    named = [job_id for job in jobs for job_id in (job["job_id"], *job["blocking"])]
    short, now = short_ids(named), time.time()
    rows = [
        (
            str(job["position"]),
            short[job["job_id"]],
            job["project"],
            job["user"] or "",
            str(job["priority"]),
            needs(job["resources"]),
            age(now - job["since"]),
            with_short_ids(job["reason"], short),
        )
        for job in jobs
    ]
    more = facts["total"] - len(jobs)
    return [Table(_COLUMNS, rows), *([f"... and {count(more, 'more job')}; --limit shows them."] if more > 0 else [])]
