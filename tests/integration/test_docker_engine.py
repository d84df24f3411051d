"""Jobs in containers: real ones."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import socket
import subprocess
import time
import uuid
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from docker import APIClient
from docker.errors import DockerException
from tests.docker_engine import containers_of, network_of_jobs, remove_containers, require_docker
from tests.image_registry import image_registry
from tests.integration.stack import running_stack
from tests.redis_server import require
from tests.scheduler_service import (
    SchedulerInProcess,
    kill_group,
    packed_project,
    scheduler_in_process,
    scheduler_process,
    settings_for,
    wait_for,
)

from atlas_core.client import Connection, SchedulerClient
from atlas_core.jobs import JobSpec, Submission
from atlas_core.log_frames import FRAMES_TYPE, UnfinishedLine, log_parts
from atlas_core.resources import Resources
from atlas_core.states import Cause, JobStatus
from atlas_services.tracker import open_tracker

pytestmark = [pytest.mark.redis, pytest.mark.docker]

PATIENCE = 60.0


@pytest.fixture(scope="session")
def docker() -> Iterator[APIClient]:
    """A client of this machine's engine."""
    yield require_docker()


@pytest.fixture(scope="session")
def network(docker: APIClient) -> Iterator[str]:
    with network_of_jobs(docker) as name:
        yield name


@pytest.fixture
def variables(network: str) -> dict[str, Any]:
    return {"ATLAS_ENGINE": "docker", "ATLAS_JOB_NETWORK": network}


@pytest.fixture
def server(
    tmp_path: Path, redis_url: str, docker: APIClient, variables: dict[str, Any]
) -> Iterator[SchedulerInProcess]:
    try:
        with scheduler_in_process(tmp_path, redis_url, **variables) as running:
            yield running
    finally:
        remove_containers(docker, tmp_path / "home")


def container_of(docker: APIClient, server: SchedulerInProcess, job_id: str) -> dict[str, Any]:
    """Wait until a job's container runs and return what the daemon says of it."""
    found: list[dict[str, Any]] = []

    def runs() -> bool:
        found[:] = containers_of(docker, server.settings.home, job_id)
        return bool(found) and found[0]["State"] == "running"

    wait_for(runs, PATIENCE)
    return dict(docker.inspect_container(found[0]["Id"]))


def submit(client: SchedulerClient, directory: Path, code: str, *arguments: str, **spec: Any) -> str:
    bundle_id, content = packed_project(directory, {"main.py": code})
    if not client.has_bundle(bundle_id):
        (directory / "bundle").write_bytes(content)
        with (directory / "bundle").open("rb") as file:
            client.upload_bundle(bundle_id, file)
    wanted = JobSpec(bundle_id=bundle_id, command=("main.py", *arguments), **spec)
    return client.submit(Submission(str(uuid.uuid4()), "digits", "ada", wanted))


def test_a_job_runs_in_its_files_as_its_user_and_leaves_them_in_the_archive(server: SchedulerInProcess) -> None:
    code = """
import json, os, pathlib
assert json.load(open("foundations_job_parameters.json")) == {"lr": 0.1}
home = pathlib.Path(os.environ["FOUNDATIONS_HOME"])
print((home / "config/execution/default.config.yaml").read_text().strip())
print(os.environ["FOUNDATIONS_SERVER_URL"])
pathlib.Path("result").write_text(f"{os.getuid()} {os.getcwd()}")
"""
    job_id = server.submit(code, params={"lr": 0.1})
    assert server.ended(job_id, PATIENCE).status is JobStatus.COMPLETED, server.log(job_id)
    result = server.settings.archive_root / job_id / "artifacts" / "result"
    user = result.stat().st_uid
    assert result.read_text() == f"{user} /job/job_source"
    assert user == (os.geteuid() or 1000)
    configured, url = server.log(job_id).splitlines()[-2:]
    assert configured == f"server_url: {url}"
    assert url.endswith(f":{server.settings.ports.proxy}") and "127.0.0.1" not in url


