"""The records in a job's working directory."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from atlas_core.states import Cause
from atlas_services.process_life import birth_of
from atlas_services.scheduler.engines import Stop
from atlas_services.scheduler.engines.workspace import Taker, Workspace, move


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path)


def test_a_job_that_nobody_took_has_no_taker(workspace: Workspace) -> None:
    assert workspace.taker() is None


def test_a_barred_job_has_a_taker_that_does_not_live(workspace: Workspace) -> None:
    assert workspace.bar()
    assert not workspace.bar()
    taker = workspace.taker()
    assert taker is not None
    assert not taker.lives


def test_a_process_of_another_birth_is_another_process() -> None:
    birth = birth_of(os.getpid())
    assert birth is not None
    assert Taker(os.getpid(), birth).lives
    assert Taker(os.getpid(), "-").lives
    assert not Taker(os.getpid(), "1").lives


def test_a_record_that_is_just_being_written_is_waited_for(workspace: Workspace) -> None:
    started = workspace.path / "started"
    started.touch()
    writing = threading.Timer(0.1, started.write_text, ("12 34\n",))
    writing.start()
    assert workspace.taker() == Taker(12, "34")
    writing.join()


def test_a_record_that_was_never_written_stands_for_a_dead_process(workspace: Workspace) -> None:
    (workspace.path / "started").touch()
    assert workspace.taker() == Taker(0, "-")


def test_half_an_exit_status_is_none(workspace: Workspace) -> None:
    assert workspace.exit_code is None
    (workspace.path / "exit").write_text("1")
    assert workspace.exit_code is None
    (workspace.path / "exit").write_text("137\n")
    assert workspace.exit_code == 137


def test_the_first_reason_to_stop_stays(workspace: Workspace) -> None:
    assert workspace.told_to_stop is None
    workspace.note_stop(Stop(Cause.TIMEOUT, "first"))
    workspace.note_stop(Stop(Cause.STOPPED_BY_USER, "second"))
    assert workspace.told_to_stop == Stop(Cause.TIMEOUT, "first")


def test_a_move_may_be_repeated_and_finished_later(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "a" / "target"
    (source / "deep").mkdir(parents=True)
    (source / "deep" / "link").symlink_to("nowhere")
    move(source, target)
    move(source, target)
    assert (target / "deep" / "link").is_symlink()
    source.mkdir()  # a copy that was not yet removed
    move(source, target)
    assert not source.exists()
    assert (target / "deep").is_dir()


@pytest.mark.parametrize("text", ["x y\n", "-1 2\n", "9" * 5000 + " 1\n", "\u00b2 1\n"])
def test_a_record_of_nobody_stands_for_a_dead_process(workspace: Workspace, text: str) -> None:
    (workspace.path / "started").write_text(text)
    taker = workspace.taker()
    assert taker is not None
    assert not taker.lives


@pytest.mark.parametrize("content", [b"zero\n", b"\n", b"\xff\n", b"9" * 5000 + b"\n"])
def test_an_exit_status_that_is_no_number_is_none(workspace: Workspace, content: bytes) -> None:
    (workspace.path / "exit").write_bytes(content)
    assert workspace.exit_code is None


def test_records_that_are_no_files_say_nothing(workspace: Workspace) -> None:
    for name in ("started", "exit", "stopped"):
        (workspace.path / name).mkdir()
    assert workspace.taker() == Taker(0, "-")
    assert (workspace.exit_code, workspace.told_to_stop) == (None, Stop(Cause.STOPPED_BY_USER, ""))
