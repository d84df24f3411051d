"""A job with a requirements.txt, from its submission to its end."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.scheduler_service import SchedulerInProcess, scheduler_in_process

from atlas_core.states import Cause, JobStatus

pytestmark = pytest.mark.redis


def submit(server: SchedulerInProcess, job_id: str, files: dict[str, str]) -> None:
    body = {
        "job_id": job_id,
        "metadata": {"project_name": "digits", "username": "ada"},
        "spec": {"bundle_id": server.upload(files), "command": ["main.py"]},
    }
    assert server.client.post("/queued_jobs", json=body).status_code == 201


@pytest.mark.parametrize(
    ("code", "status", "cause"),
    [
        ("import missing", JobStatus.FAILED, Cause.DEPENDENCY_INSTALL),
        # Disabled, or the end of the job would wait for the server that is to take what it recorded.
        ("import os; os.environ['FOUNDATIONS_MODE'] = 'disabled'; import foundations", JobStatus.COMPLETED, None),
    ],
)
def test_a_failed_installation_is_the_cause_if_the_job_then_fails(
    tmp_path: Path, redis_url: str, code: str, status: JobStatus, cause: Cause | None
) -> None:
    environment = {**os.environ, "UV_OFFLINE": "1", "UV_CACHE_DIR": str(tmp_path / "cache")}
    shadows = {"uv.py": "raise SystemExit(9)", "atlas_services/__init__.py": "", "configparser.py": "raise ImportError"}
    with scheduler_in_process(tmp_path, redis_url, environment) as server:
        submit(server, "job-1", {"main.py": code, "requirements.txt": "missing\n", **shadows})
        record = server.ended("job-1", 60)
        assert (record.status, record.cause) == (status, cause), server.log("job-1")
        assert "ERROR: requirements.txt could not be installed" in server.log("job-1")