_TRAINING = """
import foundations
foundations.log_param("lr", 0.1)
for step in range(50):
    foundations.log_metric("loss", 1 / (step + 1))
with open("model.txt", "w") as file:
    file.write("weights")
foundations.save_artifact("model.txt")
print("trained", flush=True)
import os, signal
if "KILLED" in os.environ:
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("environment", [{}, {"KILLED": "1"}], ids=["to its end", "killed"])
def test_what_a_job_logs_arrives(tmp_path: Path, docker: APIClient, network: str, environment: dict[str, str]) -> None:
    variables: dict[str, Any] = {"ATLAS_ENGINE": "docker", "ATLAS_JOB_NETWORK": network}
    try:
        with running_stack(tmp_path / "home", **variables) as stack:
            job_id = submit(stack.scheduler, tmp_path, _TRAINING, environment=environment)
            wait_for(lambda: stack.scheduler.status(job_id).is_finished, PATIENCE)
            (job,) = stack.rest.job_listing("digits")["jobs"]
        assert job["status"] == ("failed" if environment else "completed")
        assert {entry["name"]: entry["value"] for entry in job["output_metrics"]}["loss"][-1] == 0.02
        assert (tmp_path / "home/job_data/archive" / job_id / "user_artifacts/model.txt").read_text() == "weights"
    finally:
        remove_containers(docker, tmp_path / "home")


def test_a_container_has_no_privileges_and_nothing_of_other_jobs(
    docker: APIClient, server: SchedulerInProcess, network: str
) -> None:
    job_id = server.submit("import time; time.sleep(60)", resources=Resources(ram=0.5, cpus=0.5, shm=0.25))
    found = container_of(docker, server, job_id)
    host, gb = found["HostConfig"], 1024**3
    assert (host["Privileged"], host["CapDrop"], host["CapAdd"]) == (False, ["ALL"], None)
    assert host["SecurityOpt"] == ["no-new-privileges"]
    assert (host["Memory"], host["MemorySwap"], host["NanoCpus"]) == (gb // 2, gb // 2, 500_000_000)
    assert (host["ShmSize"], host["PidsLimit"]) == (gb // 4, 4096)
    assert (host["RestartPolicy"]["Name"], host["AutoRemove"], host["PidMode"]) == ("no", False, "")
    assert (host["PortBindings"], host["Devices"], host["Binds"]) == (None, None, None)
    assert list(found["NetworkSettings"]["Networks"]) == [network]
    assert int(found["Config"]["User"].partition(":")[0]) != 0
    mounts = {each["Destination"]: each["Source"] for each in found["Mounts"]}
    assert mounts.pop("/job") == str(server.settings.work_root / job_id)
    assert Path(mounts.pop("/environments")).parent == server.settings.environments_root
    assert mounts == {}
    status = docker.exec_create(found["Id"], ["cat", "/proc/self/status"])
    facts = dict(line.split(":\t", 1) for line in docker.exec_start(status).decode().splitlines() if ":\t" in line)
    assert (int(facts["CapEff"], 16), int(facts["CapBnd"], 16), facts["NoNewPrivs"]) == (0, 0, "1")
    server.client.delete(f"/running_jobs/{job_id}")
    server.ended(job_id, PATIENCE)
    wait_for(lambda: containers_of(docker, server.settings.home) == [])


def test_the_log_has_every_byte_whatever_it_is(server: SchedulerInProcess) -> None:
    code = """
import sys
line = bytes(range(256)).replace(b"\\n", b"") + b"x" * 1744 + b"\\n"
for number in range(50_000):
    sys.stdout.buffer.write(line)
sys.stdout.buffer.write(b"y" * 100_000)
sys.stdout.buffer.write(b"no newline \\xff")
"""
    job_id = server.submit(code, entrypoint=("python", "-u"))
    assert server.ended(job_id, PATIENCE).status is JobStatus.COMPLETED
    line = bytes(range(256)).replace(b"\n", b"") + b"x" * 1744 + b"\n"
    expected = hashlib.sha256(line * 50_000 + b"y" * 100_000 + b"no newline \xff")
    log = (server.settings.archive_root / job_id / "logs" / "output.log").read_bytes()
    assert len(log) == len(line) * 50_000 + 100_012
    assert hashlib.sha256(log).hexdigest() == expected.hexdigest()


def test_a_line_that_does_not_end_is_told_who_follows_the_log_and_is_in_it_once(server: SchedulerInProcess) -> None:
    code = """
import os, sys, time
for percent in range(100):
    print(f"\\r{percent:3d}%|", end="", file=sys.stderr, flush=True)
    time.sleep(0 if os.path.exists("go-on") else 0.1)
