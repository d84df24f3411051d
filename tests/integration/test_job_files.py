"""Looking back at jobs that have ended, by the beginnings of their ids, against a real stack."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.integration.stack import RunningStack

pytestmark = pytest.mark.redis

_MAIN = """\
import pathlib, sys
import foundations

rate = float(sys.argv[1])
foundations.log_param("rate", rate)
foundations.log_metric("loss", rate * 2)
pathlib.Path("outputs/deep").mkdir(parents=True)
pathlib.Path("outputs/deep/curve.txt").write_text("x" * 300_000)
pathlib.Path("model.txt").write_text("weights " * 50_000)
foundations.save_artifact("model.txt", key="the model")
"""


@pytest.fixture
def jobs(stack: RunningStack, project: Path) -> list[str]:
    """Two jobs of the same program, of which the second has another rate and one line more."""
    found = []
    for rate, line in (("0.1", ""), ("0.2", "# tuned\n")):
        (project / "main.py").write_text(_MAIN + line)
        ended = stack.foundations("submit", "--json", "scheduler", ".", "main.py", rate, cwd=project)
        assert ended.returncode == 0, ended.stdout + ended.stderr
        found.append(json.loads(ended.stdout)["job_id"])
    return found


def test_what_jobs_left_is_compared_and_fetched(
    stack: RunningStack, project: Path, tmp_path: Path, jobs: list[str]
) -> None:
    one, other = (job_id[:12] for job_id in jobs)
    told = stack.foundations("diff", one, other, cwd=project).stdout.splitlines()
    for line in ("-rate: 0.1", "+rate: 0.2", "-loss: 0.2", "+loss: 0.4", "--- a/main.py", "+# tuned"):
        assert line in told

    there = tmp_path / "there"
    there.mkdir()
    assert stack.foundations("get", "artifact", one, "the model", cwd=there).returncode == 0
    assert (there / "model.txt").read_text() == "weights " * 50_000
    assert stack.foundations("cp", f"{one}:outputs", ".", cwd=there).returncode == 0
    assert (there / "outputs" / "deep" / "curve.txt").read_text() == "x" * 300_000
    assert stack.foundations("cp", f"{one}:logs/output.log", "log", cwd=there).returncode == 0
    assert stack.foundations("logs", "-f", one, cwd=there).returncode == 0


def test_a_job_that_has_ended_is_deleted_by_the_beginning_of_its_id(stack: RunningStack, jobs: list[str]) -> None:
    told = stack.foundations("delete", "job", "scheduler", jobs[0][:12]).stdout
    assert told == f"Job {jobs[0]} successfully deleted\n"


def test_the_doctor_finds_a_running_stack_well(stack: RunningStack, project: Path) -> None:
    ended = stack.foundations("doctor", "--json", cwd=project)
    told = json.loads(ended.stdout)
    found = {each["subject"]: each["state"] for each in told["findings"]}
    names = ("server", "versions", "service scheduler", "service rest_api", "service archive_server")
    assert {name: found[name] for name in names} == dict.fromkeys(names, "ok")
    assert ended.returncode == (0 if told["healthy"] else 3)
