"""A submitted job, seen from where it was submitted."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any

import pytest
from tests.unit.foundations.submission_double import SubmissionDouble

from atlas_core.client import Connection, RestClient, SchedulerClient
from atlas_core.errors import JobNotFound, ServerError
from atlas_core.states import JobStatus
from foundations import deployment, log_stream
from foundations.deployment import Deployment, DeploymentWrapper
from foundations.log_stream import stream

FACTS: dict[str, Any] = {
    "job_id": "j",
    "project": "p",
    "user": "u",
    "status": "completed",
    "parameters": {"lr": 0.1},
    "tags": {"a": "1", "b": ""},
    "metrics": {"loss": {"first": 3.0, "last": 1.0, "min": 1.0, "max": 3.0, "count": 3}},
    "artifacts": [],
    "start_time": 0.5,
    "completed_time": None,
    "creation_time": 0.25,
}


@pytest.fixture
def job(double: SubmissionDouble) -> Deployment:
    connection = Connection(double.url)
    return DeploymentWrapper("j", "p", SchedulerClient(connection), RestClient(connection))


def run_stream(double: SubmissionDouble) -> tuple[JobStatus, bytes]:
    chunks: list[bytes] = []
    return stream(SchedulerClient(Connection(double.url)), "j", chunks.append), b"".join(chunks)


@pytest.mark.parametrize(
    ("raw", "old", "complete"),
    [
        ("queued", "queued", False),
        ("pending", "queued", False),
        ("running", "running", False),
        ("completed", "completed", True),
        ("failed", "completed", True),
    ],
)
def test_states_are_told_in_the_old_words_and_in_full(
    job: Deployment, double: SubmissionDouble, raw: str, old: str, complete: bool
) -> None:
    double.states = [{"status": raw}]
    assert (job.get_job_status(), job.get_true_job_status(), job.is_job_complete()) == (old, raw, complete)


def test_a_job_that_is_gone_has_no_state(job: Deployment, double: SubmissionDouble) -> None:
    double.states = []
    assert (job.get_job_status(), job.get_true_job_status()) == (None, None)


def test_waiting_ends_with_the_job(job: Deployment, double: SubmissionDouble) -> None:
    double.states = [{"status": "queued"}, {"status": "running"}, {"status": "failed"}]
    assert job.wait() is JobStatus.FAILED


def test_waiting_ends_in_time(job: Deployment, double: SubmissionDouble) -> None:
    double.states = [{"status": "running"}]
    with pytest.raises(TimeoutError, match=r"Job `j` has not ended within 0\.1 seconds"):
        job.wait(timeout=0.1)


def test_what_a_job_logged_can_be_asked_for(job: Deployment, double: SubmissionDouble) -> None:
    double.facts = FACTS
    assert job.get_metric("loss") == 3.0
    assert job.metrics() == {"loss": 1.0}
    assert job.get_param("lr") == 0.1
    assert job.get_job_details() == {
        "project_name": "p",
        "job_id": "j",
        "user": "u",
        "status": "completed",
        "start_time": datetime(1970, 1, 1, 0, 0, 0, 500_000),
        "completed_time": None,
        "creation_time": 0.25,
        "tags": ["a", "b"],
        "metrics": {"loss": 1.0},
        "parameters": {"lr": 0.1},
    }
    with pytest.raises(KeyError, match=r"Metric 'x' does not exist\."):
        job.get_metric("x")
    with pytest.raises(KeyError, match=r"Parameter 'x' does not exist\."):
        job.get_param("x")


def test_a_server_that_starts_again_is_waited_for(
    job: Deployment, double: SubmissionDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    double.facts = FACTS
    for wait in (job.wait, lambda: job.wait_for_deployment_to_complete(0.01), lambda: job.get_param("lr", 0.01)):
        double.fail_states = 2
        wait()
    monkeypatch.setattr(deployment, "_PATIENCE", -1.0)
    double.fail_states = 2
    with pytest.raises(ServerError, match="about to start"):
        job.wait_for_deployment_to_complete(0.01)


def test_logs_are_text_whatever_the_job_printed(job: Deployment, double: SubmissionDouble) -> None:
    double.log = b"all of it \xc3\xa4 \xff"
    assert job.logs() == job.get_job_logs() == "all of it ä \ufffd"
    assert double.requests == ["LOG 0", "LOG 0"]


def test_a_job_can_be_stopped(job: Deployment, double: SubmissionDouble) -> None:
    double.states = [{"status": "running"}]
    job.stop()
    assert job.status() is JobStatus.FAILED


def test_a_log_is_followed_to_the_end_of_the_job(double: SubmissionDouble, caplog: pytest.LogCaptureFixture) -> None:
    double.log = b"one\ntwo\n"
    assert run_stream(double) == (JobStatus.COMPLETED, b"one\ntwo\n")
    assert [record.message for record in caplog.records] == [
        "Job queued. Ctrl-C to stop streaming - job will not be interrupted or cancelled.",
        "Job running, streaming logs.",
        "Job 'j' has completed.",
    ]


def test_a_lost_connection_is_taken_up_where_it_broke(double: SubmissionDouble) -> None:
    double.states = [{"status": "running"}, {"status": "completed"}]
    double.log, double.breaks = b"RuntimeError: one\ntwo\n", [16, 18]
    assert run_stream(double) == (JobStatus.COMPLETED, b"RuntimeError: one\ntwo\n")
    assert [request for request in double.requests if request.startswith("LOG")][:3] == ["LOG 0", "LOG 16", "LOG 18"]


def test_a_stream_that_is_closed_at_once_is_not_asked_for_without_a_pause(double: SubmissionDouble) -> None:
    double.states = [{"status": "running"}, {"status": "running"}, {"status": "running"}, {"status": "completed"}]
    begun = time.monotonic()
    assert run_stream(double) == (JobStatus.COMPLETED, b"")
    assert time.monotonic() - begun > 2 * log_stream._FIRST_DELAY


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ({"cause": "exit_code", "exit_code": 3}, "Cause: its command ended with exit code 3."),
        ({"cause": "user_code", "exit_code": 1}, "Cause: its program raised an exception."),
        ({"cause": "stopped_by_user"}, "Cause: it was stopped."),
        ({}, "has failed."),
    ],
)
def test_a_failed_job_says_why(
    double: SubmissionDouble, caplog: pytest.LogCaptureFixture, state: dict[str, Any], words: str
) -> None:
    double.states = [{"status": "failed", **state}]
    assert run_stream(double)[0] is JobStatus.FAILED
    last = caplog.records[-1]
    assert last.levelname == "ERROR"
    assert last.message.startswith("Job 'j' has failed.")
    assert last.message.endswith(words)


def test_a_job_that_was_removed_cannot_be_followed(double: SubmissionDouble) -> None:
    double.states = []
    with pytest.raises(JobNotFound, match="Possibly because it has been removed from the queue"):
        run_stream(double)


def test_a_character_in_two_pieces_is_printed_whole(
    job: Deployment, double: SubmissionDouble, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "süß\n".encode()
    double.states = [{"status": "running"}, {"status": "completed"}]
    double.log, double.breaks = text, [2]
    job.stream_job_logs()
    assert "süß\n" in capsys.readouterr().out


def test_streaming_can_be_switched_off(
    job: Deployment, double: SubmissionDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISABLE_LOG_STREAMING", "True")
    job.stream_job_logs()
    assert double.requests == []
