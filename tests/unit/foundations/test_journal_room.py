"""The limit of all journals below a home."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit.foundations.conftest import Script, eventually
from tests.unit.foundations.journal_server import JournalServer

from foundations.journal_room import JournalRoom

#: 2 kB.
TINY = str(2048 / 1024**3)


def leave(root: Path, size: int) -> Path:
    """Leave a journal of so many bytes that nobody sends."""
    journal = root / "j1"
    journal.mkdir(parents=True)
    (journal / f"w.{0:020}").write_bytes(bytes(size))
    return journal


def test_records_output_and_source_count_and_files_of_the_spool_do_not(tmp_path: Path) -> None:
    spool = leave(tmp_path, 100) / "spool"
    spool.mkdir()
    for name in ("w.output", "w.source.0", "w.000001.data", "w.000001.1.object", "w.000002.refused"):
        (spool / name).write_bytes(bytes(10))
    room = JournalRoom(tmp_path)
    room.measure()
    assert room.waiting == 120


def test_who_finds_the_limit_reached_tells_it_once_and_leaves_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("FOUNDATIONS_UNSENT_GB", TINY)
    told: list[str] = []
    journal = leave(tmp_path, 4096)
    room = JournalRoom(tmp_path, lambda: told.append("full"))
    room.enter()
    eventually(lambda: told == ["full"])
    assert room.is_full
    room.look()
    (record,) = caplog.records
    assert "wait for a server" in record.getMessage() and "FOUNDATIONS_UNSENT_GB" in record.getMessage()
    later = JournalRoom(tmp_path)
    later.enter()  # who comes later knows at once
    assert later.is_full
    next(journal.iterdir()).unlink()
    room.look()
    assert not room.is_full
    assert [path.name for path in tmp_path.iterdir()] == ["j1"]


TRAINING = """
    import foundations
    foundations.log_param("depth", 3)
    foundations.log_metrics({"loss": 1.0})
    for step in range(60_000):
        foundations.log_metric("loss", float(step))
    print("trained")
"""


def test_a_home_that_is_full_grows_by_little_and_says_so(script: Script) -> None:
    script.environment["FOUNDATIONS_UNSENT_GB"] = TINY
    root = script.home / "journal"
    leave(root, 2100)
    (root / ".full").touch()
    ended = script.run(TRAINING)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.count("FOUNDATIONS_UNSENT_GB is the limit.") == 1
    assert "trained" in ended.stdout
    room = JournalRoom(root)
    room.measure()
    assert room.waiting < 1.5 * 1024**2  # of 2 MB of points
    again = script.run(TRAINING)  # now it is far too much
    room.measure()
    before, room.waiting = room.waiting, 0
    assert again.returncode == 0
    assert before < 1.6 * 1024**2


def test_a_run_whose_server_answers_loses_nothing_in_a_full_home(tracked: Script, server: JournalServer) -> None:
    tracked.environment["FOUNDATIONS_UNSENT_GB"] = TINY
    root = tracked.home / "journal"
    leave(root, 2100)
    (root / "j1" / "job.json").write_text("{}")  # of a server that is no more
    (root / ".full").touch()
    code = """
        import foundations, time
        foundations.log_metric("loss", 0.0)
        time.sleep(0.5)
        for step in range(1, 1000):
            foundations.log_metric("loss", float(step))
    """
    assert tracked.run(code).returncode == 0
    assert server.values(server.only_job, "loss") == [float(step) for step in range(1000)]
