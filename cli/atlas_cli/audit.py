"""`atlas-server audit`: whether the log of all changes is whole."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import click

from atlas_cli.lazy_group import LazyCommand, LazyGroup
from atlas_cli.options import debug_option, home_option, json_option
from atlas_cli.output import Terminal
from atlas_cli.phrases import count
from atlas_cli.server_program import report_of

#: Jobs of one request that are named in the table.
_NAMED = 3

_COMMANDS = {"verify": LazyCommand("atlas_cli.audit:verify", "Say whether the audit log is whole.")}

audit = LazyGroup("audit", _COMMANDS, help="Look at the log of all changes.", own_help=True)


@click.command()
@click.option("--last", type=click.IntRange(min=0), default=0, metavar="N", help="Also show the last N entries.")
@home_option
@json_option
@debug_option
@click.pass_obj
def verify(terminal: Terminal, home: Path, last: int) -> int:
    """Say whether every entry of the audit log is as it was written. The exit code is 0 when it is, else 1.

    \b
    atlas-server audit verify
    atlas-server audit verify --last 20
    """
    report = report_of(home, "atlas_services.audit", ("--last", str(last)), "holds the audit log")
    broken = report["broken_at"]
    whole = f"{count(report['entries'], 'record')}, whole. The last one's hash: {report['head']}"
    text = whole if broken is None else f"Entry {broken} is not as it was written, or one before it is missing."
    terminal.show(text, report)
    if report["last"] and not terminal.json:
        terminal.table(("time", "user", "from", "request", "jobs", "status"), [_row(entry) for entry in report["last"]])
    return 0 if broken is None else 1


def _row(entry: dict[str, Any]) -> tuple[str, ...]:
    """Return what the table says of an entry; of one that nobody wrote as one, its text."""
    if "hash" not in entry:
        return "", "", "", str(entry.get("unreadable", entry)), "", ""
    when = datetime.fromtimestamp(entry["time"]).strftime("%Y-%m-%d %H:%M:%S")
    request = f"{entry['method']} {entry['path']}"
    return when, entry["user"], entry["address"], request, _changed(entry), str(entry["status"])


def _changed(entry: dict[str, Any]) -> str:
    """Return the jobs that a request changed, where its path does not say it; of many the first."""
    named, total = entry.get("changed_ids", ())[:_NAMED], entry.get("changed") or 0
    rest = total - len(named)
    return ", ".join(named) + (f" and {rest} more" if rest else "")
