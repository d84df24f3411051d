from __future__ import annotations

import pytest

from atlas_core.states import JobStatus
from atlas_services.rest_api.listing import duration_text, job_listing, long_series, type_name
from atlas_services.tracker import JobRecord, JobView


def view(job_id: str, **facts: object) -> JobView:
    """Return a job that has logged nothing, but for `facts`."""
    parts = {name: facts.pop(name, {}) for name in ("params", "tags", "metrics", "artifacts")}
    record = JobRecord(job_id, "p", JobStatus.RUNNING, 0.0, start_time=0.0, **facts)  # type: ignore[arg-type]
    return JobView(record, **parts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, None),
        (0.0, "0d0h0m0s"),
        (62.9, "0d0h1m2s"),
        (86400.0 * 400 + 3600 * 23 + 59, "400d23h0m59s"),
    ],
)
def test_durations_are_written_without_padding(seconds: float | None, text: str | None) -> None:
    assert duration_text(seconds) == text


@pytest.mark.parametrize(
    ("value", "name"),
    [([], "array unknown"), ([[]], "array array unknown"), ([True], "array bool"), ({}, "unknown"), (10**40, "number")],
)
def test_types_have_names(value: object, name: str) -> None:
    assert type_name(value) == name


def test_columns_stand_where_they_were_first_seen_with_the_type_last_seen() -> None:
    jobs = [view("a", params={"x": 1, "y": 2}), view("b", params={"z": 1, "x": "text"})]
    assert job_listing("p", jobs, {}, 0.0, "http://h")["parameters"] == [
        {"name": "x", "type": "string"},
        {"name": "y", "type": "number"},
        {"name": "z", "type": "number"},
    ]


def test_only_series_of_several_points_are_read() -> None:
    jobs = [view("a", metrics={"once": {"count": 1, "last": 5}, "often": {"count": 2, "last": 7}})]
    assert list(long_series(jobs)) == [("a", "often")]
    (row,) = job_listing("p", jobs, {("a", "often"): [6, 7]}, 0.0, "http://h")["jobs"]
    assert [metric["value"] for metric in row["output_metrics"]] == [5, [6, 7]]


def test_artifacts_are_sorted_by_their_file_names() -> None:
    artifacts = {key: {"filename": f"{key}.WAV", "path": f"user_artifacts/{key}.WAV"} for key in ("b", "a")}
    (row,) = job_listing("p", [view("job", artifacts=artifacts)], {}, 0.0, "http://h")["jobs"]
    assert [(each["archive_key"], each["artifact_type"]) for each in row["artifacts"]] == [
        ("a", "audio"),
        ("b", "audio"),
    ]


def test_the_duration_of_a_running_job_grows() -> None:
    rows = [job_listing("p", [view("a")], {}, now, "http://h")["jobs"][0] for now in (5.0, 6.0)]
    assert [row["duration"] for row in rows] == ["0d0h0m5s", "0d0h0m6s"]
