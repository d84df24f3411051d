"""`foundations submit`: how it reads its words, and how it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from tests.unit.atlas_cli.conftest import Foundations
from tests.unit.atlas_cli.scheduler_double import Job, SchedulerDouble


@pytest.fixture(autouse=True)
def _project(foundations: Foundations) -> None:
    """A project in the working directory, which the fixture above has made and entered."""
    Path("main.py").write_text("print('hello')\n")


@pytest.mark.parametrize(
    "words",
    [
        ["main.py"],
        ["main.py", "--num-gpus", "1", "--ram", "x", "-h", "--json"],
        ["main.py", "a b", 'say "hi"', "it's", "$HOME", "*", ""],
        ["main.py", "--", "--verbose", "--"],
        ["-m", "package.module", "--epochs=3"],
    ],
)
def test_the_command_reaches_the_job_word_by_word(
    foundations: Foundations, scheduler: SchedulerDouble, words: list[str]
) -> None:
    ended = foundations("submit", "scheduler", ".", *words)
    assert ended.code == 0, ended.out
    assert scheduler.submissions[0]["spec"]["command"] == words


@pytest.mark.parametrize(
    "words",
    [
        ["--num-gpus", "2", "--ram", "1.5", "--entrypoint", "bash", "--project-name", "p", "scheduler", "."],
        ["--num-gpus=2", "scheduler", "--ram", "1.5", "--entrypoint=bash", "--project-name", "p", "."],
        ["scheduler", "--num-gpus", "2", "--project-name=p", "--ram=1.5", "--entrypoint", "bash", "."],
    ],
)
def test_options_may_stand_anywhere_before_the_directory(
    foundations: Foundations, scheduler: SchedulerDouble, words: list[str]
) -> None:
    ended = foundations("submit", *words, "main.py")
    assert ended.code == 0, ended.out + ended.err
    submission = scheduler.submissions[0]
    assert submission["metadata"]["project_name"] == "p"
    assert submission["spec"]["entrypoint"] == ["bash"]
    assert submission["spec"]["command"] == ["main.py"]
    assert submission["spec"]["resources"]["num_gpus"] == 2
    assert submission["spec"]["resources"]["ram"] == 1.5


def test_every_wish_reaches_the_specification(foundations: Foundations, scheduler: SchedulerDouble) -> None:
    words = "--num-gpus 2 --gpu-memory 40 --gpu-model A100 --cpus 4 --shm 2 --ram 16 --priority -5 --time-limit 2h"
    more = "--retries 3 --retry-on oom,engine_lost --image me/worker:1 --network lab"
    ended = foundations("submit", *words.split(), *more.split(), "scheduler", ".", "main.py")
    assert ended.code == 0, ended.out + ended.err
    spec = scheduler.submissions[0]["spec"]
    wanted = {"num_gpus": 2, "ram": 16.0, "cpus": 4.0, "gpu_memory": 40.0, "gpu_model": "A100", "shm": 2.0}
    assert spec["resources"] == wanted
    assert (spec["priority"], spec["time_limit"], spec["image"], spec["network"]) == (-5, 7200, "me/worker:1", "lab")
    assert spec["retries"] == {"limit": 3, "causes": ["engine_lost", "oom"]}


@pytest.mark.parametrize(
    ("words", "retries"),
    [
        (["--retries", "2"], 2),
        (["--retry-on", "timeout"], 1),
        (["--retries", "0", "--retry-on", "timeout"], 0),
    ],
)
def test_retries_and_their_causes_may_be_given_alone(
    foundations: Foundations, scheduler: SchedulerDouble, words: list[str], retries: int
) -> None:
    assert foundations("submit", *words, "scheduler", ".", "main.py").code == 0
    assert scheduler.submissions[0]["spec"].get("retries", {"limit": 0})["limit"] == retries


@pytest.mark.parametrize(("end", "code", "word"), [("completed", 0, "completed"), ("failed", 1, "failed")])
def test_a_job_that_is_followed_gives_its_outcome(
    foundations: Foundations, scheduler: SchedulerDouble, end: str, code: int, word: str
) -> None:
    scheduler.next_job = Job("queued", "hello\n", end)
    ended = foundations("submit", "scheduler", ".", "main.py")
    job_id = scheduler.submissions[0]["job_id"]
    assert ended.code == code
    lines = ended.out.splitlines()
    assert lines[0] == "Foundations INFO: Job submission started. Ctrl-C to cancel."
    assert lines[1] == f"Foundations INFO: Job submitted with ID '{job_id}' in project 'cwd'."
    assert "hello" in lines
    assert f"Job '{job_id}' has {word}" in lines[-1]


def test_without_streaming_it_returns_once_the_job_is_queued(
    foundations: Foundations, scheduler: SchedulerDouble
) -> None:
    scheduler.next_job = Job("queued", "hello\n", "failed")
    ended = foundations("submit", "--stream-job-logs", "False", "scheduler", ".", "main.py")
    assert ended.code == 0
    assert "hello" not in ended.out
    assert "Job submitted with ID" in ended.out


def test_a_user_who_wants_no_logs_streamed_anywhere_sees_none(
    foundations: Foundations, scheduler: SchedulerDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISABLE_LOG_STREAMING", "True")
    scheduler.next_job = Job("queued", "hello\n", "failed")
    ended = foundations("submit", "--stream-job-logs", "True", "scheduler", ".", "main.py")
    assert ended.code == 0
    assert "hello" not in ended.out
    assert "Job submitted with ID" in ended.out


def test_with_json_standard_output_is_one_object_and_the_log_goes_to_standard_error(
    foundations: Foundations, scheduler: SchedulerDouble
) -> None:
    ended = foundations("submit", "--json", "scheduler", ".", "main.py")
    facts = {"job_id": scheduler.submissions[0]["job_id"], "project": "cwd", "status": "completed"}
    assert json.loads(ended.out) == facts
    assert "hello" in ended.err and "Job submitted with ID" in ended.err


def test_with_json_and_without_streaming_it_says_what_was_submitted(
    foundations: Foundations, scheduler: SchedulerDouble
) -> None:
    ended = foundations("submit", "--json", "--stream-job-logs", "False", "scheduler", ".", "main.py")
    assert json.loads(ended.out) == {"job_id": scheduler.submissions[0]["job_id"], "project": "cwd"}


@pytest.mark.parametrize(
    "options", [["--num-gpus", "many"], ["--ram", "lots"], ["--stream-job-logs", "perhaps"], ["--gpus", "1"]]
)
def test_an_option_that_cannot_be_understood_is_a_usage_error(
    foundations: Foundations, scheduler: SchedulerDouble, options: list[str]
) -> None:
    ended = foundations("submit", *options, "scheduler", ".", "main.py")
    assert ended.code == 2
    assert options[0] in ended.err
    assert scheduler.submissions == []


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--num-gpus", "-1", "scheduler", "."], "num_gpus: -1 is no number of GPUs"),
        (["--ram", "0", "scheduler", "."], "ram: 0.0 is no amount"),
        (["--time-limit", "soon", "scheduler", "."], "time_limit: 'soon' is no duration"),
        (["--retry-on", "oom,rain", "scheduler", "."], "retries.causes: 'rain' cannot be retried"),
        (["--priority", "500", "scheduler", "."], "priority: 500 is no priority"),
        (["--gpu-model", "A100", "scheduler", "."], "gpu_model: the job asks for no GPU"),
        (["--project-name", "a/b", "scheduler", "."], "project_name: 'a/b' cannot name a project"),
        (["scheduler", "missing"], "missing"),
        (["nowhere", "."], "Cannot currently find Atlas server"),
        (["staging", "."], "Could not find submission configuration with name: `staging`"),
    ],
)
def test_a_wrong_value_is_one_sentence_and_nothing_is_submitted(
    foundations: Foundations, scheduler: SchedulerDouble, words: list[str], sentence: str
) -> None:
    ended = foundations("submit", *words, "main.py")
    assert ended.code == 1
    assert sentence in ended.out.splitlines()[-1]
    assert scheduler.submissions == []
    assert "Traceback" not in ended.err


def test_a_missing_configuration_is_said_in_the_known_words_alone(foundations: Foundations) -> None:
    ended = foundations("submit", "staging", ".", "main.py")
    assert (ended.code, ended.out) == (1, "Could not find submission configuration with name: `staging`\n")


@pytest.mark.parametrize("request_held", ["HEAD", "PUT", "POST"])
def test_ctrl_c_before_the_job_is_queued_ends_the_submission_with_one_sentence(
    scheduler: SchedulerDouble, request_held: str
) -> None:
    scheduler.held = request_held
    command = [sys.executable, "-c", "from atlas_cli.main import run; run()", "submit", "scheduler", ".", "main.py"]
    with subprocess.Popen(
        command, env=os.environ.copy(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as run:
        try:
            assert scheduler.holding.wait(30)
            run.send_signal(signal.SIGINT)
            said, complaint = run.communicate(timeout=30)
        finally:
            run.kill()
            scheduler.release.set()
    assert run.returncode == 130
    assert complaint.strip() == ""
    assert said.splitlines()[-1] == "Interrupted before the server confirmed the job."


def test_ctrl_c_while_following_leaves_the_job_alone(scheduler: SchedulerDouble) -> None:
    scheduler.next_job = Job("running", "hello\n", released=threading.Event())
    command = [sys.executable, "-c", "from atlas_cli.main import run; run()", "submit", "scheduler", ".", "main.py"]
    with subprocess.Popen(
        command, env=os.environ.copy(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as run:
        assert run.stdout is not None and run.stderr is not None
        try:
            for line in run.stdout:
                if "Ctrl-C to stop streaming" in line:
                    break
            run.send_signal(signal.SIGINT)
            said, complaint = run.stdout.read(), run.stderr.read()
            assert run.wait(30) == 130
        finally:
            run.kill()
    job_id = scheduler.submissions[0]["job_id"]
    assert scheduler.jobs[job_id].status == "running"
    assert f"foundations get logs scheduler {job_id} --follow" in said
    assert "Traceback" not in complaint
    assert scheduler.next_job.released is not None
    scheduler.next_job.released.set()
