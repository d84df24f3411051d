"""A script that uses every public name passes the strictest check of types."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest

import foundations

SCRIPT = """
from __future__ import annotations

from pathlib import Path

import foundations
from foundations import Deployment, Search, SyncableDirectory
from foundations.search import SearchJobs, Trial, choice, integers, log_uniform, uniform

version: str = foundations.__version__
params: dict[str, object] = foundations.load_parameters(log_parameters=False)
flat = foundations.flatten_parameter_dictionary({"a": {"b": [1, 2]}})
foundations.log_param("layers", [64, 32])
foundations.log_params({**params, **flat})
foundations.set_project_name("digits")
foundations.set_tag("baseline")
foundations.set_tag("size", 3)
for step in range(3):
    foundations.log_metric("loss", 0.5, step=step, time=1.6e9)
    foundations.log_metrics({"accuracy": 0.9, "note": "text"}, step=step)
    foundations.log_image([[0.0, 1.0]], "samples", step=step)
foundations.save_artifact("weights.bin")
foundations.save_artifact(Path("weights.bin"), key="weights", step=3)
foundations.log_figure(object(), "figure")
foundations.log_audio([0.0, 0.5], "sound", rate=8000)
foundations.log_table([{"a": 1}], "table.csv")

directory: SyncableDirectory = foundations.create_syncable_directory("checkpoints", "checkpoints", source_job_id=None)
directory.upload()
directory.download()
foundations.set_tensorboard_logdir(Path("runs"))
job_id: str | None = foundations.current_foundations_job().job_id

foundations.set_job_resources(num_gpus=1, ram=4)
deployment: Deployment = foundations.submit(command=["main.py"], params={"epochs": 3}, time_limit="1h")
text: str = deployment.wait(timeout=600).value + deployment.logs()
deployment.stop()
values: list[object] = [deployment.metrics(), deployment.parameters(), deployment.get_metric("loss")]
values += [deployment.get_param("rate"), deployment.get_job_details(wait_seconds=1)["tags"], deployment.status()]
words: list[str | None] = [deployment.job_name(), deployment.get_job_status(), deployment.get_true_job_status()]
text += deployment.get_job_logs()
if not deployment.is_job_complete():
    deployment.stream_job_logs()
    deployment.wait_for_deployment_to_complete(wait_seconds=1, log_output=False)

space = {"rate": log_uniform(1e-4, 1e-1), "drop": uniform(0, 1), "units": choice([16, 32]), "layers": integers(1, 3)}
trials = Search(space, seed=7, name="first").random(20)
first: dict[str, object] = trials[0]
jobs: SearchJobs = trials.submit(at_once=4, command=["main.py"]).wait(timeout=600)
every: int = len(Search({"units": choice([16, 32])}).grid())
rows: int = len(jobs.table()) + len(jobs.jobs)
jobs.stop()
best: Trial = jobs.best("loss", mode="min")
if best.job is not None:
    text += best.job.job_id
rows += len(foundations.get_metrics_for_all_jobs("digits"))
"""


def test_a_script_with_every_public_name_passes_the_strictest_check(tmp_path: Path) -> None:
    nodes = list(ast.walk(ast.parse(SCRIPT)))
    used = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    used |= {alias.name for node in nodes if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert sorted(set(foundations.__all__) - used) == []
    methods = {name for each in (foundations.Deployment, foundations.Search) for name in vars(each)}
    assert sorted(name for name in methods - used if not name.startswith("_")) == []
    (tmp_path / "script.py").write_text(SCRIPT)
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path / "cache"), "script.py"]
    sdk = str(Path(foundations.__file__).parents[1])
    checked = subprocess.run(
        command, cwd=tmp_path, env={**os.environ, "MYPYPATH": sdk}, capture_output=True, text=True, timeout=110
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.parametrize("package", ["foundations", "atlas_core"])
def test_the_types_are_shipped(package: str) -> None:
    assert files(package).joinpath("py.typed").is_file()