print("\\r100%|", file=sys.stderr)
"""
    job_id = server.submit(code)
    path = f"/api/v3/jobs/{job_id}/log?follow=1"
    answer = server.client.get(path, headers={"Accept": FRAMES_TYPE}, buffered=False)
    seen: list[bytes] = []
    log = b""
    for part in log_parts(answer.iter_encoded()):
        if not isinstance(part, UnfinishedLine):
            log += part
        elif part and len(seen) < 3:
            assert b"%|" not in log
            seen.append(part)
            if len(seen) == 3:
                (server.settings.work_root / job_id / "job_source" / "go-on").touch()
    bars = [b"\r%3d%%|" % percent for percent in range(101)]
    assert set(seen) <= set(bars)
    assert len(seen) == 3
    assert log.endswith(b"".join(bars) + b"\n")
    assert log == server.client.get(path).data


def test_an_image_that_does_not_exist_is_told_in_the_log(server: SchedulerInProcess) -> None:
    job_id = server.submit(image="atlas-no-such-image:none")
    record = server.ended(job_id, PATIENCE)
    assert (record.status, record.cause) == (JobStatus.FAILED, Cause.IMAGE_PULL)
    assert "404 Client Error: No such image: atlas-no-such-image:none" in server.log(job_id)


@contextlib.contextmanager
def silent_registry() -> Iterator[str]:
    """Yield the name of an image in a registry that takes calls and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"127.0.0.1:{listener.getsockname()[1]}/silent"


def test_a_job_that_waits_for_its_image_can_be_cancelled(docker: APIClient, server: SchedulerInProcess) -> None:
    with silent_registry() as image:
        job_id = server.submit(image=image)
        wait_for(lambda: "pulling it" in server.log(job_id))
        assert server.record(job_id).status is JobStatus.PENDING
        server.client.post(f"/api/v3/jobs/{job_id}/stop")
        record = server.ended(job_id, 5)
        assert (record.status, record.cause) == (JobStatus.FAILED, Cause.STOPPED_BY_USER)
        assert server.ended(server.submit(), PATIENCE).status is JobStatus.COMPLETED
    assert containers_of(docker, server.settings.home, job_id) == []


def test_an_image_is_pulled_once_for_all_jobs_that_wait_for_it(docker: APIClient, server: SchedulerInProcess) -> None:
    with image_registry(0.3) as registry:
        try:
            jobs = [server.submit(image=registry.image, entrypoint=("/nothing",)) for _ in range(2)]
            for job_id in jobs:
                assert server.ended(job_id, PATIENCE).exit_code == 127  # it is an empty image
        finally:
            with contextlib.suppress(DockerException):
                docker.remove_image(registry.image, force=True)
    log = server.log(jobs[0])
    assert log.startswith(f"INFO: The image {registry.image} is not on this machine; pulling it.\n")
    assert "Pull complete" in log
    assert f"INFO: The image {registry.image} is here.\n" in log
    blobs = [path for path in registry.asked if "/blobs/" in path]
    assert len(blobs) == len(set(blobs)) == 2


def test_a_job_that_takes_too_much_memory_is_told_so(server: SchedulerInProcess) -> None:
    job_id = server.submit("x = bytearray(200 << 20); x[::4096] = b'1' * len(x[::4096])", resources=Resources(ram=0.06))
    record = server.ended(job_id, PATIENCE)
    assert (record.status, record.cause) == (JobStatus.FAILED, Cause.OOM)


def test_a_child_that_takes_too_much_memory_is_told_so(server: SchedulerInProcess) -> None:
    code = """
import subprocess, sys
greedy = "x = bytearray(200 << 20); x[::4096] = b'1' * len(x[::4096])"
sys.exit(1 if subprocess.run([sys.executable, "-c", greedy]).returncode else 0)
"""
    record = server.ended(server.submit(code, resources=Resources(ram=0.06)), PATIENCE)
    assert (record.cause, record.exit_code) == (Cause.OOM, 1)


def test_a_job_that_is_deaf_to_requests_is_killed(docker: APIClient, server: SchedulerInProcess) -> None:
    code = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
    )
    job_id = server.submit(code)
    wait_for(lambda: "deaf" in server.log(job_id), PATIENCE)
    began = time.monotonic()
    server.client.post(f"/api/v3/jobs/{job_id}/stop")
    record = server.ended(job_id, PATIENCE)
    assert (record.cause, record.exit_code) == (Cause.STOPPED_BY_USER, 137)
    assert time.monotonic() - began < 5


