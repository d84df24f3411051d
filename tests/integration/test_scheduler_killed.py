"""A scheduler that is killed at any moment: the next one finds every job, runs none twice, loses none."""

from __future__ import annotations

import collections
import os
import random
import signal
import time
import uuid
from contextlib import ExitStack
from pathlib import Path

import pytest
from tests.redis_server import free_port, running_redis
from tests.scheduler_service import kill_group, packed_project, scheduler_process, settings_for, wait_for

from atlas_core.client import Connection, SchedulerClient
from atlas_core.jobs import JobSpec, Submission
from atlas_core.states import Cause, JobStatus
from atlas_services.process_life import birth_of
from atlas_services.scheduler.engines.workspace import Workspace
from atlas_services.tracker import Tracker, keys, open_tracker

pytestmark = pytest.mark.redis

_CODE = """
import os, sys, time
with open(sys.argv[1], "a") as file:
    file.write(os.environ["FOUNDATIONS_JOB_ID"] + "\\n")
time.sleep(float(sys.argv[2]))
"""


def submit(client: SchedulerClient, directory: Path, code: str, *arguments: str) -> str:
    bundle_id, content = packed_project(directory, {"main.py": code})
    if not client.has_bundle(bundle_id):
        (directory / "bundle").write_bytes(content)
        with (directory / "bundle").open("rb") as file:
            client.upload_bundle(bundle_id, file)
    spec = JobSpec(bundle_id=bundle_id, command=("main.py", *arguments))
    return client.submit(Submission(str(uuid.uuid4()), "digits", "ada", spec))


def statuses(tracker: Tracker, jobs: list[str]) -> collections.Counter[JobStatus]:
    return collections.Counter(record.status for record in tracker.jobs.records(jobs))


def is_waited_for(lock: Path) -> bool:
    """Whether some process waits for the lock on this file."""
    waiting = [line for line in Path("/proc/locks").read_text().splitlines() if "->" in line]
    return any(f":{lock.stat().st_ino} " in line for line in waiting)


def test_each_of_thirty_jobs_runs_exactly_once_while_schedulers_are_killed(tmp_path: Path, redis_url: str) -> None:
    seed = random.randrange(2**32)
    chance, port, ran = random.Random(seed), free_port(), tmp_path / "ran"
    tracker, jobs = open_tracker(redis_url), []
    with scheduler_process(tmp_path / "home", redis_url, port, NUM_WORKERS="4") as (process, url):
        client = SchedulerClient(Connection(url))
        jobs = [submit(client, tmp_path, _CODE, str(ran), str(chance.uniform(0, 0.2))) for _ in range(30)]
        time.sleep(chance.uniform(0, 0.1))
        kill_group(process)
    for _ in range(6):
        with scheduler_process(tmp_path / "home", redis_url, port, NUM_WORKERS="4") as (process, _):
            time.sleep(chance.uniform(0, 0.3))
            kill_group(process)
    with scheduler_process(tmp_path / "home", redis_url, port, NUM_WORKERS="4"):
        wait_for(lambda: all(record.status.is_finished for record in tracker.jobs.records(jobs)), 60)
        work_root = tmp_path / "home" / "local_docker_scheduler" / "work_dir"
        wait_for(lambda: list(work_root.iterdir()) == [])
    assert statuses(tracker, jobs) == {JobStatus.COMPLETED: 30}, f"seed {seed}"
    assert sorted(ran.read_text().split()) == sorted(jobs), f"seed {seed}"
    tracker.close()


def test_the_worker_alone_is_killed_and_its_successor_goes_on(tmp_path: Path, redis_url: str) -> None:
    tracker, ran = open_tracker(redis_url), tmp_path / "ran"
    with scheduler_process(tmp_path / "home", redis_url, NUM_WORKERS="4") as (process, url):
        client = SchedulerClient(Connection(url))
        jobs = [submit(client, tmp_path, _CODE, str(ran), "0.1") for _ in range(12)]
        for _ in range(2):
            worker = int(Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()[0])
            os.kill(worker, signal.SIGKILL)
            time.sleep(0.4)
        wait_for(lambda: all(record.status.is_finished for record in tracker.jobs.records(jobs)), 30)
    assert statuses(tracker, jobs) == {JobStatus.COMPLETED: 12}
    assert sorted(ran.read_text().split()) == sorted(jobs)
    tracker.close()


