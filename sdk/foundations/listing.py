"""What was logged in a project, as a table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from importlib import import_module
from typing import TYPE_CHECKING, Any

from atlas_core.client import LARGEST_PAGE, UPLOAD_TIMEOUT, RestClient
from atlas_core.errors import NotFound
from atlas_core.ids import check_project_name
from atlas_core.login_client import user_connection
from atlas_core.states import JobStatus
from foundations.server_address import server_url

if TYPE_CHECKING:
    from pandas import DataFrame  # type: ignore[import-untyped,import-not-found,unused-ignore]

_NO_TIME = "No time available"
#: What a job that did not log something has in its column.
_MISSING = float("nan")
#: What JSON for people says of numbers that it cannot hold.
_NOT_FINITE = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}
_FACTS = ("project_name", "job_id", "user", "status", "start_time", "completed_time", "creation_time", "tags")


def get_metrics_for_all_jobs(project_name: str) -> DataFrame:
    """Return a table with a row for each job of the project and a column for each parameter, metric and tag.

    Of a metric it shows the last value. Times are local. Raises `ValueError` for an unknown project, `InvalidInput` for
    what can name none, and `ImportError` when pandas is not installed.

        table = foundations.get_metrics_for_all_jobs("digits")
        print(table.sort_values("accuracy", ascending=False).head())
    """
    return _table(project_name, with_tags=True)


def _get_metrics_for_all_jobs(project_name: str) -> DataFrame:
    """Return the table without columns for tags, as older scripts know it."""
    return _table(project_name, with_tags=False)


def _table(project_name: str, with_tags: bool) -> DataFrame:
    name = check_project_name(project_name)
    client = RestClient(user_connection(server_url(), timeout=UPLOAD_TIMEOUT))
    try:
        jobs = list(client.project_jobs(name, LARGEST_PAGE))
    except NotFound:
        raise ValueError(f"Project `{project_name}` does not exist!") from None
    columns = [*_FACTS, *_names(jobs, "parameters"), *_names(jobs, "metrics")]
    columns += [f"tag_{key}" for key in _names(jobs, "tags")] if with_tags else []
    pandas = import_module("pandas")  # heavy, and of use to nobody else
    rows = [_row(project_name, job) for job in jobs]
    # column by column, for pandas takes rows apart one value at a time
    table: DataFrame = pandas.DataFrame({name: [row.get(name, _MISSING) for row in rows] for name in columns if rows})
    return table


def _row(project_name: str, job: Mapping[str, Any]) -> dict[str, Any]:
    tags: dict[str, Any] = job["tags"]
    return {
        "project_name": project_name,
        **{name: job[name] for name in ("job_id", "user", "creation_time")},
        "status": "queued" if JobStatus(job["status"]).is_waiting else job["status"],
        "start_time": _local(job["start_time"]),
        "completed_time": _local(job["completed_time"]),
        "tags": tags,
        **job["parameters"],
        **{name: _number(value) for name, value in job["metrics"].items()},
        **{f"tag_{key}": value for key, value in tags.items()},
    }


def _number(value: Any) -> Any:
    return _NOT_FINITE.get(value, value) if isinstance(value, str) else value


def _local(moment: float | None) -> str:
    return _NO_TIME if moment is None else datetime.fromtimestamp(moment).isoformat()


def _names(jobs: Iterable[Mapping[str, Any]], kind: str) -> list[str]:
    """Return the names of parameters, metrics or tags, in the order in which they are first seen."""
    return list(dict.fromkeys(name for job in jobs for name in job[kind]))
