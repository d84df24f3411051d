"""Jobs as processes: real ones."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.scheduler_service import SchedulerInProcess, scheduler_in_process, wait_for

from atlas_core.records import point_frame
from atlas_core.states import Cause, JobStatus
from atlas_services.process_life import birth_of
from atlas_services.scheduler.engines.workspace import Workspace

pytestmark = pytest.mark.redis


@pytest.fixture
def server(tmp_path: Path, redis_url: str) -> Iterator[SchedulerInProcess]:
    with scheduler_in_process(tmp_path, redis_url) as running:
        yield running


def workspace(server: SchedulerInProcess, job_id: str) -> Workspace:
    return Workspace(server.settings.work_root / job_id)


def test_a_job_runs_in_its_files_with_its_parameters_and_its_own_home(server: SchedulerInProcess) -> None:
    code = """
import json, os, pathlib
assert json.load(open("foundations_job_parameters.json")) == {"lr": 0.1, "layers": []}
home = pathlib.Path(os.environ["FOUNDATIONS_HOME"])
print((home / "config/submission/scheduler.config.yaml").read_text().strip())
print((home / "config/execution/default.config.yaml").read_text().strip())
"""
    job_id = server.submit(code, params={"lr": 0.1, "layers": []})
    assert server.ended(job_id).status is JobStatus.COMPLETED, server.log(job_id)
    url = server.settings.proxy_url
    assert server.log(job_id).splitlines()[-2:] == [f"scheduler_url: {url}", f"server_url: {url}"]


def test_a_job_says_that_it_asks_for_no_packages(server: SchedulerInProcess) -> None:
    job_id = server.submit()
    server.ended(job_id)
    rule = "=" * 120
    sentence = "INFO: No user requirements found. Proceeding to run script..."
    assert server.log(job_id) == f"{rule}\n{sentence}\n{rule}\n"


def test_the_token_of_a_job_is_the_one_that_the_tracker_accepts(server: SchedulerInProcess) -> None:
    job_id = server.submit("import os; open('token', 'w').write(os.environ['FOUNDATIONS_JOB_TOKEN'])")
    server.ended(job_id)
    token = (server.settings.archive_root / job_id / "artifacts" / "token").read_text()
    server.tracker.jobs.check_token(job_id, token)


def test_an_entrypoint_replaces_python(server: SchedulerInProcess) -> None:
    job_id = server.submit(entrypoint=("/bin/echo", "hello"), command=("a b", "c"))
    server.ended(job_id)
    assert server.log(job_id).endswith("hello a b c\n")


@pytest.mark.parametrize("spec", [{"command": ("missing.py",)}, {"entrypoint": ("no-such-program",)}])
def test_a_command_that_does_not_exist_fails_with_its_exit_status(
    server: SchedulerInProcess, spec: dict[str, Any]
) -> None:
    job_id = server.submit(**spec)
    record = server.ended(job_id)
    assert (record.status, record.cause) == (JobStatus.FAILED, Cause.EXIT_CODE)
    assert record.exit_code == (2 if "command" in spec else 127)


def test_a_job_runs_in_the_directory_that_it_asks_for(server: SchedulerInProcess) -> None:
    bundle_id = server.upload({"sub/main.py": "import os; print(os.path.basename(os.getcwd()))"})
    job_id = server.submit(working_dir="sub")
    assert server.ended(job_id).cause is Cause.EXIT_CODE
    assert "can't cd to" in server.log(job_id)  # this project has no such directory
    body = {
        "job_id": "in-sub",
        "metadata": {"project_name": "digits", "username": "ada"},
        "spec": {"bundle_id": bundle_id, "command": ["main.py"], "working_dir": "/job/job_source/sub"},
    }
    assert server.client.post("/queued_jobs", json=body).status_code == 201
    server.ended("in-sub")
    assert server.log("in-sub").endswith("\nsub\n")


def test_a_command_killed_by_a_signal_is_told_as_such(server: SchedulerInProcess) -> None:
    record = server.ended(server.submit("import os; os.kill(os.getpid(), 9)"))
    assert (record.cause, record.exit_code, record.cause_detail) == (Cause.EXIT_CODE, 137, "killed by signal 9")


def test_an_exception_that_the_job_reported_is_the_cause(server: SchedulerInProcess) -> None:
    go_on = server.directory / "go-on"
    job_id = server.submit(
        f"import os, time\nwhile not os.path.exists({str(go_on)!r}): time.sleep(0.01)\nraise KeyError"
    )
    server.tracker.jobs.update(job_id, error={"type": "KeyError", "message": "digit"})
    go_on.touch()
    record = server.ended(job_id)
    assert (record.cause, record.cause_detail) == (Cause.USER_CODE, "KeyError: digit")


def test_what_a_job_leaves_running_ends_with_it(server: SchedulerInProcess) -> None:
    job_id = server.submit("import subprocess; print(subprocess.Popen(['sleep', '60']).pid)")
    server.ended(job_id)
    left = int(server.log(job_id).split()[-1])
    wait_for(lambda: birth_of(left) is None)


def test_a_stopped_job_takes_every_process_with_it(server: SchedulerInProcess) -> None:
    code = """
