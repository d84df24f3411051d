"""What was logged in a project, as a table."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime, timezone
from importlib import import_module
from typing import TYPE_CHECKING, Any

from atlas_core.client import Connection, RestClient
from atlas_core.errors import NotFound
from foundations.server_address import server_url

if TYPE_CHECKING:
    from pandas import DataFrame  # type: ignore[import-untyped,import-not-found,unused-ignore]

_NO_TIME = "No time available"
_FACTS = ("project_name", "job_id", "user", "status", "start_time", "completed_time", "creation_time", "tags")


def get_metrics_for_all_jobs(project_name: str) -> DataFrame:
    """Return a table with a row for each job of the project and a column for each parameter, metric and tag.

    Of a metric it shows the last value. Times are local. Raises `ValueError` for an unknown project and `ImportError`
    when pandas is not installed.
    """
    return _table(project_name, with_tags=True)


def _get_metrics_for_all_jobs(project_name: str) -> DataFrame:
    """Return the table without columns for tags, as older scripts know it."""
    return _table(project_name, with_tags=False)


def _table(project_name: str, with_tags: bool) -> DataFrame:
    try:
        listing = RestClient(Connection(server_url(), os.environ.get("FOUNDATIONS_TOKEN"))).job_listing(project_name)
    except NotFound:
        raise ValueError(f"Project `{project_name}` does not exist!") from None
    rows = [_row(project_name, job) for job in listing["jobs"]]
    columns = [*_FACTS, *_names(listing["parameters"]), *_names(listing["output_metric_names"])]
    columns += [f"tag_{key}" for key in _tag_keys(listing["jobs"])] if with_tags else []
    pandas = import_module("pandas")  # heavy, and of use to nobody else
    table: DataFrame = pandas.DataFrame(rows, columns=list(dict.fromkeys(columns)) if rows else None)
    return table


def _row(project_name: str, job: Mapping[str, Any]) -> dict[str, Any]:
    tags: dict[str, Any] = job.get("tags") or {}
    row = {
        "project_name": project_name,
        **{name: job.get(name) for name in ("job_id", "user", "status", "creation_time")},
        "start_time": _local(job.get("start_time")),
        "completed_time": _local(job.get("completed_time")),
        "tags": tags,
    }
    row.update({each["name"]: each["value"] for each in job.get("job_parameters") or []})
    row.update({each["name"]: _last(each["value"]) for each in job.get("output_metrics") or []})
    row.update({f"tag_{key}": value for key, value in tags.items()})
    return row


def _last(value: Any) -> Any:
    return value[-1] if isinstance(value, list) and value else value


def _local(moment: str | None) -> str:
    if moment is None:
        return _NO_TIME
    utc = datetime.fromisoformat(moment).replace(tzinfo=timezone.utc)
    return utc.astimezone().replace(tzinfo=None).isoformat()


def _names(described: list[dict[str, Any]]) -> list[str]:
    return [each["name"] for each in described]


def _tag_keys(jobs: list[dict[str, Any]]) -> list[str]:
    return list(dict.fromkeys(key for job in jobs for key in job.get("tags") or {}))
