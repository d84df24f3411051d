from __future__ import annotations

import json
import math
from typing import Any

import pytest

from atlas_core.records import BOOLEAN, FLOAT, INTEGER, NO_STEP, OTHER, POINT
from atlas_core.states import JobStatus
from atlas_core.values import dumps, to_public
from atlas_services.rest_api.listing import duration_text, job_listing, type_name
from atlas_services.tracker import JobRecord, ListedJob
from atlas_services.tracker.ordered import Stored
from atlas_services.tracker.series import summarize


def view(job_id: str, series: Any = None, **facts: object) -> ListedJob:
    """Return a job that has logged nothing, but for `series` and `facts`."""
    params, tags, metrics, artifacts = (
        stored(facts.pop(name, {})) for name in ("params", "tags", "metrics", "artifacts")
    )
    record = JobRecord(job_id, "p", JobStatus.RUNNING, 0.0, start_time=0.0, **facts)  # type: ignore[arg-type]
    return ListedJob(record, params, tags, metrics, artifacts, series=series or {})


def stored(values: Any) -> Stored:
    """Return what a job logged as it is stored."""
    return Stored({name: dumps(value).encode() for name, value in values.items()})


def listed(*jobs: ListedJob, time: float = 0.0) -> dict[str, Any]:
    """Return the listing of these jobs."""
    return dict(json.loads(job_listing("p", jobs, time, "http://h").json()))


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
    assert listed(*jobs)["parameters"] == [
        {"name": "x", "type": "string"},
        {"name": "y", "type": "number"},
        {"name": "z", "type": "number"},
    ]


VALUES = [
    *(0, -7, 10**40, 0.5, -1e-300, 1e22, math.nan, -math.inf, True, False, None, "", 'ä"\\\u2028', "x" * 200),
    *([], [1], ["a"], [[math.nan]], {}, {"last": 1}, {"$float": "none"}, {"a": {"$float": 3, "b": math.inf}}),
]


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_a_value_is_shown_as_it_was_logged(value: Any) -> None:
    shown = listed(view("a", params={"x": value}, tags={"x": value}))["jobs"][0]
    assert shown["job_parameters"] == [{"name": "x", "value": to_public(value), "type": type_name(value)}]
    assert shown["tags"] == {"x": to_public(value)}


@pytest.mark.parametrize("value", [1, True, 0.25, math.nan, math.inf, 10**40, "x" * 200, ',"last":1,"min":'], ids=repr)
def test_a_metric_of_one_point_is_a_value(value: Any) -> None:
    kind = {float: FLOAT, bool: BOOLEAN}.get(type(value), OTHER) if value != 1 or value is True else INTEGER
    others = [value] if kind == OTHER else []
    summary = summarize(None, POINT.pack(NO_STEP, 1.0, kind, 0 if others else value), others)
    (metric,) = listed(view("a", metrics={"m": summary}))["jobs"][0]["output_metrics"]
    expected = value[:100] if isinstance(value, str) else to_public(value)
    assert metric == {"name": "m", "value": expected, "type": type_name(value)}


def test_values_of_a_series_are_shown_as_they_were_logged() -> None:
    for values in ([0.5, 1e22], [1, 2.5], [math.nan, 1.0], [True], ["x" * 200, 1]):
        job = view("a", {"m": values}, metrics={"m": {"count": 2, "others": 0}})
        (metric,) = listed(job)["jobs"][0]["output_metrics"]
        assert metric == {"name": "m", "value": to_public(values), "type": type_name(values)}


def test_a_series_of_several_points_is_a_list_and_one_point_a_value() -> None:
    metrics = {"once": {"count": 1, "last": 5, "others": 1}, "often": {"count": 2, "others": 0}}
    (row,) = listed(view("a", {"often": [6, 7]}, metrics=metrics))["jobs"]
    assert [metric["value"] for metric in row["output_metrics"]] == [5, [6, 7]]


def test_artifacts_are_sorted_by_their_file_names() -> None:
    artifacts = {key: {"filename": f"{key}.WAV", "path": f"user_artifacts/{key}.WAV"} for key in ("b", "a")}
    (row,) = listed(view("job", artifacts=artifacts))["jobs"]
    assert [(each["archive_key"], each["artifact_type"]) for each in row["artifacts"]] == [
        ("a", "audio"),
        ("b", "audio"),
    ]


def test_the_duration_of_a_running_job_grows() -> None:
    rows = [listed(view("a"), time=now)["jobs"][0] for now in (5.0, 6.0)]
    assert [row["duration"] for row in rows] == ["0d0h0m5s", "0d0h0m6s"]


def test_names_stand_in_a_listing_as_they_are() -> None:
    name = '%s 100% %% "é"'
    jobs = [view(job_id, params={name: value}) for job_id, value in (("a", 1), ("b", "%d"))]
    shown = [job["job_parameters"] for job in listed(*jobs)["jobs"]]
    assert shown == [
        [{"name": name, "value": 1, "type": "number"}],
        [{"name": name, "value": "%d", "type": "string"}],
    ]
    assert listed(*jobs)["parameters"] == [{"name": name, "type": "string"}]
