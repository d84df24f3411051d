"""The commands that show and order the queue, against a real stack with declared GPUs."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.integration.stack import RunningStack, eventually, running_stack

pytestmark = pytest.mark.redis

_MAIN = """\
import pathlib, sys, time

print("begun", flush=True)
while not pathlib.Path(sys.argv[1]).exists():
    time.sleep(0.05)
"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStack]:
    """A stack that runs jobs as processes, with two workers and two GPUs."""
    home = tmp_path_factory.mktemp("lab") / "home"
    gpus = "0=NVIDIA A100-SXM4:80,1=NVIDIA V100:32"
    with running_stack(home, ATLAS_ENGINE="process", ATLAS_GPUS=gpus, NUM_WORKERS="2", ATLAS_STOP_GRACE="1") as stack:
        yield stack


@pytest.fixture
def jobs(lab: RunningStack, project: Path) -> Iterator[Jobs]:
    """Jobs that wait until they are let go; none is left after the test."""
    (project / "main.py").write_text(_MAIN)
    jobs = Jobs(lab, project)
    yield jobs
    jobs.clear()


class Jobs:
    """Submits jobs to the stack and asks it about them, as people do."""

    def __init__(self, stack: RunningStack, project: Path) -> None:
        self._stack = stack
        self._project = project
        self.gate = project.parent / "gate"

    def submit(self, *options: str) -> str:
        """Return the id of a new job, which runs until the gate exists."""
        words = ("--json", "--stream-job-logs", "False", *options, "scheduler", ".", "main.py", str(self.gate))
        return str(self.ask("submit", *words)["job_id"])

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        return self._stack.foundations(*words, cwd=self._project)

    def ask(self, *words: str) -> dict[str, Any]:
        """Return what a command answers as JSON."""
        ended = self.run(*words)
        assert ended.returncode == 0, ended.stdout + ended.stderr
        answer = json.loads(ended.stdout)
        assert isinstance(answer, dict)
        return answer

    def queued(self) -> list[str]:
        return [job["job_id"] for job in self.ask("queue", "--json")["jobs"]]

    def runs(self, *job_ids: str) -> None:
        """Wait until exactly these jobs run."""

        def holds() -> bool:
            jobs = self.ask("ps", "--json")["jobs"]
            return {job["job_id"] for job in jobs if job["status"] == "running"} == set(job_ids)

        eventually(holds)

    def clear(self) -> None:
        """Remove what waits, and let the others end."""
        self.run("clear-queue", "scheduler")
        self.gate.touch()
        self.runs()


def test_a_job_that_waits_for_gpus_is_explained_until_it_runs(lab: RunningStack, jobs: Jobs) -> None:
    holder = jobs.submit("--num-gpus", "1", "--gpu-model", "a100", "--time-limit", "1h", "--retries", "2")
    jobs.runs(holder)
    waiting = jobs.submit("--num-gpus", "1", "--gpu-memory", "40")
    why = jobs.ask("why", waiting, "--json")
    assert (why["status"], why["code"], why["position"]) == ("queued", "gpus", 0)
    assert holder in why["blocking"]
    said = jobs.run("queue").stdout
    assert waiting[:8] in said and "1 GPU with 40 GB" in said and f"job {holder[:8]} holds 1" in said
    (node,) = jobs.ask("nodes", "--json")["nodes"]
    assert {gpu["id"]: gpu["job"] for gpu in node["gpus"]} == {"0": holder, "1": None}
    shown = jobs.run("ps").stdout
    assert "1 x a100" in shown and "59 min" in shown and "1 of 3" in shown
    assert jobs.run("stop", "scheduler", holder[:12]).stdout == f"Stopped running job {holder}\n"
    jobs.runs(waiting)
    assert "stopped by the user" in jobs.run("why", holder).stdout
    assert "It has been running on GPU 0" in jobs.run("why", waiting[:8]).stdout


