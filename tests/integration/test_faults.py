"""Whatever is killed: every job runs once, no point is missing, none is there twice."""

from __future__ import annotations

import json
import random
import threading
from collections import Counter
from pathlib import Path

import pytest
from tests.integration.stack import RunningStack, eventually, free_port_base, running_stack

from atlas_core.states import JobStatus

pytestmark = pytest.mark.timeout(600)

JOBS = 8
POINTS = 2000
#: Deaths in the test in which anything may die at any time.
_DEATHS = 15

_TRAINING = f"""
import time
import foundations

params = foundations.load_parameters()
with open(params['ran'], 'a') as file:
    file.write(f"{{params['number']}}\\n")
for step in range({POINTS}):
    foundations.log_metric('loss', 1 / (1 + step + params['number']), step=step)
    if step % 10 == 0:
        time.sleep(0.01)
foundations.save_artifact('main.py')
print('done')
"""

_SEARCH = f"""
import os, sys
os.environ['FOUNDATIONS_COMMAND_LINE'] = 'True'
import foundations
jobs = [foundations.submit(command=['main.py'], params={{'number': n, 'ran': sys.argv[1]}}) for n in range({JOBS})]
print(*[job.job_name() for job in jobs])
"""


def search(stack: RunningStack, project: Path) -> list[str]:
    (project / "main.py").write_text(_TRAINING)
    (project / "search.py").write_text(_SEARCH)
    ran = stack.python("search.py", str(stack.home / "ran"), cwd=project)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout.splitlines()[-1].split()


def running(stack: RunningStack) -> int:
    """How many jobs run and have logged something, so that a death now hits them."""
    jobs = stack.rest.job_listing("small-project")["jobs"]
    return sum(job["status"] == "running" and bool(job["output_metrics"]) for job in jobs)


def check(stack: RunningStack, jobs: list[str]) -> None:
    """Each job completed, ran once, and has every point once, with its value."""
    eventually(lambda: all(stack.scheduler.status(job).is_finished for job in jobs), 180)
    assert [stack.scheduler.status(job) for job in jobs] == [JobStatus.COMPLETED] * JOBS
    ran = Counter((stack.home / "ran").read_text().split())
    assert ran == {str(number): 1 for number in range(JOBS)}
    for number, job in enumerate(jobs):
        series = stack.rest.series(job, "loss")
        assert series["steps"] == list(range(POINTS))
        assert series["values"] == [1 / (1 + step + number) for step in range(POINTS)]
        assert [artifact["key"] for artifact in stack.rest.job(job)["artifacts"]] == ["main.py"]


@pytest.mark.parametrize("service", ["redis", "scheduler", "rest_api", "archive", "proxy"])
def test_a_search_survives_the_death_of_a_service(tmp_path: Path, project: Path, service: str) -> None:
    with running_stack(tmp_path / "home", NUM_WORKERS="4") as stack:
        jobs = search(stack, project)
        for _ in range(3):
            eventually(lambda: running(stack))
            stack.kill(service)
        check(stack, jobs)


def test_a_search_survives_random_deaths_of_everything(tmp_path: Path, project: Path) -> None:
    killed: list[str] = []
    names = ["redis", "scheduler", "rest_api", "archive", "proxy"]
    with running_stack(tmp_path / "home", NUM_WORKERS="4") as stack:
        jobs = search(stack, project)
        stop = threading.Event()

        def kill_now_and_then() -> None:
            while not stop.wait(random.uniform(0.2, 0.6)):
                killed.append(random.choice(names))
                stack.kill(killed[-1])

        killer = threading.Thread(target=kill_now_and_then)
        killer.start()
        eventually(lambda: len(killed) >= _DEATHS, 60)
        stop.set()
        killer.join()
        check(stack, jobs)


def test_a_search_survives_the_death_of_the_whole_stack(tmp_path: Path, project: Path) -> None:
    with running_stack(tmp_path / "home", NUM_WORKERS="4") as stack:
        jobs, base = search(stack, project), stack.port_base
        eventually(lambda: running(stack))
        stack.process.kill()
        stack.process.wait()
        with running_stack(tmp_path / "home", base, NUM_WORKERS="4") as again:
            check(again, jobs)


def test_a_killed_training_keeps_every_point_that_it_logged(stack: RunningStack, project: Path) -> None:
    (project / "main.py").write_text(
        "import os, signal, foundations\n"
        "for step in range(5000): foundations.log_metric('loss', step * 0.5, step=step)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    submitted = stack.foundations("submit", "--project-name", "killed", "scheduler", str(project), "main.py")
    assert submitted.returncode == 1
    (job,) = stack.rest.job_listing("killed")["jobs"]
    assert job["status"] == "failed"
    assert stack.rest.series(job["job_id"], "loss")["steps"] == list(range(5000))


def test_what_a_job_logged_while_the_server_was_away_is_there_after_the_next_start(
    tmp_path: Path, project: Path
) -> None:
    (project / "main.py").write_text(
        "import time, foundations\n"
        "print('up', flush=True)\n"
        "time.sleep(3)\n"
        "for step in range(500): foundations.log_metric('loss', step * 0.5, step=step)\n"
    )
    home, base = tmp_path / "home", free_port_base()
    with running_stack(home, base) as stack:
        quiet = ("submit", "--json", "--stream-job-logs", "False", "scheduler", str(project), "main.py")
        job_id = json.loads(stack.foundations(*quiet).stdout)["job_id"]
        eventually(lambda: "up" in stack.scheduler.job(job_id)["logs"])
        stack.process.kill()
        stack.process.wait()
        work = home / "local_docker_scheduler" / "work_dir" / job_id
        eventually(lambda: any((work / "home" / "journal").glob("*/*")))
        with running_stack(home, base) as again:
            eventually(lambda: again.scheduler.status(job_id).is_finished)
            eventually(lambda: again.rest.job(job_id)["metrics"].get("loss", {}).get("count") == 500)
