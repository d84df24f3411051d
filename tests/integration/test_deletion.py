"""What a job leaves behind once it is deleted, of any kind and with all that it may keep: nothing but its id."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
import requests
from tests.integration.stack import RunningStack, eventually, running_stack

from atlas_core.client import Connection
from atlas_core.schedule_client import ScheduleClient

pytestmark = pytest.mark.stack

SCRIPT = """
import pathlib, sys
import foundations
print("hello", flush=True)
foundations.log_params({"lr": 0.1, "layers": [1, 2]})
foundations.set_tag("kind", "any")
for step in range(1500):
    foundations.log_metric("loss", 1 / (step + 1), step=step)
foundations.log_metric("note", "a word")
foundations.save_artifact("main.py", key="code")
synced = foundations.create_syncable_directory("ckpt", "out")
pathlib.Path("out/weights").write_bytes(bytes(5000))
synced.upload()
sys.exit(len(sys.argv) - 1)
"""
#: Where the stack keeps what belongs to no job: its processes and their logs, and Redis's own files.
OF_THE_STACK = ("server", "database", "config", "stack.out", "logs")
#: Content that many jobs share stays for the next one, as long as the settings say.
SHARED = ("job_bundle_store_dir",)
#: The keys that outlast jobs: which projects there are, what happened, which ids were deleted, who leads.
OF_ALL = {"projects", "events", "deleted", "lease", "lease:term", "queue:tail", "schedules:changes", "sealer"}


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[RunningStack]:
    """A stack that seals jobs at once."""
    with running_stack(tmp_path / "home", ATLAS_SEAL_MINUTES="0.01") as stack:
        yield stack


def files_of(stack: RunningStack) -> set[str]:
    """Return every file that jobs have brought."""
    found = (path.relative_to(stack.home) for path in stack.home.rglob("*") if not path.is_dir())
    return {str(path) for path in found if path.parts[0] not in (*OF_THE_STACK, *SHARED)}


def keys_of(stack: RunningStack) -> set[str]:
    """Return every key in the stack's Redis."""
    password = (stack.home / "server" / "redis.secret").read_text().strip()
    with redis.Redis(port=stack.facts()["services"]["redis"]["port"], password=password) as client:
        keys = {key.decode().removeprefix("atlas:") for key in client.scan_iter("*", count=1000)}
    return {key for key in keys if key not in OF_ALL and not key.endswith(":whole")}


def jobs_of(stack: RunningStack, project: str) -> dict[str, str]:
    """Return the status of each job."""
    return {job["job_id"]: job["status"] for job in stack.rest.job_listing(project)["jobs"]}


def run_by_schedule(stack: RunningStack, project: Path) -> None:
    """Have a schedule run the script once, and remove it."""
    yearly = ("--cron", "0 0 1 1 *", "--timezone", "UTC", "--name", "tick")
    added = stack.foundations("schedule", "add", *yearly, "scheduler", ".", "main.py", cwd=project)
    assert added.returncode == 0, added.stderr
    client = ScheduleClient(Connection(stack.url))
    client.reschedule("tick", {"second": "*"})
    eventually(lambda: client.get("tick")["runs"])
    client.pause("tick")
    eventually(lambda: all(stack.scheduler.status(run_id).is_finished for run_id in client.get("tick")["runs"]))
    client.remove("tick")


def test_jobs_of_all_kinds_are_deleted_without_a_trace(stack: RunningStack, project: Path) -> None:
    (project / "main.py").write_text(SCRIPT)
    keys, files = keys_of(stack), files_of(stack)
    for words in ((), ("fails",)):
        stack.foundations("submit", "--stream-job-logs", "false", "scheduler", ".", "main.py", *words, cwd=project)
    assert stack.python("main.py", cwd=project).returncode == 0
    run_by_schedule(stack, project)
    eventually(lambda: set(jobs_of(stack, project.name).values()) == {"completed", "failed"}, 60.0)
    jobs = jobs_of(stack, project.name)
    archive = stack.home / "job_data" / "archive"
    eventually(lambda: all((archive / job_id / "metrics.parquet").exists() for job_id in jobs), 60.0)
    assert len(jobs) >= 4
    assert [key for key in keys_of(stack) if key.startswith("{job:")]
    for job_id in jobs:
        answer = requests.delete(f"{stack.url}/api/v2beta/projects/{project.name}/job_listing/{job_id}", timeout=60)
        assert (answer.status_code, answer.json()) == (200, f"Job {job_id} successfully deleted")
    assert keys_of(stack) - keys == set()
    eventually(lambda: files_of(stack) - files == set(), 60.0)
