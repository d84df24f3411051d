"""The environment variables of a job, and the configuration in its home."""

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
    base: Mapping[str, str], assignment: Assignment, facts: Mapping[str, str], sdk: Path | None = None
) -> dict[str, str]:
    """Return the environment of a job: `base`, what the job asks for, and over both what it cannot change.

    `facts` are what depends on the server and on where the job runs, its GPUs among it. `sdk` is the directory of the
    SDK, for a job that does not find it by itself.
    """
    asked = {name: value for name, value in assignment.spec.environment.items() if name not in PROTECTED}
    environment = {
        "PYTHONUNBUFFERED": "1",
        **base,
        **asked,
        **facts,
        "FOUNDATIONS_JOB_ID": assignment.job_id,
        "FOUNDATIONS_PROJECT_NAME": assignment.project,
        "FOUNDATIONS_USER": assignment.user,
    }
    if sdk is not None:
        asked_path = asked.get("PYTHONPATH")
        environment["PYTHONPATH"] = f"{sdk}:{asked_path}" if asked_path else str(sdk)
    return environment


def overruled(asked: Mapping[str, str], environment: Mapping[str, str]) -> str:
    """Return a line for the log about variables that a job asks for and has otherwise, such as its GPUs; or ""."""
    names = [name for name in asked if name != "PYTHONPATH" and environment.get(name) != asked[name]]
    return f"WARNING: The server itself sets {', '.join(names)}; the job's own values do not count.\n" if names else ""


def write_home(home: Path, server_url: str) -> None:
    """Write the configuration by which a job submits jobs to the server that runs it."""
    for kind, name, key in (("submission", "scheduler", "scheduler_url"), ("execution", "default", "server_url")):
        directory = home / "config" / kind
        directory.mkdir(parents=True, exist_ok=True)
        (directory / f"{name}.config.yaml").write_text(f"{key}: {server_url}\n")