def test_a_job_whose_entrypoint_is_killed_is_closed_as_lost(tmp_path: Path, redis_url: str) -> None:
    tracker, home = open_tracker(redis_url), tmp_path / "home"
    with scheduler_process(home, redis_url) as (process, url):
        job_id = submit(SchedulerClient(Connection(url)), tmp_path, "import time; time.sleep(60)")
        workspace = Workspace(settings_for(home, redis_url).work_root / job_id)
        wait_for(lambda: (workspace.path / "started").exists())
        kill_group(process)
    taker = workspace.taker()
    assert taker is not None
    os.killpg(taker.pid, signal.SIGKILL)
    wait_for(lambda: birth_of(taker.pid) is None)
    with scheduler_process(home, redis_url):
        wait_for(lambda: tracker.jobs.get(job_id).status.is_finished)
    assert tracker.jobs.get(job_id).cause is Cause.ENGINE_LOST
    tracker.close()


def test_a_stop_that_was_begun_is_finished_by_the_next_scheduler(tmp_path: Path, redis_url: str) -> None:
    tracker, home = open_tracker(redis_url), tmp_path / "home"
    code = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf'); time.sleep(60)"
    with scheduler_process(home, redis_url, ATLAS_STOP_GRACE="3") as (process, url):
        client = SchedulerClient(Connection(url))
        job_id = submit(client, tmp_path, code)
        wait_for(lambda: "deaf" in client.job(job_id)["logs"])
        client.cancel(job_id)
        kill_group(process)
    assert not tracker.jobs.get(job_id).status.is_finished
    with scheduler_process(home, redis_url, ATLAS_STOP_GRACE="0.2"):
        wait_for(lambda: tracker.jobs.get(job_id).status.is_finished)
    record = tracker.jobs.get(job_id)
    assert (record.cause, record.exit_code) == (Cause.STOPPED_BY_USER, 137)
    tracker.close()


@pytest.mark.parametrize(("setting", "status"), [("1", JobStatus.FAILED), ("0", JobStatus.RUNNING)])
def test_a_clean_stop_ends_the_jobs_or_lets_them_run_as_it_is_told(
    tmp_path: Path, redis_url: str, setting: str, status: JobStatus
) -> None:
    tracker, home = open_tracker(redis_url), tmp_path / "home"
    with scheduler_process(home, redis_url, ATLAS_STOP_JOBS_ON_EXIT=setting, ATLAS_STOP_GRACE="1") as (process, url):
        client = SchedulerClient(Connection(url))
        job_id = submit(client, tmp_path, "import time; print('up'); time.sleep(60)")
        wait_for(lambda: "up" in client.job(job_id)["logs"])
        began = time.monotonic()
        process.terminate()
        assert process.wait(10) == 0
        assert time.monotonic() - began < 1 + 3 + 1
    record = tracker.jobs.get(job_id)
    assert record.status is status
    if status is JobStatus.FAILED:
        assert (record.cause, record.cause_detail) == (Cause.STOPPED_BY_USER, "the server was shut down")
    else:
        with scheduler_process(home, redis_url, ATLAS_STOP_JOBS_ON_EXIT="1", ATLAS_STOP_GRACE="1") as (process, _):
            process.terminate()
            process.wait(10)
        assert tracker.jobs.get(job_id).status is JobStatus.FAILED
    tracker.close()


def test_a_second_scheduler_waits_until_the_first_is_gone(tmp_path: Path, redis_url: str) -> None:
    tracker, home, ran = open_tracker(redis_url), tmp_path / "home", tmp_path / "ran"
    with (
        scheduler_process(home, redis_url, NUM_WORKERS="0") as (first, _),
        scheduler_process(home, redis_url) as (_, url),
    ):
        job_id = submit(SchedulerClient(Connection(url)), tmp_path, _CODE, str(ran), "0")
        wait_for(lambda: is_waited_for(home / "server" / "scheduler.lock"))
        assert tracker.jobs.get(job_id).status is JobStatus.QUEUED
        kill_group(first)
        wait_for(lambda: tracker.jobs.get(job_id).status is JobStatus.COMPLETED)
    tracker.close()


