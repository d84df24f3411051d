"""How schedules are shown to people."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from atlas_cli.phrases import duration
from atlas_cli.table import Column, Table
from atlas_cli.watch import Facts, Page
from atlas_core.cron_text import text_of

_COLUMNS = (
    Column("schedule", whole=True),
    Column("project"),
    Column("status", whole=True),
    Column("when", whole=True),
    Column("time zone"),
    Column("next run", whole=True),
    Column("last run", nothing=""),
)


def list_page(entries: Facts, project: str | None = None) -> Page:
    """Return a table of schedules: all, or those of one project."""
    if not entries:
        place = f" in project `{project}`" if project else ""
        return [f"No job is scheduled{place}. `foundations schedule add` schedules one."]
    return [Table(_COLUMNS, [_row(job_id, entry) for job_id, entry in entries.items()])]


def show_page(entry: Facts) -> Page:
    """Return all about one schedule, line by line."""
    properties = entry["properties"]
    lines = {
        "schedule": properties["job_id"],
        "project": properties["metadata"].get("project_name", ""),
        "command": " ".join(properties["spec"].get("command") or []),
        "status": entry["status"],
        "when": text_of(entry["schedule"]),
        "time zone": entry["timezone"],
        "from": entry["schedule"]["start_date"] or "",
        "until": entry["schedule"]["end_date"] or "",
        "next runs": ", ".join(_clock(entry, moment) for moment in entry["next_run_time"] if moment is not None),
        "last skipped": _skipped(entry),
    }
    runs = [f"  {run_id}" for run_id in reversed(entry["runs"])]
    return [*(f"{name:<13} {text}" for name, text in lines.items() if text), *(["last runs", *runs] if runs else [])]


def next_run(entry: Facts) -> str:
    """Return when it runs next, as the end of a sentence."""
    moment = entry["next_run_time"][0]
    if moment is None:
        return "it has no time ahead and will not run"
    return f"its next run is at {_clock(entry, moment)} ({entry['timezone']}), in {duration(moment - time.time())}"


def _row(job_id: str, entry: dict[str, Any]) -> tuple[str, ...]:
    return (
        job_id,
        entry["properties"]["metadata"].get("project_name", ""),
        entry["status"],
        text_of(entry["schedule"]),
        entry["timezone"],
        _clock(entry, entry["next_run_time"][0]),
        entry["runs"][-1] if entry["runs"] else "",
    )


def _skipped(entry: Facts) -> str:
    skipped = entry["last_skipped"]
    return f"{_clock(entry, skipped['time'])}: {skipped['reason']}" if skipped else ""


def _clock(entry: Facts, moment: float | None) -> str:
    """Return what the clock of the schedule's zone shows then; of this machine's, where it does not know the zone."""
    if moment is None:
        return ""
    try:
        zone: ZoneInfo | None = ZoneInfo(entry["timezone"])
    except (KeyError, ValueError, OSError):
        zone = None
    return datetime.fromtimestamp(moment, zone).strftime("%Y-%m-%d %H:%M:%S")
