"""The sample project as users meet it: it runs, and what it logs is what its README says."""

from __future__ import annotations

import compileall
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from tests.redis_server import require
from tests.unit.atlas_cli.conftest import Foundations

from atlas_core.records import Operation, Point, Record, read_frames


def _run_untracked_by_a_server(program: str, directory: str) -> str:
    """Run a program of the project with the real SDK, which finds no server and so keeps everything in its journal."""
    environment = {
        **os.environ,
        "FOUNDATIONS_COMMAND_LINE": "False",
        "FOUNDATIONS_SERVER_URL": "http://127.0.0.1:1",
        "FOUNDATIONS_FLUSH_SECONDS": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    ended = subprocess.run(
        [sys.executable, program],
        cwd=directory,
        env=environment,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def _journal() -> list[Record]:
    """Return every record of the one job below $FOUNDATIONS_HOME."""
    (job,) = (Path(os.environ["FOUNDATIONS_HOME"]) / "journal").iterdir()
    segments = sorted(path for path in job.iterdir() if path.suffix[1:].isdigit())
    return [record for segment in segments for _, record in read_frames(segment.read_bytes())]


def _operations(records: list[Record], op: str) -> list[dict[str, object]]:
    return [record.body for record in records if isinstance(record, Operation) and record.op == op]


def test_its_programs_compile(foundations: Foundations) -> None:
    foundations("init", "digits")
    assert compileall.compile_dir("digits", quiet=1)


def test_a_training_logs_parameters_curves_and_artifacts(foundations: Foundations) -> None:
    for package in ("sklearn", "matplotlib"):
        require(find_spec(package), package)
    foundations("init", "digits")
    before = sorted(Path("digits").iterdir())

    said = _run_untracked_by_a_server("main.py", "digits")

    records = _journal()
    points = [record.name for record in records if isinstance(record, Point)]
    parameters = {str(body["name"]): body["value"] for body in _operations(records, "param")}
    assert parameters["epochs"] == 12
    assert parameters["learning_rate"] == 0.002
    assert points.count("train_loss") == points.count("validation_accuracy") == 12
    assert points.count("test_accuracy") == 1
    assert {body["key"] for body in _operations(records, "tag")} == {"model", "dataset"}
    assert _operations(records, "end")[0]["status"] == "completed"
    spooled = [path for path in Path(os.environ["FOUNDATIONS_HOME"]).rglob("*") if path.is_file()]
    assert any(path.read_bytes().startswith(b"\x89PNG") for path in spooled)
    assert said.count("validation accuracy") == 12
    assert sorted(Path("digits").iterdir()) == before


def test_given_parameters_replace_the_defaults(foundations: Foundations) -> None:
    for package in ("sklearn", "matplotlib"):
        require(find_spec(package), package)
    foundations("init", "digits")
    Path("digits", "foundations_job_parameters.json").write_text('{"epochs": 2, "hidden_units": 8}')
    assert _run_untracked_by_a_server("main.py", "digits").count("validation accuracy") == 2