def test_jobs_outlive_a_redis_that_is_killed_and_comes_back(tmp_path: Path) -> None:
    port, ran, data = free_port(), tmp_path / "ran", tmp_path / "redis"
    data.mkdir()
    with ExitStack() as first:
        url = first.enter_context(running_redis(data, port))
        with scheduler_process(tmp_path / "home", url, NUM_WORKERS="4") as (_, address):
            client = SchedulerClient(Connection(address))
            jobs = [submit(client, tmp_path, _CODE, str(ran), "0.3") for _ in range(12)]
            first.close()  # while four run and eight wait
            time.sleep(0.5)
            with running_redis(data, port):
                tracker = open_tracker(url)
                wait_for(lambda: all(record.status.is_finished for record in tracker.jobs.records(jobs)), 60)
                assert statuses(tracker, jobs) == {JobStatus.COMPLETED: 12}
                assert sorted(ran.read_text().split()) == sorted(jobs)
                tracker.close()


def test_a_paused_leader_is_overtaken_and_does_nothing_when_it_goes_on(tmp_path: Path, redis_url: str) -> None:
    tracker, home, ran = open_tracker(redis_url), tmp_path / "home", tmp_path / "ran"

    def term() -> int:
        return int(tracker.client.get(keys.TERM))

    with (
        scheduler_process(home, redis_url, NUM_WORKERS="3") as (first, first_url),
        scheduler_process(home, redis_url, NUM_WORKERS="3") as (second, second_url),
    ):
        client = SchedulerClient(Connection(first_url))
        jobs = [submit(client, tmp_path, _CODE, str(ran), "0.2") for _ in range(20)]
        wait_for(lambda: statuses(tracker, jobs)[JobStatus.COMPLETED] >= 3)
        os.killpg(first.pid, signal.SIGSTOP)
        wait_for(lambda: term() == 2, 30)
        wait_for(lambda: statuses(tracker, jobs)[JobStatus.COMPLETED] >= 10)
        os.killpg(first.pid, signal.SIGCONT)
        jobs += [submit(SchedulerClient(Connection(second_url)), tmp_path, _CODE, str(ran), "0.2") for _ in range(10)]
        wait_for(lambda: statuses(tracker, jobs)[JobStatus.COMPLETED] == 30, 30)
        assert term() == 2
        wait_for(lambda: is_waited_for(home / "server" / "scheduler.lock"))
        kill_group(second)
        jobs.append(submit(client, tmp_path, _CODE, str(ran), "0"))
        wait_for(lambda: statuses(tracker, jobs)[JobStatus.COMPLETED] == 31)
        assert term() == 3
    assert sorted(ran.read_text().split()) == sorted(jobs)
    tracker.close()


def test_a_scheduler_elsewhere_takes_over_and_the_one_that_was_paused_dispatches_nothing(
    tmp_path: Path, redis_url: str
) -> None:
    tracker, ran = open_tracker(redis_url), tmp_path / "ran"
    with (
        scheduler_process(tmp_path / "here", redis_url, NUM_WORKERS="2") as (first, _),
        scheduler_process(tmp_path / "elsewhere", redis_url, NUM_WORKERS="2") as (_, url),
    ):
        wait_for(lambda: tracker.lease.holder() is not None)
        os.killpg(first.pid, signal.SIGSTOP)
        client = SchedulerClient(Connection(url))
        jobs = [submit(client, tmp_path, _CODE, str(ran), "0.3") for _ in range(8)]
        wait_for(lambda: statuses(tracker, jobs)[JobStatus.RUNNING] > 0, 30)
        os.killpg(first.pid, signal.SIGCONT)
        wait_for(lambda: statuses(tracker, jobs)[JobStatus.COMPLETED] == 8, 30)
    assert sorted(ran.read_text().split()) == sorted(jobs)
    tracker.close()
