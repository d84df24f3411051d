"""A scheduler for tests: in this process behind Flask's test client, or as a process of its own."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
import tarfile
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
from flask.testing import FlaskClient

from atlas_core.bundle import pack, read_manifest
from atlas_core.jobs import JobSpec, Submission
from atlas_core.resources import Resources
from atlas_core.settings import Settings
from atlas_services.scheduler.app import Scheduler
from atlas_services.tracker import JobRecord, Tracker, open_tracker
from tests.redis_server import as_user, free_port


def settings_for(home: Path, redis_url: str, **variables: str) -> Settings:
    """Return settings with a home of their own, two workers and a short grace period."""
    environment = {
        "FOUNDATIONS_HOME": str(home),
        "ATLAS_REDIS_URL": as_user(redis_url, "scheduler"),
        "NUM_WORKERS": "2",
        "ATLAS_STOP_GRACE": "0.5",
        "ATLAS_ENGINE": "process",
        **variables,
    }
    return Settings.from_environment(environment)


def wait_for(condition: Callable[[], bool], timeout: float = 20.0) -> None:
    """Return as soon as the condition holds; fail when it does not within `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


def packed_project(directory: Path, files: Mapping[str, str]) -> tuple[str, bytes]:
    """Write a project and return the id and the content of its bundle."""
    project = directory / f"project-{uuid.uuid4().hex}"
    for name, text in files.items():
        path = project / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    manifest = read_manifest(project)
    bundle = project.with_suffix(".tgz")
    pack(manifest, bundle)
    return manifest.bundle_id, bundle.read_bytes()


def old_bundle(job_id: str, files: Mapping[str, str]) -> bytes:
    """Return a bundle in the form of the original's clients."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, text in files.items():
            info = tarfile.TarInfo(f"{job_id}/job_source/{name}")
            info.size = len(text.encode())
            tar.addfile(info, io.BytesIO(text.encode()))
    return buffer.getvalue()


@dataclass
class SchedulerInProcess:
    """A scheduler in this process, its test client and its tracker."""

    settings: Settings
    scheduler: Scheduler
    client: FlaskClient
    tracker: Tracker
    directory: Path

    def upload(self, files: Mapping[str, str]) -> str:
        """Store a bundle of these files; returns its id."""
        bundle_id, content = packed_project(self.directory, files)
        assert self.client.put(f"/api/v3/bundles/{bundle_id}", data=content).status_code in {200, 201}
        return bundle_id

    def submit(self, code: str = "pass", **spec: Any) -> str:
        """Queue a job that runs `code`; returns its id."""
        bundle_id = self.upload({"main.py": code})
        gpus = Resources(num_gpus=spec.pop("num_gpus", 0))
        fields = {"command": ("main.py",), "resources": gpus, **spec}
        job = Submission(str(uuid.uuid4()), "digits", "ada", JobSpec(bundle_id=bundle_id, **fields))
        answer = self.client.post("/queued_jobs", json=job.to_dict())
        assert answer.status_code == 201, answer.text
        return job.job_id

    def record(self, job_id: str) -> JobRecord:
        """Return what the tracker knows of a job."""
        return self.tracker.jobs.get(job_id)

    def ended(self, job_id: str, timeout: float = 20.0) -> JobRecord:
        """Wait for the end of a job and return what the tracker knows of it then."""
        wait_for(lambda: self.record(job_id).status.is_finished, timeout)
        wait_for(lambda: not (self.settings.work_root / job_id).exists())
        return self.record(job_id)

    def log(self, job_id: str) -> str:
        """Return what a job wrote."""
        return self.client.get(f"/api/v3/jobs/{job_id}/log").text


@contextlib.contextmanager
def scheduler_in_process(
    directory: Path, redis_url: str, environment: Mapping[str, str] | None = None, **variables: str
) -> Iterator[SchedulerInProcess]:
    """Run a scheduler in this process; jobs that are left at the end are killed."""
    settings = settings_for(directory / "home", redis_url, **variables)
    scheduler = Scheduler(settings, os.environ if environment is None else environment)
    tracker = open_tracker(redis_url)
    try:
        yield SchedulerInProcess(settings, scheduler, scheduler.start().test_client(), tracker, directory)
    finally:
        scheduler.stop_jobs()
        scheduler.finish_stop()
        tracker.close()


@contextlib.contextmanager
def scheduler_process(
    home: Path, redis_url: str, port: int | None = None, **variables: str
) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """Run `python -m atlas_services.scheduler` in a session of its own; yields it and its address once it answers."""
    port = port or free_port()
    url = f"http://127.0.0.1:{port}"
    environment = {
        **os.environ,
        "FOUNDATIONS_HOME": str(home),
        "ATLAS_REDIS_URL": as_user(redis_url, "scheduler"),
        "ATLAS_BIND": f"127.0.0.1:{port}",
        "ATLAS_ENGINE": "process",
        **variables,
    }
    command = [sys.executable, "-m", "atlas_services.scheduler"]
    process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        wait_for(lambda: answers(url))
        yield process, url
    finally:
        kill_group(process)


def answers(url: str) -> bool:
    """Whether the service there is ready."""
    try:
        return requests.get(f"{url}/readyz", timeout=2).ok
    except requests.RequestException:
        return False


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """Kill a process with its whole group, at once."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, 9)
    process.wait(10)
