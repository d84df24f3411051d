"""`foundations init`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from tests.unit.atlas_cli.conftest import Foundations

from atlas_cli.init import TEMPLATE
from atlas_core.job_config import JobConfig


def _tree(directory: Path) -> dict[str, bytes]:
    files = [path for path in directory.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    return {str(path.relative_to(directory)): path.read_bytes() for path in files}


def test_the_new_project_equals_the_template(foundations: Foundations) -> None:
    ended = foundations("init", "digits")
    assert ended.code == 0
    assert ended.out.startswith("Success: New Foundations project `digits` created!\n")
    assert "cd digits" in ended.out
    assert _tree(Path("digits")) == _tree(TEMPLATE)
    assert sorted(_tree(TEMPLATE)) == ["README.md", "job.config.yaml", "main.py", "requirements.txt", "search.py"]
    assert [path.name for path in Path().iterdir()] == ["digits"]


def test_no_bytecode_is_copied(foundations: Foundations, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed = tmp_path / "template"
    (installed / "__pycache__").mkdir(parents=True)
    (installed / "__pycache__" / "main.cpython-310.pyc").write_bytes(b"")
    (installed / "main.py").write_text("")
    monkeypatch.setattr("atlas_cli.init.TEMPLATE", installed)
    foundations("init", "digits")
    assert [path.name for path in Path("digits").iterdir()] == ["main.py"]


@pytest.mark.parametrize("kind", ["directory", "file", "broken link"])
def test_what_exists_is_left_alone(foundations: Foundations, kind: str) -> None:
    match kind:
        case "directory":
            Path("digits").mkdir()
        case "file":
            Path("digits").write_text("mine")
        case _:
            Path("digits").symlink_to("nowhere")
    ended = foundations("init", "digits")
    assert ended.code == 1
    assert ended.out == "Error: project directory for `digits` already exists\n"
    assert [path.name for path in Path().iterdir()] == ["digits"]


@pytest.mark.parametrize("name", ["", " ", "a/b", "..", ".hidden", "a\\b", "tab\there", "x" * 300])
def test_a_name_that_is_no_name_is_refused_in_one_sentence(foundations: Foundations, name: str) -> None:
    ended = foundations("init", name)
    assert ended.code == 1
    assert ended.out.startswith("Error running command: project_name: ")
    assert ended.out.count("\n") == 1
    assert list(Path().iterdir()) == []


def test_a_directory_that_cannot_be_written_to_is_named(
    foundations: Foundations, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = Path("gone").absolute()
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    ended = foundations("init", "digits")
    assert ended.code == 1
    assert "Traceback" not in ended.err
    assert ended.out.startswith("Error: cannot create `digits`: ")


def test_the_json_answer_says_where_the_project_is(foundations: Foundations) -> None:
    ended = foundations("init", "digits", "--json")
    assert json.loads(ended.out) == {"project": "digits", "path": str(Path("digits").absolute())}
    assert json.loads(foundations("init", "digits", "--json").out)["error"]["code"] == "conflict"


def test_the_configuration_of_the_sample_says_nothing_until_a_line_is_uncommented() -> None:
    text = (TEMPLATE / "job.config.yaml").read_text()
    assert yaml.safe_load(text) is None
    keys = "\n".join(line[2:] for line in text.splitlines()[3:] if line.startswith("# "))
    terms = {"priority", "time_limit", "retries"}
    resources = {"num_gpus", "gpu_model", "gpu_memory", "ram", "cpus"}
    config = JobConfig.from_dict(yaml.safe_load(keys))
    assert set(yaml.safe_load(keys)) == {"project_name", "log_level", "params", "worker"} | resources | terms
    assert (set(config.resources), set(config.terms)) == (resources, terms)
