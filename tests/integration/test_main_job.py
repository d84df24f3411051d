"""The main job: the sample project, trained through every way that the README names."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from tests.integration.stack import RunningStack, eventually, running_stack

#: The first job of a project installs its requirements.
pytestmark = pytest.mark.timeout(600)

EPOCHS = 12


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory, stack: RunningStack) -> Path:
    """The sample project."""
    folder = tmp_path_factory.mktemp("sample")
    result = stack.foundations("init", "my-project", cwd=folder)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "Success: New Foundations project `my-project` created!" in result.stdout
    return folder / "my-project"


@pytest.fixture(scope="module")
def submitted(stack: RunningStack, sample: Path) -> subprocess.CompletedProcess[str]:
    """What `foundations submit` said about the sample project."""
    return stack.foundations("submit", "scheduler", str(sample), "main.py")


def job_id_of(output: str) -> str:
    found = re.search(r"Job submitted with ID '(.+?)'", output)
    assert found, output
    return found.group(1)


def listing(stack: RunningStack, project: str) -> dict[str, dict[str, Any]]:
    return {job["job_id"]: job for job in stack.rest.job_listing(project)["jobs"]}


def parameters(job: dict[str, Any]) -> dict[str, Any]:
    return {entry["name"]: entry["value"] for entry in job["job_parameters"]}


def metrics(job: dict[str, Any]) -> dict[str, Any]:
    return {entry["name"]: entry["value"] for entry in job["output_metrics"]}


def test_submit_streams_the_training_to_its_end(submitted: subprocess.CompletedProcess[str]) -> None:
    assert submitted.returncode == 0, submitted.stdout + submitted.stderr
    lines = submitted.stdout.splitlines()
    job_id = job_id_of(submitted.stdout)
    assert lines[0] == "Foundations INFO: Job submission started. Ctrl-C to cancel."
    assert lines[1] == f"Foundations INFO: Job submitted with ID '{job_id}' in project 'my-project'."
    assert "Foundations INFO: Job running, streaming logs." in lines
    assert sum(line.startswith("epoch ") for line in lines) == EPOCHS
    assert lines[-1] == f"Foundations INFO: Job '{job_id}' has completed."


def test_everything_that_the_job_logged_is_listed(
    stack: RunningStack, submitted: subprocess.CompletedProcess[str]
) -> None:
    job = listing(stack, "my-project")[job_id_of(submitted.stdout)]
    assert job["status"] == "completed"
    assert parameters(job)["hidden_units"] == 64
    assert len(metrics(job)["train_loss"]) == len(metrics(job)["validation_accuracy"]) == EPOCHS
    assert metrics(job)["test_accuracy"] > 0.9
    assert list(job["tags"]) == ["model", "dataset"]
    assert [artifact["filename"] for artifact in job["artifacts"]] == ["confusion_matrix.png", "model.joblib"]


def test_the_artifacts_can_be_fetched(stack: RunningStack, submitted: subprocess.CompletedProcess[str]) -> None:
    artifacts = listing(stack, "my-project")[job_id_of(submitted.stdout)]["artifacts"]
    with urllib.request.urlopen(artifacts[0]["uri"], timeout=10) as answer:
        assert answer.headers["Content-Type"] == "image/png"
        assert answer.read(8) == b"\x89PNG\r\n\x1a\n"


def test_the_log_and_the_files_come_back(
    stack: RunningStack, submitted: subprocess.CompletedProcess[str], tmp_path: Path
) -> None:
    job_id = job_id_of(submitted.stdout)
    logs = stack.foundations("get", "logs", "scheduler", job_id)
    assert logs.returncode == 0
    assert "test accuracy 0.9" in logs.stdout
    got = stack.foundations("get", "job", "scheduler", job_id, cwd=tmp_path)
    assert got.returncode == 0, got.stdout + got.stderr
    assert [path.name for path in tmp_path.glob("*.tgz")] == [f"{job_id}.tgz"]


def test_a_second_submission_installs_and_sends_nothing(
    stack: RunningStack, sample: Path, submitted: subprocess.CompletedProcess[str]
) -> None:
    bundles = sorted((stack.home / "job_bundle_store_dir").iterdir())
    environments = sorted((stack.home / "environments").iterdir())
    again = stack.foundations("submit", "scheduler", str(sample), "main.py")
    assert again.returncode == 0, again.stdout
    assert sorted((stack.home / "job_bundle_store_dir").iterdir()) == bundles
    assert sorted((stack.home / "environments").iterdir()) == environments


def test_the_same_script_is_tracked_without_the_scheduler(stack: RunningStack, sample: Path, python: str) -> None:
    before = set(listing(stack, "my-project"))
    ran = stack.run(python, "main.py", cwd=sample)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    new = {job_id: job for job_id, job in listing(stack, "my-project").items() if job_id not in before}
    assert len(new) == 1
    job = next(iter(new.values()))
    assert job["status"] == "completed"
    assert len(metrics(job)["train_loss"]) == EPOCHS
    assert {artifact["filename"] for artifact in job["artifacts"]} == {"confusion_matrix.png", "model.joblib"}


def test_a_search_of_eight_jobs_finds_the_best(
    stack: RunningStack, sample: Path, submitted: subprocess.CompletedProcess[str]
) -> None:
    before = set(listing(stack, "my-project"))
    ran = stack.python("search.py", cwd=sample)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    new = {job_id: job for job_id, job in listing(stack, "my-project").items() if job_id not in before}
    assert [job["status"] for job in new.values()] == ["completed"] * 8
    assert len({json.dumps(parameters(job), sort_keys=True) for job in new.values()}) == 8
    accuracy = {job_id: metrics(job)["validation_accuracy"][-1] for job_id, job in new.items()}
    best = re.search(r"Best: job (\S+)", ran.stdout)
    assert best is not None
    assert accuracy[best.group(1)] == max(accuracy.values())


def test_without_a_server_the_script_runs_and_a_later_sync_tells(tmp_path: Path) -> None:
    project = tmp_path / "offline"
    project.mkdir()
    (project / "main.py").write_text(
        "import foundations\n"
        "foundations.log_param('lr', 0.5)\n"
        "for step in range(100): foundations.log_metric('loss', 1 / (step + 1), step=step)\n"
        "foundations.save_artifact('main.py')\n"
        "print('done')\n"
    )
    with running_stack(tmp_path / "home") as stack:
        base = stack.port_base
        stack.stop()
        ran = stack.python("main.py", cwd=project)
        assert ran.returncode == 0, ran.stderr
        warnings = [line for line in (ran.stdout + ran.stderr).splitlines() if "WARNING" in line]
        assert len(warnings) == 1, warnings
        assert "foundations sync" in warnings[0]
    with running_stack(tmp_path / "home", base) as stack:
        synced = stack.foundations("sync")  # the stack itself may be at it
        assert synced.returncode == 0, synced.stdout + synced.stderr
        eventually(lambda: [project["name"] for project in stack.rest.projects()] == ["offline"])
        (job_id,) = listing(stack, "offline")
        eventually(lambda: stack.rest.job(job_id)["status"] == "completed" and stack.rest.job(job_id)["artifacts"])
        job = listing(stack, "offline")[job_id]
        assert metrics(job)["loss"] == [1 / (step + 1) for step in range(100)]
        assert [artifact["filename"] for artifact in job["artifacts"]] == ["main.py"]


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory, sample: Path) -> str:
    """An interpreter of a user who installed the project's requirements beside the SDK."""
    folder = tmp_path_factory.mktemp("user")
    uv = Path(sys.executable).with_name("uv")
    sdk = Path(__file__).parents[2] / "sdk"
    for command in (
        [uv, "venv", "--quiet", "--python", sys.executable, folder / "env"],
        [uv, "pip", "install", "--quiet", "--python", folder / "env", "-e", sdk, "-r", sample / "requirements.txt"],
    ):
        subprocess.run(list(map(str, command)), check=True, timeout=300)
    return str(folder / "env" / "bin" / "python")


