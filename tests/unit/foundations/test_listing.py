"""A project as a table."""

from __future__ import annotations

import pytest
from tests.unit.foundations.submission_double import SubmissionDouble

import foundations

JOB = {
    "job_id": "j1",
    "user": "u",
    "status": "completed",
    "start_time": "2020-01-06T12:00:00.123456",
    "completed_time": None,
    "creation_time": 1578312000.12,
    "tags": {"kind": "svm"},
    "job_parameters": [{"name": "lr", "value": 0.1, "type": "number"}],
    "output_metrics": [{"name": "loss", "value": [3.0, 1.0], "type": "number"}],
}
LISTING = {
    "name": "p",
    "jobs": [JOB, {**JOB, "job_id": "j2", "tags": {}, "output_metrics": []}],
    "parameters": [{"name": "lr", "type": "number"}],
    "output_metric_names": [{"name": "loss", "type": "number"}],
}


@pytest.fixture(autouse=True)
def _server(double: SubmissionDouble, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOUNDATIONS_SERVER_URL", double.url)


def test_a_project_is_a_row_a_job(double: SubmissionDouble) -> None:
    pytest.importorskip("pandas")
    double.listing = LISTING
    table = foundations.get_metrics_for_all_jobs("p")
    assert list(table.columns) == [
        "project_name",
        "job_id",
        "user",
        "status",
        "start_time",
        "completed_time",
        "creation_time",
        "tags",
        "lr",
        "loss",
        "tag_kind",
    ]
    assert list(table["job_id"]) == ["j1", "j2"]
    assert table["loss"][0] == 1.0
    assert table["completed_time"][0] == "No time available"
    assert table["tag_kind"][0] == "svm"


def test_a_project_without_jobs_is_an_empty_table(double: SubmissionDouble) -> None:
    pytest.importorskip("pandas")
    double.listing = {**LISTING, "jobs": []}
    assert foundations.get_metrics_for_all_jobs("p").empty


def test_an_unknown_project_is_an_error() -> None:
    with pytest.raises(ValueError, match="Project `p` does not exist!"):
        foundations.get_metrics_for_all_jobs("p")