def test_a_job_that_listens_ends_by_itself(server: SchedulerInProcess) -> None:
    code = """
import signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: (print("bye"), sys.exit(7)))
print("listening", flush=True)
time.sleep(60)
"""
    job_id = server.submit(code)
    wait_for(lambda: "listening" in server.log(job_id), PATIENCE)
    server.client.post(f"/api/v3/jobs/{job_id}/stop")
    record = server.ended(job_id, PATIENCE)
    assert (record.cause, record.exit_code) == (Cause.STOPPED_BY_USER, 7), server.log(job_id)
    assert server.log(job_id).endswith("listening\nbye\n")


def test_what_a_job_leaves_running_ends_with_it(docker: APIClient, server: SchedulerInProcess) -> None:
    code = """
import subprocess
for _ in range(20):
    subprocess.Popen(["setsid", "sh", "-c", "trap '' TERM HUP; sleep 60; echo never"])
"""
    job_id = server.submit(code)
    assert server.ended(job_id, 20).status is JobStatus.COMPLETED
    wait_for(lambda: containers_of(docker, server.settings.home) == [])


def test_a_container_that_somebody_removes_is_a_job_that_was_lost(
    docker: APIClient, server: SchedulerInProcess
) -> None:
    job_id = server.submit("import time; print('up', flush=True); time.sleep(60)")
    found = container_of(docker, server, job_id)
    docker.remove_container(found["Id"], force=True)
    record = server.ended(job_id, PATIENCE)
    assert (record.cause, record.cause_detail) == (
        Cause.ENGINE_LOST,
        "the job's container was removed by somebody else",
    )


def test_what_no_container_can_do_is_refused_with_its_reason(server: SchedulerInProcess) -> None:
    job_id = server.submit(working_dir="sub")
    record = server.ended(job_id, PATIENCE)
    assert (record.status, record.cause) == (JobStatus.FAILED, Cause.INVALID_SPEC)
    assert "the project has no directory `sub`" in server.log(job_id)


def test_a_program_that_does_not_exist_is_named_in_the_log(server: SchedulerInProcess) -> None:
    job_id = server.submit(entrypoint=("no-such-program",))
    record = server.ended(job_id, PATIENCE)
    assert (record.status, record.exit_code) == (JobStatus.FAILED, 127)
    assert "no-such-program" in server.log(job_id)


def test_a_stop_before_the_container_is_made_keeps_it_from_starting(
    docker: APIClient, server: SchedulerInProcess
) -> None:
    jobs = [server.submit("print('ran')") for _ in range(6)]
    for job_id in jobs:
        while server.client.post(f"/api/v3/jobs/{job_id}/stop").status_code != 202:
            assert not server.record(job_id).status.is_finished
    for job_id in jobs:
        assert server.ended(job_id, PATIENCE).cause is Cause.STOPPED_BY_USER
    wait_for(lambda: containers_of(docker, server.settings.home) == [])


def test_the_gpus_of_a_job_are_asked_for_by_their_ids(
    tmp_path: Path, redis_url: str, docker: APIClient, variables: dict[str, Any]
) -> None:
    with scheduler_in_process(tmp_path, redis_url, {"CUDA_VISIBLE_DEVICES": "4,5,6"}, **variables) as server:
        made: list[dict[str, Any]] = []
        create = APIClient.create_container_from_config

        def noting(self: APIClient, config: Any, *rest: Any, **more: Any) -> Any:
            answer = create(self, config, *rest, **more)
            made.append(docker.inspect_container(answer["Id"]))
            return answer

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(APIClient, "create_container_from_config", noting)
            job_id = server.submit(num_gpus=2)
            record = server.ended(job_id, PATIENCE)
    (request,) = made[0]["HostConfig"]["DeviceRequests"]
    assert (request["Driver"], request["DeviceIDs"], request["Count"]) == ("nvidia", ["4", "5"], 0)
    assert request["Capabilities"] == [["gpu", "compute", "utility"]]
    assert {"NVIDIA_VISIBLE_DEVICES=4,5", "CUDA_VISIBLE_DEVICES=0,1"} <= set(made[0]["Config"]["Env"])
    if record.status is JobStatus.FAILED:  # a machine without the driver
        assert record.cause is Cause.INVALID_SPEC
        assert "install the NVIDIA container toolkit" in (record.cause_detail or "")


def is_longer(file: Path, size: int) -> bool:
    return file.stat().st_size > size