import os, signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
# Each line is one write: three processes write to one log.
deaf = "import os, signal, time; signal.signal(15, signal.SIG_IGN); os.write(1, b'up' + bytes([10])); time.sleep(60)"
children = [subprocess.Popen([sys.executable, "-c", deaf], start_new_session=own) for own in (False, True)]
for child in children:
    os.write(1, b"pid %d\\n" % child.pid)
time.sleep(60)
"""
    job_id = server.submit(code)
    wait_for(lambda: server.log(job_id).count("up\n") == 2 and server.log(job_id).count("pid ") == 2)
    assert server.client.delete(f"/running_jobs/{job_id}").status_code == 204
    record = server.record(job_id)
    assert (record.cause, record.exit_code) == (Cause.STOPPED_BY_USER, 137)
    children = [int(line.split()[1]) for line in server.log(job_id).splitlines() if line.startswith("pid ")]
    wait_for(lambda: all(birth_of(child) is None for child in children))


def test_a_job_that_handles_the_signal_may_end_well_and_is_still_stopped(server: SchedulerInProcess) -> None:
    code = "import signal, sys, time; signal.signal(15, lambda *_: sys.exit(0)); print('up'); time.sleep(60)"
    job_id = server.submit(code)
    wait_for(lambda: server.log(job_id).endswith("up\n"))
    server.client.delete(f"/running_jobs/{job_id}")
    record = server.record(job_id)
    assert (record.status, record.cause, record.exit_code) == (JobStatus.FAILED, Cause.STOPPED_BY_USER, 0)


def test_an_entrypoint_that_comes_second_runs_nothing(tmp_path: Path, server: SchedulerInProcess) -> None:
    script = Path(__file__).parents[5] / "services" / "atlas_services" / "worker" / "entrypoint.sh"
    (tmp_path / "started").write_text("1 1\n")
    command = ["/bin/sh", str(script), str(tmp_path), str(tmp_path), "python", str(tmp_path), "direct", "touch", "ran"]
    assert subprocess.run(command, check=False).returncode == 75
    assert not (tmp_path / "ran").exists()


def test_a_job_whose_bundle_is_gone_fails_and_says_why(tmp_path: Path, redis_url: str) -> None:
    with scheduler_in_process(tmp_path, redis_url, NUM_WORKERS="0") as queue:
        job_id = queue.submit()
        for bundle in queue.settings.bundle_store.glob("*.tgz"):
            bundle.unlink()
    with scheduler_in_process(tmp_path, redis_url) as server:
        record = server.ended(job_id)
        assert record.cause is Cause.INVALID_SPEC
        assert "not found" in server.log(job_id)


def test_records_that_could_not_be_sent_are_kept_for_a_later_sync(server: SchedulerInProcess) -> None:
    frame = point_frame("loss", 0.5, 1.0)
    assert frame is not None
    code = f"""
import os, pathlib, signal
directory = pathlib.Path(os.environ["FOUNDATIONS_HOME"], "journal", os.environ["FOUNDATIONS_JOB_ID"])
directory.mkdir(parents=True)
(directory / ("w." + "0" * 20)).write_bytes({frame!r})
"""
    job_id = server.submit(code)
    server.ended(job_id, 90)
    kept = server.settings.home / "journal" / job_id
    assert "w." + "0" * 20 in [path.name for path in kept.iterdir()]


def test_the_scheduler_keeps_no_descriptor_and_no_zombie_of_a_job(server: SchedulerInProcess) -> None:
    server.ended(server.submit())
    before = len(list(Path("/proc/self/fd").iterdir()))
    for job_id in [server.submit() for _ in range(5)]:
        server.ended(job_id)
    assert len(list(Path("/proc/self/fd").iterdir())) <= before + 2  # connections to Redis


def test_a_job_that_spoils_its_records_ends_and_later_ones_do_too(server: SchedulerInProcess) -> None:
    spoiler = server.submit("open('../started', 'w').write('x y')")
    assert server.ended(spoiler).exit_code == 0
    spoiler = server.submit("import os; os.unlink('../started'); os.mkdir('../started'); os.mkdir('../exit')")
    assert server.ended(spoiler).cause is Cause.ENGINE_LOST
    assert server.ended(server.submit()).status is JobStatus.COMPLETED
    assert server.client.get("/readyz").status_code == 200


def test_what_a_process_does_not_get_is_said_at_the_start_of_the_log(server: SchedulerInProcess) -> None:
    data = server.directory / "data"
    data.mkdir()
    rules = server.settings.home / "config" / "scheduler" / "policy.config.yaml"
    rules.parent.mkdir(parents=True, exist_ok=True)
    rules.write_text(f"volumes: [{{root: {data}, mode: ro}}]")
    job_id = server.submit(image="ubuntu", volumes={str(data): {"bind": "/mnt", "mode": "ro"}})
    server.ended(job_id)
    first = server.log(job_id).splitlines()[0]
    assert first == "WARNING: This server runs jobs as processes; it does not apply: image, volumes."
