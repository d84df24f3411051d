"""Sending what earlier runs recorded."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
from tests.unit.foundations.conftest import Script, eventually, finish
from tests.unit.foundations.journal_server import JournalServer, running_journal_server

from atlas_core.errors import InvalidInput
from atlas_core.records import operation_frame
from foundations.journal_directory import JournalDirectory
from foundations.spool import Spool, SpooledArtifact
from foundations.sync import sync
from foundations.unsent import unsent_of


def recorded(tracked: Script, server: JournalServer, code: str) -> Path:
    """Run `code` without a server and return its journal, which names `server`."""
    server.drop = 1_000_000
    tracked.run(code)
    server.drop = 0
    return tracked.journals[-1]


LOG = "import foundations\nfor number in range({}): foundations.log_metric('loss', float(number))"


def test_it_sends_everything_and_removes_it(tracked: Script, server: JournalServer) -> None:
    job = recorded(tracked, server, LOG.format(40_000)).name
    report = sync(tracked.home)
    assert (report.jobs, report.failures) == (1, ())
    assert report.bytes > 40_000 * 30
    assert server.values(job, "loss") == [float(number) for number in range(40_000)]
    assert len(server.operations(job, "end")) == 1
    assert tracked.journals == []


def test_many_artifacts_are_looked_for_once(
    tracked: Script, server: JournalServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = recorded(
        tracked,
        server,
        "import foundations\n"
        "for number in range(30):\n"
        "    open(f'{number}.txt', 'w').write(str(number))\n"
        "    foundations.save_artifact(f'{number}.txt')\n",
    ).name
    looks, look = [], Spool.pending

    def counted(spool: Spool) -> list[SpooledArtifact]:
        looks.append(spool)
        return look(spool)

    monkeypatch.setattr(Spool, "pending", counted)
    server.drop = 1
    assert [len(sync(tracked.home).failures) for _ in range(2)] == [1, 0]
    assert server.files == {(job, f"user_artifacts/{n}.txt"): str(n).encode() for n in range(30)}
    assert [each["key"] for each in server.operations(job, "artifact")] == [f"{n}.txt" for n in range(30)]
    assert len(looks) < 5


def test_it_counts_artifacts_and_output_beside_the_journal(tracked: Script, server: JournalServer) -> None:
    code = """
        import foundations
        open("a", "wb").write(bytes(300_000))
        foundations.save_artifact("a")
        print("x" * 50_000)
    """
    waiting = unsent_of(JournalDirectory(recorded(tracked, server, code)))
    report = sync(tracked.home)
    assert report.jobs == 1
    said = sum(len(operation_frame("artifact", **each)) for each in server.operations(server.only_job, "artifact"))
    assert report.bytes == waiting.bytes + said  # of the artifact, once it had arrived
    assert report.bytes > 350_000
    assert sync(tracked.home).jobs == 0


def test_what_a_server_refuses_is_not_counted(tracked: Script, server: JournalServer) -> None:
    code = """
        import foundations
        open("a", "wb").write(bytes(5000))
        foundations.save_artifact("a")
    """
    journal = JournalDirectory(recorded(tracked, server, code))
    (writer,) = journal.writers()
    frames = sum(segment.path.stat().st_size for segment in journal.segments(writer))
    with journal.segments(writer)[-1].path.open("ab") as torn:
        torn.write(bytes(700))
    (journal.spool / f"{writer}.source.{'0' * 64}").write_bytes(bytes(3000))
    output = journal.output_path(writer).stat().st_size if journal.output_path(writer).exists() else 0
    server.refused_files = InvalidInput("The file is too large.")
    report = sync(tracked.home)
    assert (report.jobs, report.bytes, report.failures) == (1, frames + output, ())
    assert unsent_of(journal).bytes == 0


def test_nothing_to_send_is_no_failure(tmp_path: Path) -> None:
    report = sync(tmp_path)
    assert (report.jobs, report.bytes, report.failures) == (0, 0, ())


def test_a_repeated_sync_doubles_nothing(tracked: Script, server: JournalServer) -> None:
    job = recorded(tracked, server, LOG.format(30_000)).name
    server.lose_answers = 1
    assert len(sync(tracked.home).failures) == 1
    assert sync(tracked.home).failures == ()
    assert server.values(job, "loss") == [float(number) for number in range(30_000)]


def test_a_torn_tail_is_left_out(tracked: Script, server: JournalServer) -> None:
    journal = JournalDirectory(recorded(tracked, server, LOG.format(10)))
    last = journal.segments(journal.writers()[0])[-1].path
    last.write_bytes(last.read_bytes()[:-5])
    assert sync(tracked.home).failures == ()
    assert server.values(journal.path.name, "loss") == [float(number) for number in range(10)]
    assert server.operations(journal.path.name, "end") == []
    assert tracked.journals == []


def test_damage_in_the_middle_is_reported_and_everything_kept(tracked: Script, server: JournalServer) -> None:
    journal = JournalDirectory(recorded(tracked, server, LOG.format(40_000)))
    first = journal.segments(journal.writers()[0])[0].path
    data = bytearray(first.read_bytes())
    data[len(data) // 2] ^= 255
    first.write_bytes(data)
    (failure,) = sync(tracked.home).failures
    assert "is damaged: nothing after byte" in failure
    assert first.exists()


def test_a_living_writer_is_left_alone(tracked: Script, server: JournalServer, monkeypatch: pytest.MonkeyPatch) -> None:
    process = tracked.start("import foundations\nfoundations.log_metric('loss', 1.0)\ninput()")
    try:
        eventually(lambda: bool(server.records))
        with running_journal_server() as other:  # for the writer itself sends to its own
            monkeypatch.setenv("FOUNDATIONS_SERVER_URL", other.url)
            assert sync(tracked.home).failures == ()
        assert other.requests == 0
        assert len(tracked.journals) == 1
    finally:
        process.kill()
        finish(process)


def test_a_journal_that_another_sync_has_just_sent_is_no_failure(
    tracked: Script, server: JournalServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = recorded(tracked, server, LOG.format(10))
    look = JournalDirectory.writers

    def others_are_faster(directory: JournalDirectory) -> list[str]:
        found = look(directory)
        monkeypatch.undo()
        assert sync(tracked.home).failures == ()
        return found

    monkeypatch.setattr(JournalDirectory, "writers", others_are_faster)
    assert sync(tracked.home).failures == ()
    assert not journal.exists()


def test_a_journal_of_nobody_is_reported(tracked: Script, server: JournalServer) -> None:
    journal = recorded(tracked, server, LOG.format(10))
    (journal / "job.json").write_text("{}")
    (failure,) = sync(tracked.home).failures
    assert "does not say whose journal this is" in failure


def test_a_refused_job_does_not_keep_the_others(tracked: Script, server: JournalServer) -> None:
    first = recorded(tracked, server, LOG.format(10))
    identity = first / "job.json"
    identity.write_text(identity.read_text().replace(server.url, "http://127.0.0.1:9"))
    second = recorded(tracked, server, LOG.format(10))
    report = sync(tracked.home)
    assert report.jobs == 1
    assert len(report.failures) == 1
    assert len(server.values((second if second != first else first).name, "loss")) in {0, 10}


SAVE = "import foundations\nopen('a', 'w').write('1')\nfoundations.save_artifact('a')"


def spoil(journal: Path, **facts: object) -> None:
    """Change what the spool says of the one artifact of a run."""
    (entry,) = (journal / "spool").glob("*.json")
    entry.write_text(json.dumps({**json.loads(entry.read_text()), **facts}))


def test_an_artifact_that_cannot_be_named_is_set_aside(tracked: Script, server: JournalServer) -> None:
    journal = recorded(tracked, server, SAVE)
    spoil(journal, path="user_artifacts/\udcff")
    assert sync(tracked.home).failures == ()
    assert [each.suffix for each in sorted((journal / "spool").iterdir())] == [".data", ".refused"]
    assert len(server.operations(journal.name, "end")) == 1


def test_a_damaged_job_keeps_neither_the_others_nor_later_runs_from_being_sent(
    tracked: Script, server: JournalServer
) -> None:
    damaged = recorded(tracked, server, SAVE)
    spoil(damaged, size="large")
    os.utime(damaged, (1, 1))  # the oldest is sent first
    server.drop = 1_000_000
    tracked.run(SAVE)
    server.drop = 0
    (waiting,) = (each for each in tracked.journals if each != damaged)
    assert tracked.run("import foundations").stderr == ""
    assert (waiting.name, "user_artifacts/a") in server.files
    assert tracked.journals == [damaged]
    (failure,) = sync(tracked.home).failures
    assert failure.startswith(f"Job `{damaged.name}`: it is damaged (TypeError: ")


@pytest.mark.parametrize(("up", "code"), [(True, 0), (False, 1)])
def test_the_module_says_by_its_exit_code_whether_anything_is_left(
    tracked: Script, server: JournalServer, up: bool, code: int
) -> None:
    job = recorded(tracked, server, LOG.format(10)).name
    server.drop = 0 if up else 1_000
    ended = tracked.run_python("-m", "foundations.sync", "--timeout", "20")
    assert (ended.returncode, ended.stderr) == (code, "")
    assert len(tracked.journals) == code
    assert (job in ended.stdout) is not up
    assert len(server.records) == (1 if up else 0)


def test_with_a_timeout_a_server_that_is_away_is_asked_again(tracked: Script, server: JournalServer) -> None:
    job = recorded(tracked, server, LOG.format(100)).name
    server.drop = 3
    assert sync(tracked.home, timeout=20.0).failures == ()
    assert server.values(job, "loss") == [float(number) for number in range(100)]


def test_a_run_of_an_address_that_is_no_more_can_be_sent_to_another(
    tracked: Script, server: JournalServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = recorded(tracked, server, LOG.format(100))
    identity = journal / "job.json"
    identity.write_text(identity.read_text().replace(server.url, "http://127.0.0.1:9"))
    (failure,) = sync(tracked.home).failures
    assert "Set FOUNDATIONS_SERVER_URL" in failure
    monkeypatch.setenv("FOUNDATIONS_SERVER_URL", server.url)
    assert sync(tracked.home).failures == ()
    assert server.values(journal.name, "loss") == [float(number) for number in range(100)]


def test_a_copy_that_was_never_finished_is_removed(tracked: Script, server: JournalServer) -> None:
    spool = JournalDirectory(recorded(tracked, server, LOG.format(1))).spool
    assert sync(tracked.home).failures == ()
    spool.mkdir(parents=True)
    (spool / "0123456789abcdef.000000.data").write_bytes(bytes(1000))
    (spool / "0123456789abcdef.source.part").write_bytes(bytes(1000))
    assert sync(tracked.home).failures == ()
    assert tracked.journals == []


def test_an_address_that_does_not_answer_is_not_asked_for_every_job(
    tracked: Script, server: JournalServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = recorded(tracked, server, LOG.format(1))
    for number in range(9):
        shutil.copytree(first, first.with_name(f"{first.name[:-1]}{'ghijklmno'[number]}"))
    for identity in (tracked.home / "journal").glob("*/job.json"):
        identity.write_text(identity.read_text().replace(first.name, identity.parent.name))
    server.drop, before = 1_000, server.requests
    failures = sync(tracked.home).failures
    assert len(failures) == 10
    assert sum("has not answered for other jobs" in failure for failure in failures) == 8
    assert server.requests - before == 2
    server.drop = 0
    assert sync(tracked.home).failures == ()
    assert tracked.journals == []