_OUTPUT = """
import sys, time
for number in range(3000):
    print(f"line {number} " + "z" * (number % 300), file=sys.stderr if number % 7 == 0 else sys.stdout, flush=True)
    time.sleep(0.001)
"""


def test_no_line_is_lost_or_doubled_when_the_scheduler_is_killed_and_its_job_adopted(
    tmp_path: Path, redis_url: str, docker: APIClient, variables: dict[str, Any]
) -> None:
    home, tracker = tmp_path / "home", open_tracker(redis_url)
    archive = settings_for(home, redis_url).archive_root
    with scheduler_process(home, redis_url, **variables) as (_, url):
        job_id = submit(SchedulerClient(Connection(url)), tmp_path, _OUTPUT, entrypoint=("python",))
        output = archive / job_id / "logs" / "output.log"
        wait_for(lambda: output.exists() and output.stat().st_size > 10_000, PATIENCE)
    for size in (100_000, 200_000, 300_000):  # each of them is killed
        with scheduler_process(home, redis_url, **variables):
            wait_for(partial(is_longer, output, size), PATIENCE)
    with scheduler_process(home, redis_url, **variables):
        wait_for(lambda: tracker.jobs.get(job_id).status.is_finished, PATIENCE)
        wait_for(lambda: containers_of(docker, home) == [])
    expected = [f"line {number} " + "z" * (number % 300) for number in range(3000)]
    assert sorted(output.read_text().splitlines()) == sorted(expected)
    assert tracker.jobs.get(job_id).status is JobStatus.COMPLETED
    tracker.close()


def test_a_container_that_is_removed_while_nobody_watches_is_not_run_again(
    tmp_path: Path, redis_url: str, docker: APIClient, variables: dict[str, Any]
) -> None:
    home, tracker = tmp_path / "home", open_tracker(redis_url)
    with scheduler_process(home, redis_url, **variables) as (process, url):
        job_id = submit(SchedulerClient(Connection(url)), tmp_path, "import time; print('up'); time.sleep(60)")
        wait_for(lambda: [each["State"] for each in containers_of(docker, home)] == ["running"], PATIENCE)
        kill_group(process)
    remove_containers(docker, home)
    with scheduler_process(home, redis_url, **variables):
        wait_for(lambda: tracker.jobs.get(job_id).status.is_finished, PATIENCE)
    assert tracker.jobs.get(job_id).cause is Cause.ENGINE_LOST
    assert containers_of(docker, home) == []
    tracker.close()


def test_a_job_that_fills_its_disk_fails_alone(
    tmp_path: Path, redis_url: str, docker: APIClient, variables: dict[str, Any]
) -> None:
    require(os.geteuid() == 0 and shutil.which("mount"), "Root, to mount a small disk,")
    work_root = settings_for(tmp_path / "home", redis_url).work_root
    work_root.mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(work_root)], check=True)
    try:
        with scheduler_in_process(tmp_path, redis_url, **variables) as server:
            job_id = server.submit("print('filling', flush=True); open('big', 'wb').write(bytes(16 << 20))")
            record = server.ended(job_id, PATIENCE)
            assert (record.status, record.exit_code) == (JobStatus.FAILED, 1)
            assert "No space left on device" in server.log(job_id)
            assert server.ended(server.submit("print('fine')"), PATIENCE).status is JobStatus.COMPLETED
    finally:
        remove_containers(docker, tmp_path / "home")
        subprocess.run(["umount", "--lazy", str(work_root)], check=True)


def test_containers_of_no_job_are_removed_and_those_of_others_left_alone(
    tmp_path: Path, redis_url: str, docker: APIClient, variables: dict[str, Any]
) -> None:
    with scheduler_in_process(tmp_path, redis_url, **variables) as server:
        installation = (server.settings.home / "server" / "installation.id").read_text().strip()
    made = {}
    for owner in (installation, "another"):
        labels = {"atlas.installation": owner, "atlas.job": "gone"}
        made[owner] = docker.create_container("atlas-worker:latest", ["-c", "pass"], labels=labels)["Id"]
    try:
        with scheduler_in_process(tmp_path, redis_url, **variables):
            wait_for(lambda: containers_of(docker, tmp_path / "home") == [], PATIENCE)
        assert docker.inspect_container(made["another"])["State"]["Status"] == "created"
    finally:
        for container in made.values():
            with contextlib.suppress(DockerException):
                docker.remove_container(container, force=True)
