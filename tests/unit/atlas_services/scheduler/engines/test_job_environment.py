"""The environment variables of a job."""

from __future__ import annotations

from pathlib import Path

from atlas_core.jobs import JobSpec
from atlas_services.scheduler.engines import Assignment
from atlas_services.scheduler.engines.job_environment import inherited, job_environment

_SDK = Path("/sdk")


def environment_of(spec: JobSpec, **facts: str) -> dict[str, str]:
    assignment = Assignment("job-1", "digits", "ada", spec)
    return job_environment({"PATH": "/bin"}, assignment, {"FOUNDATIONS_HOME": "/home", **facts}, _SDK)


def test_a_job_inherits_nothing_private() -> None:
    private = {
        "ATLAS_REDIS_URL": "redis://:secret@host",
        "REDIS_URL": "",
        "FOUNDATIONS_COMMAND_LINE": "True",
        "FOUNDATIONS_HOME": "/server",
        "HF_TOKEN": "x",
        "db_password": "x",
        "WANDB_API_KEY": "x",
        "CUDA_VISIBLE_DEVICES": "None",
        "PYTHONPATH": "/server",
        "NUM_WORKERS": "9",
    }
    assert inherited({**private, "PATH": "/bin", "PIP_FIND_LINKS": "/wheels"}) == {
        "PATH": "/bin",
        "PIP_FIND_LINKS": "/wheels",
    }


def test_a_job_cannot_change_whose_records_it_writes() -> None:
    spec = JobSpec(environment={"FOUNDATIONS_JOB_ID": "other", "FOUNDATIONS_HOME": "/other", "A": "1", "PATH": "/mine"})
    environment = environment_of(spec)
    assert (environment["FOUNDATIONS_JOB_ID"], environment["FOUNDATIONS_HOME"]) == ("job-1", "/home")
    assert (environment["A"], environment["PATH"]) == ("1", "/mine")
    assert (environment["FOUNDATIONS_PROJECT_NAME"], environment["FOUNDATIONS_USER"]) == ("digits", "ada")


def test_the_sdk_comes_before_the_paths_of_the_job() -> None:
    assert environment_of(JobSpec())["PYTHONPATH"] == "/sdk"
    assert environment_of(JobSpec(environment={"PYTHONPATH": "/mine"}))["PYTHONPATH"] == "/sdk:/mine"


def test_output_is_not_buffered_unless_the_job_says_so() -> None:
    assert environment_of(JobSpec())["PYTHONUNBUFFERED"] == "1"
    assert environment_of(JobSpec(environment={"PYTHONUNBUFFERED": ""}))["PYTHONUNBUFFERED"] == ""


def test_a_job_cannot_see_other_gpus_than_it_was_given() -> None:
    greedy = JobSpec(environment={"CUDA_VISIBLE_DEVICES": "0,1,2"})
    assert environment_of(greedy, CUDA_VISIBLE_DEVICES="2")["CUDA_VISIBLE_DEVICES"] == "2"
    assert "CUDA_VISIBLE_DEVICES" not in environment_of(JobSpec())


def test_a_job_that_has_the_sdk_keeps_its_own_paths() -> None:
    spec = JobSpec(environment={"PYTHONPATH": "/mine"})
    assert job_environment({}, Assignment("job-1", "digits", "ada", spec), {})["PYTHONPATH"] == "/mine"
    assert "PYTHONPATH" not in job_environment({}, Assignment("job-1", "digits", "ada", JobSpec()), {})
