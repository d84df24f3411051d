"""`atlas-server gc`: what nobody needs any more goes, and what that freed is said."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from atlas_cli.options import debug_option, home_option, json_option
from atlas_cli.output import Terminal
from atlas_cli.phrases import size
from atlas_cli.server_program import report_of


@click.command()
@click.option("-n", "--dry-run", is_flag=True, help="Only say what would go.")
@click.option(
    "--job-days",
    type=click.FloatRange(min=0),
    metavar="N",
    help="Delete jobs that ended more than N days ago. [default: $ATLAS_JOB_DAYS; 0 keeps them]",
)
@click.option("--project", metavar="P", help="Delete old jobs of this project alone, and nothing else.")
@click.option("--unknown", is_flag=True, help="Also remove files of jobs that the tracker has never heard of.")
@home_option
@json_option
@debug_option
@click.pass_obj
def gc(terminal: Terminal, /, home: Path, **wish: Any) -> None:
    """Remove what nobody needs any more: old jobs, and what deleted or broken-off work left behind.

    \b
    atlas-server gc --dry-run
    atlas-server gc --job-days 90 --project digits
    """
    if wish["project"] is not None and wish["job_days"] is None:
        raise click.UsageError("With --project, say how old its jobs must be: add --job-days.")
    report = report_of(home, "atlas_services.clearing", _words(wish), "knows what is still needed")
    terminal.show(_sentence(report), report)
    if not terminal.json and report["kinds"]:
        rows = [(kind, str(facts["count"]), size(facts["bytes"])) for kind, facts in report["kinds"].items()]
        terminal.table(("what", "how many", "size"), rows)


def _words(wish: Mapping[str, Any]) -> list[str]:
    """Return the options of the services' own program."""
    words = [f"--{name.replace('_', '-')}" for name in ("dry_run", "unknown") if wish[name]]
    for name in ("job_days", "project"):
        words += [f"--{name.replace('_', '-')}", str(wish[name])] if wish[name] is not None else []
    return words


def _sentence(report: Mapping[str, Any]) -> str:
    if not report["kinds"]:
        return "There is nothing to remove."
    return f"{'Would free' if report['dry_run'] else 'Freed'} {size(report['bytes'])}."
