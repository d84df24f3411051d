"""Reading logs."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from atlas_core.log_frames import UnfinishedLine
from atlas_services.scheduler import logs
from atlas_services.scheduler.archive import Archive
from atlas_services.scheduler.logs import JobLogs


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path)


def write(archive: Archive, content: bytes) -> None:
    with archive.open_log("job-1") as file:
        file.write(content)


def test_there_is_no_log_before_a_job_writes(archive: Archive) -> None:
    job_logs = JobLogs(archive)
    assert (job_logs.size("job-1"), job_logs.text("job-1")) == (None, "")


def test_bytes_that_are_no_text_are_replaced(archive: Archive) -> None:
    write(archive, b"\xffab\n")
    assert JobLogs(archive).text("job-1") == "\ufffdab\n"
    assert JobLogs(archive).tail("job-1", 2) == "b\n"


def test_following_yields_what_is_there_and_then_what_comes(archive: Archive) -> None:
    write(archive, b"first\n")
    finished = threading.Event()
    stream: Iterator[bytes] = JobLogs(archive).follow("job-1", 2, finished.is_set)
    assert next(stream) == b"rst\n"
    write(archive, b"second\n")
    finished.set()
    assert list(stream) == [b"second\n"]


def test_following_a_job_that_has_not_begun_waits_for_it(archive: Archive) -> None:
    answers = iter([False, False, True])

    def finished() -> bool:
        if (answer := next(answers)) is True:
            write(archive, b"late\n")
        return answer

    assert list(JobLogs(archive).follow("job-1", 0, finished)) == [b"late\n"]


def test_following_ends_after_a_long_silence(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "LOG_SILENCE", 0.05)
    write(archive, b"x")
    assert list(JobLogs(archive).follow("job-1", 0, lambda: False)) == [b"x"]


def test_long_logs_come_in_pieces(archive: Archive) -> None:
    write(archive, b"a" * 200_000)
    pieces = list(JobLogs(archive).chunks("job-1", 1, 150_000))
    assert (len(pieces), sum(map(len, pieces))) == (3, 149_999)


def test_of_a_very_long_log_the_end_is_text(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "_LONGEST_TEXT", 10)
    write(archive, b"left out\nlast line\n")
    job_logs = JobLogs(archive)
    assert job_logs.text("job-1") == (
        "[The first 9 bytes are left out here; GET /api/v3/jobs/job-1/log has all.]\nlast line\n"
    )


def test_behind_the_log_comes_the_line_that_is_not_finished_each_time_that_it_changes(archive: Archive) -> None:
    lines, looks = iter([b"\r 10%", b"\r 10%", b"\r 20%", b""]), iter([False] * 4 + [True])
    write(archive, b"first\n")

    def line() -> bytes:
        return next(lines)

    parts = list(JobLogs(archive).follow("job-1", 0, lambda: next(looks), line))
    assert parts == [b"first\n", b"\r 10%", b"\r 20%", b""]
    assert [isinstance(part, UnfinishedLine) for part in parts] == [False, True, True, True]


def test_a_line_that_stays_unfinished_comes_again_behind_what_was_written_meanwhile(archive: Archive) -> None:
    finished = threading.Event()
    stream = JobLogs(archive).follow("job-1", 0, finished.is_set, lambda: b"\r 10%")
    assert next(stream) == b"\r 10%"
    write(archive, b"half\n")
    assert [next(stream), next(stream)] == [b"half\n", b"\r 10%"]
    finished.set()
    assert list(stream) == []
