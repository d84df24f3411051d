"""What a job waits for is said beside the stream of its log."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from tests.unit.foundations.submission_double import SubmissionDouble

from atlas_core.client import Connection, SchedulerClient
from atlas_core.states import JobStatus
from foundations import log_stream, waiting


def reason(sentence: str, code: str = "slot", status: str = "queued", *blocking: str) -> dict[str, Any]:
    return {"status": status, "reason": sentence, "code": code, "blocking": list(blocking)}


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "_SILENCE", 0.01)
    monkeypatch.setattr(waiting, "_PAUSE", 0.01)


def stream(double: SubmissionDouble) -> JobStatus:
    return log_stream.stream(SchedulerClient(Connection(double.url)), "job-1", lambda chunk: None)


@pytest.mark.usefixtures("quick")
def test_each_new_reason_is_said_once_until_the_job_begins(
    double: SubmissionDouble, caplog: pytest.LogCaptureFixture
) -> None:
    double.log, double.log_released = b"hello\n", threading.Event()
    double.reasons = [
        reason("All 2 workers are busy."),
        reason("All 2 workers are busy."),
        reason("It needs 2 GPUs.", "gpus", "queued", "job-0"),
        reason("Its image is pulled.", "preparing", "pending"),
        reason("It has been running.", "running", "running"),
    ]
    double.at_last_reason = double.log_released.set
    assert stream(double) is JobStatus.COMPLETED
    assert caplog.messages == [
        "Job queued. Ctrl-C to stop streaming - job will not be interrupted or cancelled.",
        "Waiting: All 2 workers are busy.",
        "Waiting: It needs 2 GPUs.",
        "Waiting: Its image is pulled.",
        "Job running, streaming logs.",
        "Job 'job-1' has completed.",
    ]


@pytest.mark.usefixtures("quick")
def test_numbers_that_change_in_the_same_reason_are_not_said_each_time(
    double: SubmissionDouble, caplog: pytest.LogCaptureFixture
) -> None:
    double.log, double.log_released = b"hello\n", threading.Event()
    double.reasons = [reason(f"{number} jobs stand before it.", "behind") for number in range(9, 1, -1)]
    double.at_last_reason = double.log_released.set
    stream(double)
    assert [line for line in caplog.messages if line.startswith("Waiting")] == ["Waiting: 9 jobs stand before it."]


@pytest.mark.usefixtures("quick")
def test_a_server_that_gives_no_reasons_is_not_asked_again(
    double: SubmissionDouble, caplog: pytest.LogCaptureFixture
) -> None:
    double.log = b"hello\n"
    assert stream(double) is JobStatus.COMPLETED
    assert not [line for line in caplog.messages if line.startswith("Waiting")]


def test_a_job_that_begins_at_once_is_not_asked_about(double: SubmissionDouble) -> None:
    double.log = b"hello\n"
    stream(double)
    assert double.count("GET /api/v3/jobs/job-1/why") == 0
