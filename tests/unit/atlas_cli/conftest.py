"""Fixtures for the tests of the command line."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.unit.atlas_cli.scheduler_double import SchedulerDouble, running_scheduler

from atlas_cli.main import run as run_foundations


@dataclass(frozen=True)
class Ended:
    """How a command ended, and what it printed."""

    code: int
    out: str
    err: str


Foundations = Callable[..., Ended]


@pytest.fixture
def foundations(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Foundations:
    """Runs `foundations` with the given words, in an empty directory."""
    directory = tmp_path / "cwd"
    directory.mkdir()
    monkeypatch.chdir(directory)

    def call(*words: str) -> Ended:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            run_foundations(words)
        out, err = capsys.readouterr()
        assert isinstance(ended.value.code, int)
        return Ended(ended.value.code, out, err)

    return call


@pytest.fixture
def config_home() -> Path:
    """The directory of the configurations below $FOUNDATIONS_HOME, made."""
    directory = Path(os.environ["FOUNDATIONS_HOME"]) / "config"
    for kind in ("submission", "execution"):
        (directory / kind).mkdir(parents=True)
    return directory


@pytest.fixture
def scheduler(config_home: Path) -> Iterator[SchedulerDouble]:
    """A scheduler that answers, known as `scheduler`; beside it the configuration `nowhere` of one that does not."""
    with running_scheduler() as double:
        (config_home / "submission" / "scheduler.config.yaml").write_text(f"scheduler_url: {double.url}\n")
        (config_home / "submission" / "nowhere.config.yaml").write_text("scheduler_url: http://127.0.0.1:1\n")
        yield double
