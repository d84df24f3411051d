"""Files that a server has refused: offered again, or forgotten."""

from __future__ import annotations

import errno
import json
from pathlib import Path

import pytest
from tests.unit.foundations.conftest import Script, finish
from tests.unit.foundations.journal_server import JournalServer

from atlas_core.errors import InvalidInput
from foundations import refused
from foundations.journal_directory import JournalDirectory
from foundations.refused import forget, offer_again
from foundations.sync import sync
from foundations.unsent import unsent_of

SAVE = """
    import foundations
    for name in "ab":
        open(name, "w").write(name)
        foundations.save_artifact(name)
"""


@pytest.fixture
def job(tracked: Script, server: JournalServer) -> str:
    """A job of which two files were refused, and nothing else is left."""
    server.refused_files = InvalidInput("The file is too large.")
    tracked.run(SAVE)
    server.refused_files = None
    sync(tracked.home)
    (journal,) = tracked.journals
    assert unsent_of(JournalDirectory(journal)).refused == 2
    return journal.name


def test_a_server_that_takes_it_now_gets_it_once(tracked: Script, server: JournalServer, job: str) -> None:
    assert sync(tracked.home).refused == 2
    assert offer_again(tracked.home) == 2
    report = sync(tracked.home)
    assert (report.jobs, report.failures, report.refused, report.left) == (1, (), 0, 0)
    assert server.files == {(job, f"user_artifacts/{name}"): name.encode() for name in "ab"}
    assert sorted(each["key"] for each in server.operations(job, "artifact")) == ["a", "b"]
    assert len(server.operations(job, "end")) == 1
    assert tracked.journals == []


def test_a_full_disk_half_way_strands_nothing(
    tracked: Script, server: JournalServer, job: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    linked: list[Path] = []

    def link_one(source: Path, target: Path) -> None:
        if linked:
            raise OSError(errno.ENOSPC, "No space left on device")
        target.write_bytes(source.read_bytes())
        linked.append(target)

    with monkeypatch.context() as patch:
        patch.setattr(refused, "_link", link_one)
        with pytest.raises(OSError, match="No space left"):
            offer_again(tracked.home)
    assert (sync(tracked.home).refused, len(server.files)) == (1, 1)
    assert offer_again(tracked.home) == 1
    report = sync(tracked.home)
    assert (report.failures, report.refused, report.left) == ((), 0, 0)
    assert server.files == {(job, f"user_artifacts/{name}"): name.encode() for name in "ab"}
    assert tracked.journals == []


def test_what_is_refused_again_stays(tracked: Script, server: JournalServer, job: str) -> None:
    server.refused_files = InvalidInput("The file is too large.")
    for _ in range(2):
        assert offer_again(tracked.home) == 2
        assert sync(tracked.home).refused == 2
    assert len(list((tracked.journals[0] / "spool").glob("*.data"))) == 2


def test_what_is_forgotten_is_gone(tracked: Script, job: str) -> None:
    spool = tracked.journals[0] / "spool"
    (spool / "w.refused").write_text('{"key": "c"}\n')
    assert forget(tracked.home) == 3
    assert tracked.journals == []
    assert forget(tracked.home) == 0


def test_what_cannot_be_read_or_was_never_kept_is_not_offered(tracked: Script, job: str) -> None:
    spool = tracked.journals[0] / "spool"
    (spool / "w.refused").write_text('{"key": "c"}\n')
    first, second = sorted(spool.glob("*.0*.refused"))
    first.write_text("{")
    second.with_suffix(".data").unlink()
    before = {path.name for path in spool.iterdir()}
    assert offer_again(tracked.home) == 0
    assert {path.name for path in spool.iterdir()} == before
    assert [path.suffix for path in tracked.journals[0].iterdir() if path.suffix == ".lock"] == []


def test_a_directory_is_offered_with_its_files(tracked: Script, server: JournalServer, job: str) -> None:
    spool = tracked.journals[0] / "spool"
    digest = "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"
    file = {"sha256": digest, "size": 1, "modified": 1.0}
    note = json.dumps({"folder": "model", "files": {"a": file}, "removed": {}})
    (spool / "w.000000.refused").write_text(note)
    (spool / f"w.000000.{digest}.object").write_text("a")
    assert offer_again(tracked.home) == 3
    assert len(list(spool.glob(f"*.000000.{digest}.object"))) == 1
    (moved,) = spool.glob("*.synced")
    assert moved.read_text() == note
    assert list(spool.glob("*.refused")) == []


def test_a_run_that_lives_is_left_alone(tracked: Script, server: JournalServer) -> None:
    process = tracked.start("import foundations\nfoundations.log_metric('loss', 1.0)\nprint('up', flush=True)\ninput()")
    try:
        assert process.stdout is not None and process.stdout.readline() == "up\n"
        journal = JournalDirectory(tracked.journals[0])
        (writer,) = journal.writers()
        journal.spool.mkdir(exist_ok=True)
        refused = Path(journal.spool, f"{writer}.refused")
        refused.write_text('{"key": "c"}\n')
        assert forget(tracked.home) == offer_again(tracked.home) == 0
        assert refused.exists()
    finally:
        process.kill()
        finish(process)