def test_a_failed_job_says_why_and_submit_exits_with_1(stack: RunningStack, project: Path) -> None:
    (project / "main.py").write_text("import foundations\nfoundations.log_metric('n', 1)\nraise KeyError('lost')\n")
    submitted = stack.foundations("submit", "scheduler", str(project), "main.py")
    assert submitted.returncode == 1
    assert "KeyError: 'lost'" in submitted.stdout
    job = stack.rest.job(job_id_of(submitted.stdout))
    assert (job["status"], job["cause"], job["exit_code"]) == ("failed", "user_code", 1)
    assert job["error"]["type"] == "KeyError"
    assert job["metrics"]["n"]["count"] == 1


def test_a_command_that_does_not_exist_fails_the_job_with_its_exit_code(stack: RunningStack, project: Path) -> None:
    (project / "main.py").touch()
    submitted = stack.foundations("submit", "scheduler", str(project), "missing.py")
    assert submitted.returncode == 1
    assert "is not an existing file" in submitted.stdout
    job = stack.rest.job(job_id_of(submitted.stdout))
    assert (job["status"], job["cause"], job["exit_code"]) == ("failed", "exit_code", 2)


def test_requirements_that_cannot_be_installed_are_shown_and_named_as_the_cause(
    stack: RunningStack, project: Path
) -> None:
    (project / "requirements.txt").write_text("no-such-package-of-atlas==1.0\n")
    (project / "main.py").write_text("import no_such_package_of_atlas\n")
    submitted = stack.foundations("submit", "scheduler", str(project), "main.py")
    assert submitted.returncode == 1
    assert "could not be installed" in submitted.stdout
    job = stack.rest.job(job_id_of(submitted.stdout))
    assert (job["status"], job["cause"]) == ("failed", "dependency_install")


