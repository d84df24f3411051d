"""What a server keeps of ended jobs, with the real stack: metrics as Parquet, and what `atlas-server gc` removes."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from tests.integration.stack import RunningStack, eventually, running_stack

from atlas_core.client import Connection

pytestmark = pytest.mark.stack

SCRIPT = """
import foundations
for step in range(500):
    foundations.log_metric("loss", 1 / (step + 1), step=step)
foundations.save_artifact("train.py")
"""


def _run(stack: RunningStack, directory: Path) -> str:
    """Run the script; returns its job."""
    directory.mkdir()
    (directory / "train.py").write_text(SCRIPT)
    ended = stack.python("train.py", cwd=directory)
    assert (ended.returncode, ended.stderr) == (0, "")
    (job,) = stack.rest.job_listing(directory.name)["jobs"]
    return str(job["job_id"])


def test_metrics_of_an_ended_job_become_parquet_and_read_as_before(tmp_path: Path) -> None:
    with running_stack(tmp_path / "home", ATLAS_SEAL_MINUTES="0.01") as stack:
        job_id = _run(stack, tmp_path / "sealed")
        file = stack.home / "job_data" / "archive" / job_id / "metrics.parquet"
        eventually(file.exists, 60.0)
        rows = pq.read_table(file).to_pylist()
        assert [(row["key"], row["step"]) for row in rows] == [("loss", step) for step in range(500)]
        series = Connection(stack.url).ask(dict, "GET", f"/api/v3/jobs/{job_id}/series/loss")
        assert series["values"] == [row["value"] for row in rows]
        drawn = Connection(stack.url).ask(dict, "GET", f"/api/v3/jobs/{job_id}/series/loss?width=40")
        assert max(drawn["values"]) == 1.0


def test_gc_deletes_old_jobs_and_tells_what_went(tmp_path: Path) -> None:
    with running_stack(tmp_path / "home", ATLAS_SEAL_MINUTES="0") as stack:
        job_id = _run(stack, tmp_path / "cleared")
        told = json.loads(stack.run("atlas-server", "gc", "--dry-run", "--json", "--job-days", "0").stdout)
        assert told["kinds"]["job"]["names"] == [job_id]
        files = stack.home / "job_data" / "archive" / job_id
        assert (files / "user_artifacts" / "train.py").exists()
        done = stack.run("atlas-server", "gc", "--job-days", "0")
        assert (done.returncode, done.stdout.splitlines()[0][:5]) == (0, "Freed"), done.stdout
        assert not files.exists()
        assert stack.rest.job_listing("cleared")["jobs"] == []
    ended = stack.run("atlas-server", "gc")
    assert (ended.returncode, ended.stdout[:21]) == (1, "Atlas is not running.")
    assert stack.run("atlas-server", "gc", "--project", "p").returncode == 2
