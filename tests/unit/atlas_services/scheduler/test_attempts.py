"""Further attempts of jobs that failed, and time limits."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from tests.scheduler_service import SchedulerInProcess, scheduler_in_process, wait_for

from atlas_core.jobs import JobSpec
from atlas_core.retries import Retries
from atlas_core.states import Cause, JobStatus
from atlas_services.scheduler.attempts import announcement, another_follows, pause_after
from atlas_services.scheduler.verdict import Verdict
from atlas_services.tracker import JobRecord

#: Fails until it finds, outside of its own directory, that it has been tried so many times.
FAILS_TWICE = """
import os, pathlib, sys
print("files:", sorted(os.listdir(".")))
pathlib.Path("left-behind").touch()
tries = pathlib.Path(sys.argv[1])
tries.open("a").write("x")
if len(tries.read_text()) < 3:
    raise SystemExit(7)
"""


def record(retries: Retries, **facts: object) -> JobRecord:
    spec = JobSpec(retries=retries).to_dict()
    return JobRecord("j", "p", JobStatus.RUNNING, 1.0, spec=spec, **facts)  # type: ignore[arg-type]


def failed(cause: Cause, detail: str | None = None) -> Verdict:
    return Verdict(JobStatus.FAILED, cause, detail)


def test_another_attempt_follows_as_often_as_the_job_asks_and_for_the_causes_that_it_names() -> None:
    twice = Retries(2, frozenset({Cause.OOM}))
    assert another_follows(record(twice), failed(Cause.OOM))
    assert another_follows(record(twice, attempt=2), failed(Cause.OOM))
    assert not another_follows(record(twice, attempt=3), failed(Cause.OOM))
    assert not another_follows(record(twice), failed(Cause.EXIT_CODE))
    assert not another_follows(record(twice), Verdict(JobStatus.COMPLETED))


@pytest.mark.parametrize("cause", [Cause.STOPPED_BY_USER, Cause.INVALID_SPEC])
def test_what_a_person_decided_is_not_tried_again(cause: Cause) -> None:
    assert not another_follows(record(Retries(9)), failed(cause))


def test_a_job_that_was_told_to_stop_is_not_tried_again_however_it_fails() -> None:
    assert not another_follows(record(Retries(9), stop_cause=Cause.STOPPED_BY_USER), failed(Cause.OOM))


def test_a_job_whose_retries_make_no_sense_has_one_attempt() -> None:
    job = JobRecord("j", "p", JobStatus.RUNNING, 1.0, spec={"retries": "many"})
    assert not another_follows(job, failed(Cause.OOM))


def test_pauses_grow_up_to_a_minute() -> None:
    assert [pause_after(attempt) for attempt in range(1, 9)] == [1, 2, 4, 8, 16, 32, 60, 60]
    assert pause_after(100_000) == 60


def test_the_log_says_which_attempt_failed_why_and_when_the_next_one_comes() -> None:
    line = announcement(record(Retries(3), attempt=2), failed(Cause.OOM, "the job used too much memory."))
    assert line == "Attempt 2 of 4 failed (oom: the job used too much memory); trying again in 2 s."
    assert announcement(record(Retries(1)), failed(Cause.EXIT_CODE)).startswith("Attempt 1 of 2 failed (exit_code);")


@pytest.mark.redis
def test_a_job_is_tried_from_its_bundle_until_it_succeeds(tmp_path: Path, redis_url: str) -> None:
    with scheduler_in_process(tmp_path, redis_url) as server:
        job_id = server.submit(FAILS_TWICE, command=("main.py", str(tmp_path / "tries")), retries=Retries(5))
        ended = server.ended(job_id)
        log = server.log(job_id)
    assert (ended.status, ended.attempt, ended.exit_code, ended.cause) == (JobStatus.COMPLETED, 3, 0, None)
    assert log.count("files: ['main.py']") == 3
    assert log.count("Attempt 1 of 6 failed (exit_code); trying again in 1 s.") == 1
    assert log.count("Attempt 2 of 6 failed (exit_code); trying again in 2 s.") == 1


@pytest.mark.redis
def test_a_job_that_fails_on_a_full_machine_is_tried_again_after_its_pause(tmp_path: Path, redis_url: str) -> None:
    with scheduler_in_process(tmp_path, redis_url, NUM_WORKERS="1") as server:
        job_id = server.submit(FAILS_TWICE, command=("main.py", str(tmp_path / "tries")), retries=Retries(5))
        ended = server.ended(job_id)
    assert ended.completed_time is not None
    # pauses of 1 and 2 seconds, and not the dispatcher's longest sleep
    assert ended.completed_time - ended.creation_time < 15


@pytest.mark.redis
def test_a_job_that_waits_for_its_next_attempt_shows_nothing_of_the_last_and_can_be_stopped(
    tmp_path: Path, redis_url: str
) -> None:
    with scheduler_in_process(tmp_path, redis_url) as server:
        job_id = server.submit("raise SystemExit(3)", retries=Retries(1))
        wait_for(lambda: server.record(job_id).attempt == 2)
        waiting = server.record(job_id)
        server.scheduler._lifecycle.stop(job_id, "stopped by the user")
        stopped = server.record(job_id)
    assert waiting.status is JobStatus.QUEUED
    assert (waiting.exit_code, waiting.cause, waiting.error, waiting.gpu_ids, waiting.start_time) == (None,) * 5
    assert waiting.not_before is not None
    assert 0 < waiting.not_before - time.time() <= 1
    assert (stopped.status, stopped.cause) == (JobStatus.FAILED, Cause.STOPPED_BY_USER)


@pytest.mark.redis
def test_the_pause_before_an_attempt_outlives_the_scheduler(tmp_path: Path, redis_url: str) -> None:
    with scheduler_in_process(tmp_path, redis_url) as server:
        job_id = server.submit(FAILS_TWICE, command=("main.py", str(tmp_path / "tries")), retries=Retries(5))
        wait_for(lambda: server.record(job_id).attempt == 3)
        due = server.record(job_id).not_before
    with scheduler_in_process(tmp_path, redis_url) as server:
        ended = server.ended(job_id)
    assert due is not None
    assert ended.start_time is not None
    assert due <= ended.start_time < due + 2


def limited(server: SchedulerInProcess, code: str, **spec: object) -> JobRecord:
    return server.ended(server.submit(code, time_limit=0.5, **spec))


@pytest.mark.redis
def test_a_job_ends_at_its_time_limit_even_if_it_then_ends_well(tmp_path: Path, redis_url: str) -> None:
    obeys = "import signal, sys, time; signal.signal(signal.SIGTERM, lambda *_: sys.exit(0)); time.sleep(60)"
    with scheduler_in_process(tmp_path, redis_url) as server:
        ended = limited(server, obeys)
    assert (ended.status, ended.cause) == (JobStatus.FAILED, Cause.TIMEOUT)
    assert ended.cause_detail == "it ran for longer than its time limit of 0.5 s"
    assert ended.exit_code == 0
    assert ended.start_time is not None
    assert ended.completed_time is not None
    assert 0.5 <= ended.completed_time - ended.start_time < 3


@pytest.mark.redis
def test_the_time_limit_holds_for_each_attempt_and_across_schedulers(tmp_path: Path, redis_url: str) -> None:
    with scheduler_in_process(tmp_path, redis_url, ATLAS_STOP_JOBS_ON_EXIT="0") as server:
        job_id = server.submit("import time; time.sleep(60)", time_limit=1.5, retries=Retries(1))
        wait_for(lambda: server.record(job_id).status is JobStatus.RUNNING)
        started = server.record(job_id).start_time
        server.scheduler._dispatcher.release()
        with scheduler_in_process(tmp_path, redis_url) as second:
            wait_for(lambda: second.record(job_id).attempt == 2)
            due = second.record(job_id).not_before
            ended = second.ended(job_id)
    assert started is not None
    assert due is not None
    assert 1.5 <= due - 1 - started < 4
    assert (ended.status, ended.cause, ended.attempt) == (JobStatus.FAILED, Cause.TIMEOUT, 2)
