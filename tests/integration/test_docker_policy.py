"""What a job in a container may reach: what the administrator permits, at the moment when the container is made."""

from __future__ import annotations

import io
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from docker import APIClient
from tests.docker_engine import containers_of, network_of_jobs, remove_containers, require_docker
from tests.scheduler_service import SchedulerInProcess, old_bundle, scheduler_in_process, wait_for

from atlas_core.states import Cause, JobStatus

pytestmark = [pytest.mark.redis, pytest.mark.docker]

_PATIENCE = 60.0


@pytest.fixture(scope="module")
def docker() -> APIClient:
    """A client of this machine's engine."""
    return require_docker()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A directory that jobs may mount."""
    directory = tmp_path / "data"
    (directory / "sets").mkdir(parents=True)
    (directory / "sets" / "digits.txt").write_text("1 2 3")
    (directory / "sets").chmod(0o777)
    return directory


@pytest.fixture
def server(tmp_path: Path, data: Path, redis_url: str, docker: APIClient) -> Iterator[SchedulerInProcess]:
    """A server without workers, so that jobs wait until the test lets them begin."""
    rules = tmp_path / "home" / "config" / "scheduler" / "policy.config.yaml"
    rules.parent.mkdir(parents=True)
    rules.write_text(f"volumes: [{{root: {data}, mode: rw}}]")
    try:
        with (
            network_of_jobs(docker) as network,
            scheduler_in_process(
                tmp_path, redis_url, ATLAS_ENGINE="docker", ATLAS_JOB_NETWORK=network, NUM_WORKERS="0"
            ) as running,
        ):
            yield running
            remove_containers(docker, tmp_path / "home")
    finally:
        remove_containers(docker, tmp_path / "home")


def begin(server: SchedulerInProcess) -> None:
    assert server.client.post("/workers").status_code == 201


@pytest.mark.parametrize("mode", ["ro", "rw"])
def test_what_is_permitted_is_mounted_and_writable_only_if_asked_for(
    server: SchedulerInProcess, data: Path, mode: str
) -> None:
    code = """
print(open("/mnt/sets/digits.txt").read())
try:
    open("/mnt/sets/new.txt", "w").close()
except OSError as error:
    print(error.strerror)
"""
    job_id = server.submit(code, volumes={str(data): {"bind": "/mnt", "mode": mode}})
    begin(server)
    assert server.ended(job_id, _PATIENCE).status is JobStatus.COMPLETED, server.log(job_id)
    assert "1 2 3\n" in server.log(job_id)
    assert ("Read-only file system" in server.log(job_id)) is (mode == "ro")
    assert (data / "sets" / "new.txt").exists() is (mode == "rw")


def test_a_directory_that_became_a_link_after_the_submission_is_not_mounted(
    server: SchedulerInProcess, data: Path, docker: APIClient
) -> None:
    job_id = server.submit("print(open('/mnt/hostname').read())", volumes={f"{data}/sets": {"bind": "/mnt"}})
    (data / "sets").rename(data / "elsewhere")
    (data / "sets").symlink_to("/etc")
    begin(server)
    record = server.ended(job_id, _PATIENCE)
    assert (record.status, record.cause) == (JobStatus.FAILED, Cause.INVALID_SPEC)
    assert f"volumes: `{data}/sets` is not open to jobs" in server.log(job_id)
    assert containers_of(docker, server.settings.home, job_id) == []


def test_what_was_closed_since_the_submission_is_closed(server: SchedulerInProcess, docker: APIClient) -> None:
    job_id = server.submit(image="python:3.11-slim-bookworm")
    rules = server.settings.home / "config" / "scheduler" / "policy.config.yaml"
    rules.write_text("images: ['ours/*']")
    begin(server)
    assert server.ended(job_id, _PATIENCE).cause is Cause.INVALID_SPEC
    assert "image: `python:3.11-slim-bookworm` is not allowed on this server" in server.log(job_id)
    assert containers_of(docker, server.settings.home, job_id) == []


def test_the_job_of_an_old_client_runs_in_our_image_with_what_its_arguments_mean(
    server: SchedulerInProcess, docker: APIClient
) -> None:
    job_id = str(uuid.uuid4())
    work = "/home/ada/.foundations/work"
    code = "import os, sys, time; print(sys.argv[1], os.getcwd(), os.environ['FOUNDATIONS_HOME']); time.sleep(60)"
    upload = {"job_bundle": (io.BytesIO(old_bundle(job_id, {"main.py": code})), f"{job_id}.tgz")}
    assert server.client.post("/job_bundle", data=upload).status_code == 200
    spec = {
        "volumes": {
            f"{work}/{job_id}": {"bind": "/job", "mode": "rw"},
            "/home/ada/.foundations/job_data": {"bind": "/home/ada/.foundations/job_data", "mode": "rw"},
            "/home/ada/.foundations/config": {"bind": "/root/.foundations/config", "mode": "rw"},
            work: {"bind": work, "mode": "rw"},
        },
        "working_dir": "/job/job_source",
        "environment": {"FOUNDATIONS_JOB_ID": job_id, "FOUNDATIONS_HOME": "/root/.foundations/", "PYTHONPATH": "/job/"},
        "network": "foundations-atlas",
        "image": "us.gcr.io/dessa-atlas/worker:latest",
        "runtime": "runc",
        "command": ["main.py", "--arg"],
        "mem_limit": 1,
        "nano_cpus": 500_000_000,
        "shm_size": "128m",
    }
    metadata = {"project_name": "digits", "username": "ada"}
    body = {"job_id": job_id, "metadata": metadata, "gpu_spec": {"num_gpus": 0}, "spec": spec}
    assert server.client.post("/queued_jobs", json=body).status_code == 201
    begin(server)
    wait_for(lambda: "--arg" in server.log(job_id), _PATIENCE)
    assert "--arg /job/job_source /job/home" in server.log(job_id)
    (container,) = containers_of(docker, server.settings.home, job_id)
    host = docker.inspect_container(container["Id"])["HostConfig"]
    assert (host["Memory"], host["NanoCpus"], host["ShmSize"]) == (1024**3, 500_000_000, 128 * 1024**2)
    assert server.client.delete(f"/running_jobs/{job_id}").status_code == 204


def test_a_job_sees_no_gpu_that_it_was_not_given_and_its_container_can_be_found(
    server: SchedulerInProcess, docker: APIClient
) -> None:
    code = "import os, time; print(os.environ['NVIDIA_VISIBLE_DEVICES'], 'visible'); time.sleep(60)"
    job_id = server.submit(code, environment={"NVIDIA_VISIBLE_DEVICES": "all"})
    begin(server)
    wait_for(lambda: "visible" in server.log(job_id), _PATIENCE)
    assert "void visible" in server.log(job_id)
    assert "WARNING: The server itself sets NVIDIA_VISIBLE_DEVICES" in server.log(job_id)
    container = server.client.get(f"/running_jobs/{job_id}/container_id").get_json()
    assert [each["Id"] for each in containers_of(docker, server.settings.home, job_id)] == [container]
    assert server.client.delete("/workers/0").status_code == 204
    assert server.ended(job_id, _PATIENCE).cause is Cause.STOPPED_BY_USER
