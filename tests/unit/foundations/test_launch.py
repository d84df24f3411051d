"""The ranks of one launch are one job, whatever launches them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from tests.unit.foundations.conftest import Script, finish
from tests.unit.foundations.journal_server import JournalServer

from foundations.identity import Identity
from foundations.launch import Launch, join, launch_of

TORCH = {"WORLD_SIZE": "3", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": "29500", "TORCHELASTIC_RUN_ID": "none"}
SLURM = {"SLURM_STEP_NUM_TASKS": "3", "SLURM_JOB_ID": "7", "SLURM_STEP_ID": "0"}
MPI = {"OMPI_COMM_WORLD_SIZE": "3", "PMIX_NAMESPACE": "prterun-host-12@1"}

TRAINING = """
    import os, foundations
    rank = int(os.environ[os.environ["RANK_NAME"]])
    for step in range(100):
        foundations.log_metric("loss", 1000.0 * rank + step, step=step)
    print("rank", rank)
    if os.environ.get("FAILS") == str(rank):
        raise ValueError("a rank has failed")
"""


def launch(script: Script, rank: str, variables: dict[str, str]) -> list[subprocess.CompletedProcess[str]]:
    """Run three ranks, side by side."""
    path = script.folder / "train.py"
    path.write_text(textwrap.dedent(TRAINING))
    processes = []
    for number in (2, 1, 0):
        script.environment.update(variables, RANK_NAME=rank, **{rank: str(number)})
        processes.append(script.start_python(str(path)))
    return [finish(process) for process in processes]


@pytest.mark.parametrize(
    ("rank", "variables"), [("RANK", TORCH), ("SLURM_PROCID", SLURM), ("OMPI_COMM_WORLD_RANK", MPI)]
)
def test_all_ranks_log_to_one_job_that_the_first_of_them_ends(
    tracked: Script, server: JournalServer, rank: str, variables: dict[str, str]
) -> None:
    ended = launch(tracked, rank, variables)
    assert [(each.returncode, each.stderr) for each in ended] == [(0, "")] * 3
    job = server.only_job
    expected = sorted(1000.0 * number + step for number in range(3) for step in range(100))
    assert sorted(server.values(job, "loss")) == expected
    assert [end["status"] for end in server.operations(job, "end")] == ["completed"]
    assert len(server.tokens[job]) == 1
    assert server.output(job) == b"rank 0\n"
    assert tracked.journals == []


@pytest.mark.skipif(shutil.which("mpirun") is None, reason="there is no mpirun")
def test_the_ranks_that_mpirun_starts_are_one_job_with_each_point_once(tracked: Script, server: JournalServer) -> None:
    path = tracked.folder / "train.py"
    path.write_text(textwrap.dedent(TRAINING))
    words = ["mpirun", "--allow-run-as-root", "--oversubscribe", "-n", "3", sys.executable, str(path)]
    environment = {**tracked._environment(), "RANK_NAME": "OMPI_COMM_WORLD_RANK"}
    for number in (1, 2):
        ended = subprocess.run(words, cwd=tracked.folder, env=environment, capture_output=True, text=True, timeout=200)
        assert ended.returncode == 0, ended.stderr
        assert len(server.records) == number
    for job in server.records:
        expected = sorted(1000.0 * rank + step for rank in range(3) for step in range(100))
        assert sorted(server.values(job, "loss")) == expected
        assert [end["status"] for end in server.operations(job, "end")] == ["completed"]


def test_a_second_launch_that_says_the_same_is_another_job(tracked: Script, server: JournalServer) -> None:
    for _ in range(2):
        launch(tracked, "RANK", TORCH)
    assert len(server.records) == 2
    for job in server.records:
        assert len(server.values(job, "loss")) == 300
        assert len(server.operations(job, "end")) == 1


def test_the_exception_of_any_rank_is_told(tracked: Script, server: JournalServer) -> None:
    tracked.environment["FAILS"] = "2"
    launch(tracked, "RANK", TORCH)
    assert [error["message"] for error in server.operations(server.only_job, "error")] == ["a rank has failed"]


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"RANK": "0"},
        {"RANK": "0", "WORLD_SIZE": "1", "MASTER_PORT": "1"},
        {"RANK": "x", "WORLD_SIZE": "2", "MASTER_PORT": "1"},
        {"RANK": "2", "WORLD_SIZE": "2", "MASTER_PORT": "1"},
        {"RANK": "0", "WORLD_SIZE": "2"},
        {"SLURM_PROCID": "0", "SLURM_JOB_ID": "7", "SLURM_NTASKS": "4"},
    ],
)
def test_a_process_that_nobody_launched_with_others_is_alone(environment: dict[str, str]) -> None:
    assert launch_of(environment) is None


def test_a_launch_that_says_what_one_of_long_ago_said_keeps_its_ranks_together(tmp_path: Path) -> None:
    identities = iter(Identity(f"job-{number}", "p", "me", "execution", "secret") for number in range(9))
    before = join(Launch("key", 0), tmp_path, lambda: next(identities))
    for path in (tmp_path / "launches/key", tmp_path / "launches/key/0", tmp_path / "launches/key/0/job.json"):
        os.utime(path, (1e9, 1e9))
    first, second = (join(Launch("key", rank), tmp_path, lambda: next(identities)) for rank in (0, 1))
    assert first == second != before


def test_a_script_that_a_rank_starts_is_a_job_of_its_own_that_ends(tracked: Script, server: JournalServer) -> None:
    code = """
        import foundations, subprocess, sys
        foundations.log_metric("loss", 1.0)
        if len(sys.argv) == 1:
            subprocess.run([sys.executable, __file__, "inner"], check=True)
    """
    tracked.environment.update(TORCH, RANK="1")
    assert tracked.run(code).returncode == 0
    assert len(server.records) == 2
    assert sorted(len(server.operations(job, "end")) for job in server.records) == [0, 1]


def test_a_rank_that_was_started_at_another_time_is_of_another_launch(tmp_path: Path) -> None:
    identities = iter(Identity(f"job-{number}", "p", "me", "execution", "secret") for number in range(9))
    first = join(Launch("key", 0), tmp_path, lambda: next(identities))
    assert join(Launch("key", 1), tmp_path, lambda: next(identities)) == first
    for path in tmp_path.glob("launches/key/0/rank.*"):
        path.write_text(path.read_text().replace("]", "00]"))
    assert join(Launch("key", 2), tmp_path, lambda: next(identities)) != first
