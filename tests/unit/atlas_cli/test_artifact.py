"""`foundations get artifact`."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from tests.unit.atlas_cli.conftest import Foundations
from tests.unit.atlas_cli.scheduler_double import Job, SchedulerDouble

_MODEL = bytes(range(256)) * 1000


def artifact(key: str, path: str, content: bytes) -> dict[str, Any]:
    digest = hashlib.sha256(content).hexdigest()
    return {"key": key, "path": path, "filename": path.split("/")[-1], "size": len(content), "sha256": digest}


@pytest.fixture(autouse=True)
def _job(scheduler: SchedulerDouble) -> None:
    scheduler.jobs["j-1"] = Job()
    files = {
        "user_artifacts/model.bin": _MODEL,
        "user_artifacts/keys/a/t.csv": b"a",
        "user_artifacts/keys/b/t.csv": b"b",
    }
    scheduler.archive["j-1"] = files
    keys = ["model", "a", "b"]
    artifacts = [artifact(key, path, files[path]) for key, path in zip(keys, files, strict=True)]
    scheduler.tracked["j-1"] = {"artifacts": artifacts}


@pytest.mark.parametrize("name", ["model", "model.bin", "user_artifacts/model.bin"])
@pytest.mark.parametrize("config", [[], ["scheduler"]])
def test_an_artifact_is_called_by_key_file_name_or_path(foundations: Foundations, config: list[str], name: str) -> None:
    ended = foundations("get", "artifact", *config, "j-1", name)
    assert (ended.code, ended.out) == (0, "Saved artifact `model` of job j-1: model.bin\n")
    assert Path("model.bin").read_bytes() == _MODEL
    assert [path.name for path in Path().iterdir()] == ["model.bin"]


def test_it_is_saved_as_or_in_what_output_names(foundations: Foundations) -> None:
    Path("results").mkdir()
    assert foundations("get", "artifact", "j-1", "model", "-o", "results").code == 0
    assert foundations("get", "artifact", "j-1", "model", "-o", "deep/er/m").code == 0
    assert Path("results/model.bin").read_bytes() == Path("deep/er/m").read_bytes() == _MODEL


def test_json(foundations: Foundations) -> None:
    facts = json.loads(foundations("get", "artifact", "j-1", "model", "--json").out)
    assert facts == {"job_id": "j-1", "key": "model", "path": "model.bin", "bytes": len(_MODEL)}


def test_standard_output_is_for_one_of_the_two(foundations: Foundations) -> None:
    ended = foundations("get", "artifact", "j-1", "model", "-o", "-", "--json")
    assert ended.code == 2
    assert "save the artifact as a file" in ended.err
    assert not Path("-").exists()


def test_of_several_with_one_file_name_the_keys_are_told(foundations: Foundations) -> None:
    ended = foundations("get", "artifact", "j-1", "t.csv")
    assert (ended.code, ended.out) == (1, "Error: `t.csv` names several artifacts; choose by key: a, b.\n")


def test_an_unknown_artifact_is_answered_with_those_that_there_are(
    foundations: Foundations, scheduler: SchedulerDouble
) -> None:
    ended = foundations("get", "artifact", "j-1", "nothing")
    assert (ended.code, ended.out) == (1, "Error: Job `j-1` has no artifact `nothing`; it has model, a, b.\n")
    scheduler.tracked["j-1"] = {"artifacts": []}
    assert "it logged none." in foundations("get", "artifact", "j-1", "nothing").out


class TestResume:
    """What broke off goes on where it was."""

    def test_within_one_command(self, foundations: Foundations, scheduler: SchedulerDouble) -> None:
        scheduler.breaks = [100_000, 100_000]
        assert foundations("get", "artifact", "j-1", "model").code == 0
        assert Path("model.bin").read_bytes() == _MODEL
        assert scheduler.ranges == [None, "bytes=65536-", "bytes=131072-"]

    def test_by_a_later_command(self, foundations: Foundations, scheduler: SchedulerDouble) -> None:
        self._leave_part(foundations, scheduler)
        scheduler.ranges.clear()
        assert foundations("get", "artifact", "j-1", "model").code == 0
        assert Path("model.bin").read_bytes() == _MODEL
        assert scheduler.ranges == ["bytes=1000-"]
        assert [path.name for path in Path().iterdir()] == ["model.bin"]

    def test_not_when_the_file_is_another_by_then(self, foundations: Foundations, scheduler: SchedulerDouble) -> None:
        self._leave_part(foundations, scheduler)
        scheduler.archive["j-1"]["user_artifacts/model.bin"] = b"new"
        scheduler.tracked["j-1"] = {"artifacts": [artifact("model", "user_artifacts/model.bin", b"new")]}
        assert foundations("get", "artifact", "j-1", "model").code == 0
        assert Path("model.bin").read_bytes() == b"new"
        assert [path.name for path in Path().iterdir()] == ["model.bin"]

    def _leave_part(self, foundations: Foundations, scheduler: SchedulerDouble) -> None:
        """Let the file arrive under a version that is known, and be cut to its first 1000 bytes."""
        assert foundations("get", "artifact", "j-1", "model").code == 0
        version = f'"{hashlib.sha256(_MODEL).hexdigest()}"'
        part = Path(f".model.bin.{hashlib.sha256(version.encode()).hexdigest()[:12]}.part")
        part.write_bytes(_MODEL[:1000])
        Path("model.bin").unlink()

    def test_what_is_not_what_the_job_stored_is_not_kept(
        self, foundations: Foundations, scheduler: SchedulerDouble
    ) -> None:
        scheduler.archive["j-1"]["user_artifacts/model.bin"] = b"damaged"
        ended = foundations("get", "artifact", "j-1", "model")
        assert ended.code == 1
        assert "is not what the job stored" in ended.out
        assert list(Path().iterdir()) == []

    def test_a_place_that_cannot_be_written_is_named(self, foundations: Foundations) -> None:
        Path("file").write_text("")
        ended = foundations("get", "artifact", "j-1", "model", "-o", "file/below")
        assert ended.code == 1
        assert "`file/below` cannot be written" in ended.out and ended.out.count("\n") == 1