def test_jobs_wait_in_the_order_of_their_priority_and_can_be_moved(jobs: Jobs) -> None:
    jobs.runs(jobs.submit(), jobs.submit())
    usual, low, high = jobs.submit(), jobs.submit("--priority", "-1"), jobs.submit("--priority", "5")
    assert jobs.queued() == [high, usual, low]
    moved = jobs.run("queue", "move", low[:12], "--first")
    assert moved.stdout == f"Job {low} is now at position 0 of the queue\n"
    assert jobs.queued() == [low, high, usual]
    jobs.run("queue", "scheduler", "move", high, "--after", usual)
    assert jobs.queued() == [low, usual, high]
    assert jobs.ask("queue", "move", high, "--to", "1", "--json") == {"job_id": high, "position": 1}
    jobs.run("queue", "move", low, "--last")
    assert jobs.queued() == [high, usual, low]


def test_what_cannot_be_moved_is_told_in_a_sentence(jobs: Jobs) -> None:
    running = jobs.submit()
    jobs.runs(running)
    ended = jobs.run("queue", "move", running, "--first")
    assert ended.returncode == 1
    assert f"Job `{running}` is running" in ended.stdout and ended.stdout.count("\n") == 1
    assert "does not exist" in jobs.run("why", "no-such-job").stdout


def test_a_watch_tells_each_change(lab: RunningStack, jobs: Jobs) -> None:
    command = [sys.executable, "-m", "foundations", "queue", "--json", "--watch"]
    with subprocess.Popen(command, env=lab.environment, stdout=subprocess.PIPE, text=True) as watch:
        try:
            assert watch.stdout is not None
            assert json.loads(watch.stdout.readline())["jobs"] == []
            jobs.runs(jobs.submit(), jobs.submit())
            waiting = jobs.submit()
            seen = [json.loads(watch.stdout.readline())]
            while [job["job_id"] for job in seen[-1]["jobs"]] != [waiting]:
                seen.append(json.loads(watch.stdout.readline()))
        finally:
            watch.kill()


def test_a_submission_says_what_its_job_waits_for_before_it_runs(lab: RunningStack, jobs: Jobs, project: Path) -> None:
    first, second = jobs.submit(), jobs.submit()
    jobs.runs(first, second)
    command = [sys.executable, "-m", "foundations", "submit", "scheduler", ".", "main.py", str(jobs.gate)]
    with subprocess.Popen(command, env=lab.environment, cwd=project, stdout=subprocess.PIPE, text=True) as submission:
        try:
            assert submission.stdout is not None
            said = ""
            for line in submission.stdout:
                said += line
                if "Waiting: All 2 workers are busy." in line:
                    jobs.gate.touch()
            assert submission.wait(60) == 0
        finally:
            submission.kill()
    lines = [line.removeprefix("Foundations INFO: ") for line in said.splitlines()]
    told = [place for place, line in enumerate(lines) if line.startswith("Waiting: ")]
    assert told and max(told) < lines.index("Job running, streaming logs.") < lines.index("begun")
    assert "has completed" in lines[-1]


def test_the_status_of_the_stack_names_engine_workers_and_gpus(lab: RunningStack) -> None:
    ended = lab.run("atlas-server", "status", "--json")
    facts = json.loads(ended.stdout)
    assert (facts["engine"], facts["workers"]) == ("process", 2)
    assert [(gpu["id"], gpu["model"], gpu["memory"]) for gpu in facts["gpus"]] == [
        ("0", "NVIDIA A100-SXM4", 80.0),
        ("1", "NVIDIA V100", 32.0),
    ]
    words = "2 jobs can run at a time as processes, on 1 x NVIDIA A100-SXM4, 1 x NVIDIA V100."
    assert words in lab.run("atlas-server", "status").stdout


def test_more_gpus_than_there_are_are_refused_at_once(jobs: Jobs) -> None:
    more = jobs.run("submit", "--num-gpus", "3", "scheduler", ".", "main.py")
    assert more.returncode == 1
    assert "num_gpus: the job expects to use more GPUs (3) than available (2)" in more.stdout
