"""Many jobs in containers while schedulers are killed: each runs once and ends once."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from tests.docker_engine import containers_of, network_of_jobs, remove_containers, require_docker
from tests.integration.test_docker_engine import submit
from tests.scheduler_service import scheduler_process, settings_for, wait_for

from atlas_core.client import Connection, SchedulerClient
from atlas_core.states import JobStatus
from atlas_services.tracker import keys, open_tracker

pytestmark = [pytest.mark.redis, pytest.mark.docker, pytest.mark.timeout(400)]

JOBS, KILLS = 200, 20
_UNFINISHED = (JobStatus.QUEUED, JobStatus.PENDING, JobStatus.RUNNING)
#: Leaves one line in the job's log, after a while; no Python, so that the time goes into what is tested.
_SCRIPT = "sleep 0.$0; echo ran"


def test_each_of_two_hundred_jobs_runs_once_while_schedulers_are_killed(tmp_path: Path, redis_url: str) -> None:
    seed = random.randrange(2**32)
    chance, docker = random.Random(seed), require_docker()
    home, tracker = tmp_path / "home", open_tracker(redis_url)
    with network_of_jobs(docker) as network, ExitStack() as remains:
        variables: dict[str, Any] = {"ATLAS_ENGINE": "docker", "ATLAS_JOB_NETWORK": network, "NUM_WORKERS": "6"}
        run = partial(scheduler_process, home, redis_url, None, **variables)
        remains.callback(remove_containers, docker, home)
        with run() as (_, url):
            client = SchedulerClient(Connection(url))
            jobs = [
                submit(client, tmp_path, "", entrypoint=("/bin/sh", "-c", _SCRIPT, str(chance.randrange(10))))
                for _ in range(JOBS)
            ]
        for _ in range(KILLS - 1):
            with run():
                time.sleep(chance.uniform(0, 2))
        with run():
            wait_for(lambda: not any(tracker.jobs.ids_in(status) for status in _UNFINISHED), 300)
            wait_for(lambda: containers_of(docker, home) == [], 30)
    docker.close()
    archive = settings_for(home, redis_url).archive_root
    ends = Counter((record.status, record.cause_detail) for record in tracker.jobs.records(jobs))
    assert ends == {(JobStatus.COMPLETED, None): JOBS}, f"seed {seed}"
    logs = [(archive / job_id / "logs" / "output.log").read_text() for job_id in jobs]
    assert logs == ["ran\n"] * JOBS, f"seed {seed}"
    tracker.close()


_LINES = 1500
_TALKATIVE = f"i=0; while [ $i -lt {_LINES} ]; do echo line $i; i=$((i+1)); sleep 0.01; done"


def test_a_paused_leader_that_goes_on_doubles_no_output(tmp_path: Path, redis_url: str) -> None:
    docker, home, tracker = require_docker(), tmp_path / "home", open_tracker(redis_url)
    with network_of_jobs(docker) as network, ExitStack() as remains:
        variables: dict[str, Any] = {"ATLAS_ENGINE": "docker", "ATLAS_JOB_NETWORK": network}
        run = partial(scheduler_process, home, redis_url, None, **variables)
        remains.callback(remove_containers, docker, home)
        with run() as (first, url), run():
            job = submit(SchedulerClient(Connection(url)), tmp_path, "", entrypoint=("/bin/sh", "-c", _TALKATIVE))
            log = settings_for(home, redis_url).archive_root / job / "logs" / "output.log"
            wait_for(lambda: log.exists() and b"line 50\n" in log.read_bytes(), 60)
            os.killpg(first.pid, signal.SIGSTOP)
            wait_for(lambda: int(tracker.client.get(keys.TERM)) == 2, 30)
            length = log.stat().st_size
            wait_for(lambda: log.stat().st_size > length + 1000, 40)
            os.killpg(first.pid, signal.SIGCONT)
            wait_for(lambda: tracker.jobs.get(job).status is JobStatus.COMPLETED, 60)
    docker.close()
    tracker.close()
    assert log.read_text().splitlines() == [f"line {number}" for number in range(_LINES)]
