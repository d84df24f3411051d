"""Jobs as the original's routes show them."""

from __future__ import annotations

from pathlib import Path

import pytest

from atlas_core.states import Cause, JobStatus
from atlas_services.scheduler.archive import Archive
from atlas_services.scheduler.entries import BadSort, ended_entry, shown_spec, sorted_ids
from atlas_services.scheduler.logs import JobLogs
from atlas_services.tracker import JobRecord


def test_secret_values_are_hidden_and_names_shown() -> None:
    environment = {"HF_TOKEN": "a", "DB_PASSWORD": "b", "MY_SECRET": "c", "API_KEY": "d", "MONKEY_COUNT": "7"}
    shown = shown_spec({"environment": environment})["environment"]
    assert shown == {**dict.fromkeys(environment, "***"), "MONKEY_COUNT": "7"}


def test_secrets_are_hidden_in_a_list_too() -> None:
    shown = shown_spec({"environment": ["HF_TOKEN=a=b", "A=1=2", "BARE"]})["environment"]
    assert shown == ["HF_TOKEN=***", "A=1=2", "BARE="]


def test_a_listed_log_is_the_end_of_it(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    with archive.open_log("job-1") as file:
        file.write(b"x" * 10_000 + b"end\n")
    record = JobRecord("job-1", "digits", JobStatus.FAILED, 1.0, cause=Cause.INVALID_SPEC)
    entry = ended_entry(record, JobLogs(archive))
    assert (len(entry["logs"]), entry["logs"][-4:]) == (4096, "end\n")
    assert "return_code" not in entry


def test_what_never_started_sorts_before_what_did() -> None:
    starts = {"a": 2.0, "b": None, "c": 1.0}
    records = [JobRecord(name, "digits", JobStatus.FAILED, 1.0, start_time=start) for name, start in starts.items()]
    assert sorted_ids(records, "start_time") == ["b", "c", "a"]
    assert sorted_ids(records, "start_time:desc") == ["a", "c", "b"]
    assert sorted_ids(records, "queued_time,job_id:desc") == ["c", "b", "a"]


@pytest.mark.parametrize("order", ["spec", "start_time:sideways", "", "start_time:asc:desc", "job_id,spec"])
def test_an_unknown_order_is_refused(order: str) -> None:
    with pytest.raises(BadSort):
        sorted_ids([], order)
