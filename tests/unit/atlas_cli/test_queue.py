"""The commands that show what waits, what runs and on what, against a scheduler over HTTP."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest
from tests.unit.atlas_cli.conftest import Foundations
from tests.unit.atlas_cli.scheduler_double import Job, SchedulerDouble

_FIRST = "0d5c9a1e-3c1f-4b7a-8f61-2f1f6f0f9a11"
_SECOND = "0d5c77e2-3c1f-4b7a-8f61-2f1f6f0f9a11"
_RUNNING = "7f2a1c00-3c1f-4b7a-8f61-2f1f6f0f9a11"


def waiting(job_id: str = _FIRST, **changes: Any) -> dict[str, Any]:
    job = {
        "position": 0,
        "job_id": job_id,
        "project": "digits",
        "user": "CE User",
        "priority": 0,
        "resources": {"num_gpus": 2, "ram": 16.0, "cpus": None, "gpu_model": "A100"},
        "since": time.time() - 200,
        "code": "gpus",
        "reason": f"It needs 2 GPUs; 1 of 2 GPUs is free (job {_RUNNING} holds 1).",
        "blocking": [_RUNNING],
        "promised_start": None,
    }
    return {**job, **changes}


def active(job_id: str = _RUNNING, **changes: Any) -> dict[str, Any]:
    now = time.time()
    job = {
        "job_id": job_id,
        "project": "digits",
        "user": "ada",
        "status": "running",
        "resources": {"num_gpus": 1, "ram": None, "cpus": None},
        "attempt": 2,
        "attempts": 4,
        "since": now - 5000,
        "started": now - 4000,
        "gpus": ["0"],
        "ends_by": now + 3030,
        "time_left": 3030.0,
    }
    return {**job, **changes}


def node(**changes: Any) -> dict[str, Any]:
    gpu = {"id": "0", "model": "A100", "memory": 80.0, "job": _RUNNING, "utilization": 97.2, "memory_used": 61.24}
    free = {"id": "GPU-5d8a4c21-9f3e-4b7a", "model": "A100", "memory": 80.0, "job": None}
    facts = {
        "name": "lab",
        "engine": "process",
        "leader": True,
        "slots": 4,
        "slots_used": 1,
        "cpus": 16.0,
        "cpus_used": 2.0,
        "ram": 125.6,
        "ram_used": 16.0,
        "gpus": [gpu, {**free, "utilization": None, "memory_used": None}],
        "jobs": [_RUNNING],
    }
    return {**facts, **changes}


@pytest.fixture
def queue(scheduler: SchedulerDouble) -> SchedulerDouble:
    """A scheduler with two jobs that wait and one that runs."""
    second = waiting(_SECOND, position=1, resources={"num_gpus": 0}, reason="1 job stands before it.", blocking=[])
    scheduler.answers = {
        "queue": [{"total": 2, "jobs": [waiting(), second]}],
        "running": [{"jobs": [active()]}],
        "nodes": [{"nodes": [node()]}],
    }
    scheduler.jobs = {_FIRST: Job("queued"), _SECOND: Job("queued"), _RUNNING: Job("running")}
    return scheduler


def words_of(line: str) -> list[str]:
    return [word.strip() for word in line.split("  ") if word.strip()]


class TestQueue:
    """`foundations queue`."""

    def test_each_job_is_shown_with_its_needs_and_what_it_waits_for(
        self, foundations: Foundations, queue: SchedulerDouble
    ) -> None:
        lines = foundations("queue").out.splitlines()
        assert words_of(lines[0]) == ["#", "job", "project", "needs", "waits", "because"]
        reason = "It needs 2 GPUs; 1 of 2 GPUs is free (job 7f2a1c00 holds 1)."
        assert words_of(lines[2]) == ["0", "0d5c9a1e", "digits", "2 x A100, 16 GB RAM", "3 min", reason]
        assert words_of(lines[3]) == ["1", "0d5c77e2", "digits", "3 min", "1 job stands before it."]

    def test_a_user_or_a_priority_is_shown_where_there_is_one(
        self, foundations: Foundations, scheduler: SchedulerDouble
    ) -> None:
        scheduler.answers["queue"] = [{"total": 3, "jobs": [waiting(user="ada", priority=-5)]}]
        lines = foundations("queue", "scheduler").out.splitlines()
        assert words_of(lines[0])[:5] == ["#", "job", "project", "user", "prio"]
        assert words_of(lines[2])[3:5] == ["ada", "-5"]
        assert lines[3] == "... and 2 more jobs; --limit shows them."

    def test_of_an_empty_queue_the_next_step_is_named(
        self, foundations: Foundations, scheduler: SchedulerDouble
    ) -> None:
        scheduler.answers["queue"] = [{"total": 0, "jobs": []}]
        assert foundations("queue").out.startswith("Nothing waits. `foundations ps` shows what runs")

    def test_json_is_what_the_server_says(self, foundations: Foundations, queue: SchedulerDouble) -> None:
        for words in (["--json"], ["scheduler", "--json"], ["--json", "scheduler", "--limit", "5"]):
            assert json.loads(foundations("queue", *words).out) == queue.answers["queue"][0]
        assert [query for path, query in queue.asked if path == "/api/v3/queue"] == [
            "limit=100",
            "limit=100",
            "limit=5",
        ]

    def test_without_a_configuration_or_a_server_one_sentence_says_so(
        self, foundations: Foundations, queue: SchedulerDouble
    ) -> None:
        assert foundations("queue", "staging").out.startswith("Could not find submission configuration")
        ended = foundations("queue", "nowhere")
        assert (ended.code, ended.out.count("\n")) == (1, 1)


class TestMove:
    """`foundations queue move`."""

    @pytest.mark.parametrize(
        ("words", "place"),
        [
            (["--first"], {"position": 0}),
            (["--last"], {"position": 2**31 - 1}),
            (["--to", "3"], {"position": 3}),
            (["--to", "0"], {"position": 0}),
            (["--before", "0d5c77"], {"before": _SECOND}),
            (["--after", _SECOND], {"after": _SECOND}),
        ],
    )
    def test_a_job_goes_where_it_is_told(
        self, foundations: Foundations, queue: SchedulerDouble, words: list[str], place: dict[str, Any]
    ) -> None:
        ended = foundations("queue", "move", "0d5c9", *words)
        assert (ended.code, ended.out) == (0, f"Job {_FIRST} is now at position 1 of the queue\n")
        assert queue.moves == [(_FIRST, place)]

    def test_the_configuration_may_stand_before(self, foundations: Foundations, queue: SchedulerDouble) -> None:
        ended = foundations("queue", "scheduler", "move", _FIRST, "--first", "--json")
        assert json.loads(ended.out) == {"job_id": _FIRST, "position": 1}

    @pytest.mark.parametrize("words", [[], ["--first", "--last"], ["--to", "-1"], ["--to", "1", "--before", "0d5c77"]])
    def test_anything_but_one_place_is_a_usage_error(
        self, foundations: Foundations, queue: SchedulerDouble, words: list[str]
    ) -> None:
        assert foundations("queue", "move", _FIRST, *words).code == 2
        assert queue.moves == []


class TestNames:
    """Jobs are called by the beginning of their ids."""

    def test_a_beginning_of_two_jobs_names_neither(self, foundations: Foundations, queue: SchedulerDouble) -> None:
        ended = foundations("queue", "move", "0d5c", "--first")
        assert ended.code == 1
        assert ended.out.startswith("Error: `0d5c` is the beginning of several jobs: 0d5c77e2")

    @pytest.mark.parametrize("name", ["0d5", "0d5c9a1e-3c1f-4b7a-8f61-2f1f6f0f9a12"])
    def test_too_short_or_unknown_a_name_is_no_job(
        self, foundations: Foundations, queue: SchedulerDouble, name: str
    ) -> None:
        ended = foundations("why", name)
        assert (ended.code, ended.out) == (1, f"Error: Job `{name}` does not exist for environment `scheduler`\n")

    def test_a_job_that_has_ended_is_called_by_its_beginning_too(
        self, foundations: Foundations, scheduler: SchedulerDouble
    ) -> None:
        scheduler.jobs["beef4711-0"] = Job("completed", "one\n")
        assert foundations("logs", "beef").out == "one\n"
        assert foundations("delete", "job", "scheduler", "beef").out == "Job beef4711-0 successfully deleted\n"

    def test_a_running_job_is_stopped_by_the_beginning_of_its_id(
        self, foundations: Foundations, queue: SchedulerDouble
    ) -> None:
        assert foundations("stop", "scheduler", "7f2a").out == f"Stopped running job {_RUNNING}\n"


class TestPs:
    """`foundations ps`."""

    def test_each_job_is_shown_with_what_it_holds(self, foundations: Foundations, queue: SchedulerDouble) -> None:
        preparing = active(_FIRST, status="pending", started=None, ends_by=None, attempts=1, gpus=[])
        queue.answers["running"] = [{"jobs": [active(), preparing]}]
        lines = foundations("ps").out.splitlines()
        assert words_of(lines[0]) == ["job", "project", "user", "state", "for", "time left", "attempt", "GPUs", "needs"]
        assert words_of(lines[2]) == [
            *("7f2a1c00", "digits", "ada", "running", "1 h", "50 min", "2 of 4", "0", "1 GPU"),
        ]
        assert words_of(lines[3]) == ["0d5c9a1e", "digits", "ada", "pending", "1 GPU"]

    def test_when_nothing_runs_the_next_step_is_named(
        self, foundations: Foundations, scheduler: SchedulerDouble
    ) -> None:
        scheduler.answers["running"] = [{"jobs": []}]
        assert foundations("ps").out.startswith("Nothing runs. `foundations queue` shows what waits")
        assert json.loads(foundations("ps", "--json").out) == {"jobs": []}


class TestNodes:
    """`foundations nodes`."""

    def test_the_machine_and_its_gpus_are_shown(self, foundations: Foundations, queue: SchedulerDouble) -> None:
        lines = foundations("nodes").out.splitlines()
        assert words_of(lines[0]) == ["node", "jobs run as", "jobs", "GPUs", "CPUs", "RAM"]
        assert words_of(lines[2]) == ["lab", "processes", "1 of 4", "1 of 2", "2 of 16", "16 of 125.6 GB"]
        assert words_of(lines[4]) == ["GPU", "model", "memory", "used", "load", "job"]
        assert words_of(lines[6]) == ["0", "A100", "80 GB", "61.2 GB", "97 %", "7f2a1c00"]
        assert words_of(lines[7]) == ["GPU-5d8a4c21", "A100", "80 GB", "free"]

    def test_a_machine_without_gpus_has_no_table_of_them(
        self, foundations: Foundations, scheduler: SchedulerDouble
    ) -> None:
        scheduler.answers["nodes"] = [{"nodes": [node(gpus=[], cpus=None, ram=None, leader=False)]}]
        lines = foundations("nodes").out.splitlines()
        assert words_of(lines[0]) == ["node", "jobs run as", "jobs", "dispatch"]
        assert words_of(lines[2]) == ["lab", "processes", "1 of 4", "stands by"]
        assert len(lines) == 3


class TestWhy:
    """`foundations why`."""

    @pytest.mark.parametrize("words", [["0d5c9"], ["scheduler", _FIRST]])
    def test_the_reason_is_given_in_sentences(
        self, foundations: Foundations, queue: SchedulerDouble, words: list[str]
    ) -> None:
        queue.answers[f"jobs/{_FIRST}/why"] = [{**waiting(), "status": "queued", "position": 0}]
        said = foundations("why", *words).out
        assert said.startswith(f"Job {_FIRST} is queued, at position 0 of the queue.\nIt needs 2 GPUs; ")

    def test_json_is_what_the_server_says(self, foundations: Foundations, queue: SchedulerDouble) -> None:
        facts = {"job_id": _RUNNING, "status": "running", "position": None, "reason": "It has been running."}
        queue.answers[f"jobs/{_RUNNING}/why"] = [facts]
        assert json.loads(foundations("why", _RUNNING, "--json").out) == facts
        assert foundations("why", "a", "b", "c").code == 2


@pytest.fixture
def watching() -> Iterator[Any]:
    """Starts `foundations` with the given words; Ctrl-C ends it, and it says nothing about that."""
    runs: list[subprocess.Popen[str]] = []

    def watch(*words: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", "from atlas_cli.main import run; run()", *words]
        run = subprocess.Popen(
            command, env=os.environ.copy(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        runs.append(run)
        return run

    yield watch
    for run in runs:
        run.kill()
        run.communicate()


class TestWatch:
    """`--watch`."""

    def test_with_json_each_change_is_one_line(self, queue: SchedulerDouble, watching: Any) -> None:
        first = {"total": 1, "jobs": [waiting()]}
        empty: dict[str, Any] = {"total": 0, "jobs": []}
        queue.answers["queue"] = [first, first, empty]
        run = watching("queue", "--json", "--watch")
        assert json.loads(run.stdout.readline()) == first
        assert json.loads(run.stdout.readline()) == empty
        run.send_signal(signal.SIGINT)
        said, complaint = run.communicate(timeout=30)
        assert (said, complaint.strip()) == ("", "")
        assert run.returncode == 130

    def test_that_time_passes_is_no_change(self, queue: SchedulerDouble, watching: Any) -> None:
        job = active()
        queue.answers["running"] = [{"jobs": [{**job, "time_left": left}]} for left in (3.0, 2.0)] + [{"jobs": []}]
        run = watching("ps", "--watch")
        assert [run.stdout.readline()[:3] for _ in range(3)] == ["job", "───", "7f2"]
        assert run.stdout.readline().startswith("Nothing runs.")

    def test_a_server_that_goes_away_is_waited_for(self, queue: SchedulerDouble, watching: Any) -> None:
        facts = queue.answers["nodes"][0]
        run = watching("nodes", "--json", "--watch")
        assert json.loads(run.stdout.readline()) == facts
        queue.answers["nodes"] = [{"nodes": []}]
        assert json.loads(run.stdout.readline()) == {"nodes": []}

    def test_on_a_terminal_it_is_redrawn_in_place(self, queue: SchedulerDouble) -> None:
        ours, theirs = pty.openpty()
        command = [sys.executable, "-c", "from atlas_cli.main import run; run()", "nodes", "-w"]
        environment = {**os.environ, "COLUMNS": "80", "LINES": "24", "TERM": "xterm"}
        with subprocess.Popen(command, env=environment, stdout=theirs, stderr=subprocess.PIPE, text=True) as run:
            os.close(theirs)
            try:
                said = _read_until(ours, "7f2a1c00")
                queue.answers["nodes"] = [{"nodes": [node(gpus=[], name="other")]}]
                said += _read_until(ours, "other")
                run.send_signal(signal.SIGINT)
                assert run.wait(30) == 130
                assert run.stderr is not None
                assert run.stderr.read().strip() == ""
            finally:
                run.kill()
                os.close(ours)
        assert "\x1b[1A\x1b[2K" in said
        assert all(len(re.sub(r"\x1b\[[0-9;?]*\w", "", line)) <= 81 for line in said.splitlines())


def _read_until(terminal: int, word: str) -> str:
    said = ""
    while word not in said:
        said += os.read(terminal, 4096).decode(errors="replace")
    return said
