"""How much waits for a server on disk: the oldest is kept, and what finds no room is refused and counted."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit.foundations.conftest import Script
from tests.unit.foundations.journal_server import JournalServer

from foundations.journal_directory import JournalDirectory
from foundations.spool import Spool
from foundations.unsent import unsent_of


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "weights"
    path.write_bytes(bytes(1000))
    return path


def allow(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setenv("FOUNDATIONS_SPOOL_GB", str(size / 1024**3))


def spool(home: Path, job: str) -> Spool:
    return Spool(JournalDirectory(JournalDirectory.root(home) / job).spool, "writer")


def test_the_newest_is_refused_and_the_oldest_kept(
    tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    allow(monkeypatch, 2500)
    waiting = spool(tmp_path, "job")
    for key in ("a", "b"):
        waiting.add(source, key, {})
    for key in ("c", "d"):
        with pytest.raises(OSError, match="FOUNDATIONS_SPOOL_GB allows no more"):
            waiting.add(source, key, {})
    assert [artifact.key for artifact in waiting.pending()] == ["a", "b"]
    found = unsent_of(JournalDirectory(JournalDirectory.root(tmp_path) / "job"))
    assert (found.bytes, found.refused) == (2000, 2)


def test_what_other_runs_keep_counts_too(tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    allow(monkeypatch, 2500)
    for job in ("one", "other"):
        spool(tmp_path, job).add(source, "a", {})
    with pytest.raises(OSError, match="wait for a server"):
        spool(tmp_path, "third").add(source, "a", {})


def test_what_was_sent_makes_room(tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    allow(monkeypatch, 1500)
    waiting = spool(tmp_path, "job")
    for _ in range(3):
        waiting.add(source, "a", {})
        waiting.pending()[0].remove()
    assert waiting.pending() == []


def test_a_directory_that_finds_no_room_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    allow(monkeypatch, 1500)
    with pytest.raises(OSError, match="FOUNDATIONS_SPOOL_GB"):
        spool(tmp_path, "job").place_of_directory("checkpoints", 2000)


def test_what_a_server_has_refused_takes_no_room(tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    allow(monkeypatch, 2500)
    waiting = spool(tmp_path, "job")
    for key in ("a", "b"):
        waiting.add(source, key, {})
    note = waiting.place_of_directory("checkpoints", 0)
    note.with_name(f"{note.stem}.{'0' * 64}.object").write_bytes(bytes(1000))
    other = spool(tmp_path, "other")
    with pytest.raises(OSError, match="wait for a server"):
        other.add(source, "a", {})
    for artifact in waiting.pending():
        artifact.refuse()
    note.with_suffix(".refused").touch()
    found = unsent_of(JournalDirectory(JournalDirectory.root(tmp_path) / "job"))
    assert (found.bytes, found.refused) == (0, 3)
    for key in ("a", "b"):
        other.add(source, key, {})


def test_a_script_is_told_and_goes_on(tracked: Script, server: JournalServer) -> None:
    code = """
        import foundations
        open("a", "wb").write(bytes(5000))
        foundations.save_artifact("a")
        foundations.log_metric("x", 1.0)
    """
    tracked.environment["FOUNDATIONS_SPOOL_GB"] = "0.000001"
    ended = tracked.run(code)
    assert ended.returncode == 0
    assert "(0 GB of files wait for a server; FOUNDATIONS_SPOOL_GB allows no more than 9.993e-07)" in ended.stdout
    assert server.values(server.only_job, "x") == [1.0]
    (journal,) = tracked.journals
    assert unsent_of(JournalDirectory(journal)).refused == 1
