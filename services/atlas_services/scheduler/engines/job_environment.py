"""The environment variables of a job that runs as a process, and the configuration in its home."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from atlas_core.secrecy import is_secret
from atlas_services.scheduler.engines import Assignment

#: Variables of the scheduler that are none of a job's business, besides secrets: its own settings, whatever Python it
#: runs on.
_PRIVATE = re.compile(
    r"(ATLAS|REDIS|FOUNDATIONS|GUNICORN|LISTEN)_.*|NUM_WORKERS|VIRTUAL_ENV|PYTHON(PATH|HOME|STARTUP)|CUDA_VISIBLE_DEVICES",
    re.IGNORECASE,
)
#: What a job's specification cannot change: whose records the job writes, and where they go.
PROTECTED = frozenset(
    {
        "FOUNDATIONS_JOB_ID",
        "FOUNDATIONS_PROJECT_NAME",
        "FOUNDATIONS_USER",
        "FOUNDATIONS_SERVER_URL",
        "FOUNDATIONS_JOB_TOKEN",
        "FOUNDATIONS_HOME",
        "FOUNDATIONS_COMMAND_LINE",
    }
)


def inherited(environment: Mapping[str, str]) -> dict[str, str]:
    """Return what every job gets of the scheduler's own environment."""
    return {name: value for name, value in environment.items() if not (_PRIVATE.fullmatch(name) or is_secret(name))}


def job_environment(
    base: Mapping[str, str], assignment: Assignment, facts: Mapping[str, str], sdk: Path, gpus_declared: bool
) -> dict[str, str]:
    """Return the environment of a job.

    `facts` are the FOUNDATIONS_ variables that depend on the server. A server that declares GPUs shows a job those that
    it was given, and none to a job that asked for none. A server that declares none leaves it to the machine.
    """
    asked = {name: value for name, value in assignment.spec.environment.items() if name not in PROTECTED}
    asked_path = asked.pop("PYTHONPATH", "")
    environment = {
        "PYTHONUNBUFFERED": "1",
        **base,
        **asked,
        **facts,
        "FOUNDATIONS_JOB_ID": assignment.job_id,
        "FOUNDATIONS_PROJECT_NAME": assignment.project,
        "FOUNDATIONS_USER": assignment.user,
        "PYTHONPATH": f"{sdk}:{asked_path}" if asked_path else str(sdk),
    }
    if gpus_declared:
        environment["CUDA_VISIBLE_DEVICES"] = ",".join(assignment.gpus)
    return environment


def write_home(home: Path, server_url: str) -> None:
    """Write the configuration by which a job submits jobs to the server that runs it."""
    for kind, name, key in (("submission", "scheduler", "scheduler_url"), ("execution", "default", "server_url")):
        directory = home / "config" / kind
        directory.mkdir(parents=True, exist_ok=True)
        (directory / f"{name}.config.yaml").write_text(f"{key}: {server_url}\n")
