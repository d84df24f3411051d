"""A project as a table."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Any

import pytest
from tests.unit.foundations.submission_double import SubmissionDouble

import foundations
from atlas_core.errors import InvalidInput

JOB = {
    "job_id": "j1",
    "user": "u",
    "status": "completed",
    "start_time": 1578312000.123456,
    "completed_time": None,
    "creation_time": 1578312000.12,
    "tags": {"kind": "svm"},
    "parameters": {"lr": 0.1},
    "metrics": {"loss": 1.0, "bound": "Infinity"},
}


@pytest.fixture(autouse=True)
def _server(double: SubmissionDouble, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOUNDATIONS_SERVER_URL", double.url)


def test_a_project_is_a_row_a_job(double: SubmissionDouble) -> None:
    pytest.importorskip("pandas")
    double.rows = [{**JOB, "job_id": "j2", "tags": {}, "metrics": {"note": "text"}, "status": "pending"}, JOB]
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
        "bound",
        "note",
        "tag_kind",
    ]
    assert list(table["job_id"]) == ["j1", "j2"]
    assert list(table["status"]) == ["completed", "queued"]
    assert (table["loss"][0], table["bound"][0], table["note"][1]) == (1.0, math.inf, "text")
    assert table["start_time"][0] == datetime.fromtimestamp(1578312000.123456).isoformat()
    assert table["completed_time"][0] == "No time available"
    assert table["tag_kind"][0] == "svm"


def test_a_project_without_jobs_is_an_empty_table(double: SubmissionDouble) -> None:
    pytest.importorskip("pandas")
    double.projects = {"p"}
    assert foundations.get_metrics_for_all_jobs("p").empty


def test_ten_thousand_jobs_come_in_one_request(double: SubmissionDouble) -> None:
    pytest.importorskip("pandas")
    double.rows = [{**JOB, "job_id": f"j{number}"} for number in range(9_999)]
    table = foundations.get_metrics_for_all_jobs("p")
    assert list(table["job_id"]) == [f"j{number}" for number in reversed(range(9_999))]
    assert double.count("GET") == 1


def test_more_jobs_come_page_by_page(double: SubmissionDouble, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pandas")
    monkeypatch.setattr("foundations.listing.LARGEST_PAGE", 100)
    double.rows = [{**JOB, "job_id": f"j{number}"} for number in range(250)]
    assert list(foundations.get_metrics_for_all_jobs("p")["job_id"]) == [
        f"j{number}" for number in reversed(range(250))
    ]
    assert double.count("GET") == 3


def test_an_unknown_project_is_an_error() -> None:
    with pytest.raises(ValueError, match="Project `p` does not exist!"):
        foundations.get_metrics_for_all_jobs("p")


@pytest.mark.parametrize("wrong", [None, 3, "", b"digits", ["digits"], "a/b"])
def test_what_can_name_no_project_is_refused_before_a_server_is_asked(wrong: Any) -> None:
    with pytest.raises(InvalidInput, match="cannot name a project; expected 1 to 255 characters"):
        foundations.get_metrics_for_all_jobs(wrong)