def test_a_job_can_submit_a_job(stack: RunningStack, project: Path) -> None:
    (project / "child.py").write_text("import foundations\nfoundations.log_param('who', 'child')\n")
    (project / "main.py").write_text(
        "import foundations\n"
        "foundations.log_param('who', 'parent')\n"
        "job = foundations.submit(command=['child.py'])\n"
        "job.wait()\n"
        "foundations.log_param('child', job.job_name())\n"
    )
    submitted = stack.foundations("submit", "--project-name", "family", "scheduler", str(project), "main.py")
    assert submitted.returncode == 0, submitted.stdout
    jobs = listing(stack, "family")
    parent = parameters(jobs[job_id_of(submitted.stdout)])
    assert parent["who"] == "parent"
    assert parameters(jobs[parent["child"]])["who"] == "child"


def test_what_is_stopped_deleted_and_cleared_is_gone(stack: RunningStack, project: Path) -> None:
    (project / "main.py").write_text("import time\nprint('up', flush=True)\ntime.sleep(600)\n")
    quiet = ("submit", "--json", "--stream-job-logs", "False", "scheduler", str(project), "main.py")
    job_id = json.loads(stack.foundations(*quiet).stdout)["job_id"]
    eventually(lambda: "up" in stack.scheduler.job(job_id)["logs"])
    stopped = stack.foundations("stop", "scheduler", job_id)
    assert (stopped.returncode, stopped.stdout.strip()) == (0, f"Stopped running job {job_id}")
    eventually(lambda: stack.scheduler.status(job_id).is_finished)
    assert stack.rest.job(job_id)["cause"] == "stopped_by_user"
    deleted = stack.foundations("delete", "job", "scheduler", job_id)
    assert (deleted.returncode, deleted.stdout.strip()) == (0, f"Job {job_id} successfully deleted")
    assert not (stack.home / "job_data" / "archive" / job_id).exists()
    gone = stack.foundations("get", "logs", "scheduler", job_id)
    assert (gone.returncode, gone.stdout.strip()) == (
        1,
        f"Error: Job `{job_id}` does not exist for environment `scheduler`",
    )
