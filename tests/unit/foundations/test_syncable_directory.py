"""Directories that a job and its archive have in common."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import threading
import time
from pathlib import Path
from typing import IO, Any

import pytest
from tests.unit.foundations.conftest import Script, eventually
from tests.unit.foundations.journal_server import JournalServer

import foundations
from atlas_core.errors import InvalidInput
from foundations.delivery import Delivery, Server
from foundations.identity import EXECUTION, Identity
from foundations.journal_directory import JournalDirectory
from foundations.left_directory import LeftDirectory, leave_directory
from foundations.local_tree import LocalTree

IDENTITY = Identity("00000000-0000-4000-8000-000000000000", "p", "u", EXECUTION, "t", "http://127.0.0.1:9")
EARLIER = "11111111-2222-4333-8444-555555555555"


def given(server: JournalServer, job: str, key: str, **files: str) -> None:
    """Have a job with a synced directory."""
    described = {}
    for name, content in files.items():
        digest = hashlib.sha256(content.encode()).hexdigest()
        place = server.archive / job / "synced_objects" / digest
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(content)
        described[name] = {"sha256": digest, "size": len(content), "modified": 1e9, "executable": name == "tool"}
    manifest = server.archive / job / "synced_manifests" / f"{key}.json"
    manifest.parent.mkdir(parents=True, exist_ok=True)
    manifest.write_text(json.dumps({"files": described}))


def test_what_was_uploaded_lies_in_the_archive_and_only_changes_travel(tracked: Script, server: JournalServer) -> None:
    code = """
        import foundations, os, pathlib
        directory = foundations.create_syncable_directory("models", "models")
        top = pathlib.Path(str(directory))
        (top / "deep").mkdir()
        (top / "a.txt").write_text("one")
        (top / "deep" / "b.txt").write_text("two")
        (top / "same.txt").write_text("one")
        (top / "empty").touch()
        directory.upload()
        (top / "a.txt").write_text("three")
        (top / "deep" / "b.txt").unlink()
        directory.upload()
        directory.upload()
        print(os.path.isabs(str(directory)), os.fspath(directory) == str(directory))
    """
    ended = tracked.run(code)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "True True\n", "")
    assert server.synced(server.only_job, "models") == {"a.txt": b"three", "same.txt": b"one", "empty": b""}
    assert sum(asked.startswith("PUT") for asked in server.asked) == 4
    assert sum(asked.startswith("PATCH synced") for asked in server.asked) == 4


def test_it_begins_as_the_directory_of_another_job(tracked: Script, server: JournalServer) -> None:
    given(server, EARLIER, "population", best="genes", tool="#!")
    code = f"""
        import foundations, os, pathlib
        directory = foundations.create_syncable_directory("population", source_job_id="{EARLIER}")
        top = pathlib.Path(str(directory))
        names = sorted(path.name for path in top.iterdir())
        print(names, (top / "best").stat().st_mtime, os.access(top / "tool", os.X_OK))
        (top / "best").write_text("better genes")
        directory.upload()
        print(top)
    """
    ended = tracked.run(code)
    first, path = ended.stdout.splitlines()
    assert first == "['best', 'tool'] 1000000000.0 True"
    assert server.synced(server.only_job, "population") == {"best": b"better genes", "tool": b"#!"}
    assert server.synced(EARLIER, "population") == {}
    assert not Path(path).exists()


def test_a_download_takes_what_is_new_and_keeps_what_was_changed_here(tracked: Script, server: JournalServer) -> None:
    given(server, EARLIER, "d", kept="1", replaced="1", gone="1", mine="1")
    code = f"""
        import foundations, pathlib, sys
        directory = foundations.create_syncable_directory("d", "d", "{EARLIER}")
        (pathlib.Path("d") / "mine").write_text("changed here")
        print("ready", flush=True)
        sys.stdin.readline()
        directory.download()
    """
    process = tracked.start(code)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    given(server, EARLIER, "d", kept="1", replaced="2", mine="1", new="1")
    process.communicate("\n", timeout=30)
    found = {path.name: path.read_text() for path in (tracked.folder / "d").iterdir()}
    assert found == {"kept": "1", "replaced": "2", "mine": "changed here", "new": "1"}


def test_a_newer_file_that_was_there_before_stays(tracked: Script, server: JournalServer) -> None:
    given(server, EARLIER, "d", a="theirs", b="theirs")
    (tracked.folder / "d").mkdir()
    for name, moment in (("a", 2e9), ("b", 5e8)):
        (tracked.folder / "d" / name).write_text("mine")
        os.utime(tracked.folder / "d" / name, (moment, moment))
    tracked.run(f"import foundations\nfoundations.create_syncable_directory('d', 'd', '{EARLIER}')")
    assert (tracked.folder / "d" / "a").read_text() == "mine"
    assert (tracked.folder / "d" / "b").read_text() == "theirs"


def test_what_was_removed_here_comes_back_by_a_download_and_stays_away_after_an_upload(
    tracked: Script, server: JournalServer
) -> None:
    code = """
        import foundations, pathlib
        directory = foundations.create_syncable_directory("d", "d")
        top = pathlib.Path("d")
        for name in ("back", "away"):
            (top / name).write_text("x")
        directory.upload()
        (top / "back").unlink()
        directory.download()
        (top / "away").unlink()
        directory.upload()
        directory.download()
        print(sorted(path.name for path in top.iterdir()))
    """
    assert tracked.run(code).stdout == "['back']\n"
    assert server.synced(server.only_job, "d") == {"back": b"x"}


def test_a_job_without_such_a_directory_is_told_of_and_changes_nothing(tracked: Script, server: JournalServer) -> None:
    (tracked.folder / "d").mkdir()
    (tracked.folder / "d" / "mine").write_text("x")
    ended = tracked.run(f"import foundations\nfoundations.create_syncable_directory('d', 'd', '{EARLIER}')")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert f"Job `{EARLIER}` has no synced directory `d`." in ended.stdout
    assert [path.name for path in (tracked.folder / "d").iterdir()] == ["mine"]


def test_of_links_files_alone_are_sent(tracked: Script, server: JournalServer) -> None:
    code = """
        import foundations, os, pathlib
        directory = foundations.create_syncable_directory("d", "d")
        pathlib.Path("elsewhere").mkdir()
        pathlib.Path("elsewhere/a").write_text("x")
        pathlib.Path("d/empty").mkdir()
        os.symlink("../elsewhere/a", "d/file")
        os.symlink("../elsewhere", "d/directory")
        os.symlink("nowhere", "d/broken")
        os.mkfifo("d/pipe")
        directory.upload()
    """
    assert tracked.run(code).returncode == 0
    assert server.synced(server.only_job, "d") == {"file": b"x"}


def test_a_place_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "d").touch()
    with pytest.raises(OSError, match="d"):
        foundations.create_syncable_directory("d", tmp_path / "d")


def test_names_that_lead_out_of_the_directory_are_refused(tracked: Script, server: JournalServer) -> None:
    given(server, EARLIER, "d", **{"../evil": "x"})
    ended = tracked.run(f"import foundations\nfoundations.create_syncable_directory('d', 'd', '{EARLIER}')")
    assert "leads out of the directory" in ended.stderr
    assert not (tracked.folder / "evil").exists()


def test_without_a_server_an_upload_warns_and_a_download_of_others_raises(script: Script) -> None:
    code = f"""
        import foundations, pathlib
        directory = foundations.create_syncable_directory("d", "d")
        pathlib.Path("d/a").write_text("x")
        directory.upload()
        print("went on")
        try:
            foundations.create_syncable_directory("d", "d", "{EARLIER}")
        except Exception as error:
            print(type(error).__name__)
    """
    ended = script.run(code)
    assert ended.returncode == 0
    assert "The directory `" in ended.stdout and "could not be uploaded" in ended.stdout
    assert ended.stdout.index("went on") < ended.stdout.index("ServerUnreachable")


def test_a_server_that_never_answers_is_waited_for_once(tracked: Script, server: JournalServer) -> None:
    server.gate = threading.Event()
    tracked.environment["FOUNDATIONS_FLUSH_SECONDS"] = "0"
    code = """
        import foundations, threading
        from foundations import run
        run._PATIENCE, waits, wait = 0.2, [], threading.Event.wait
        heard = run.current.sender._heard
        heard.wait = lambda seconds: waits.append(seconds) or wait(heard, seconds)
        directory = foundations.create_syncable_directory("models", "models")
        (run.Path(str(directory)) / "a.txt").write_text("one")
        directory.upload()
        print(waits)
    """
    try:
        ended = tracked.run(code)
    finally:
        server.gate.set()
    assert ended.stdout.splitlines()[-1:] == ["[0.2]"] or "[0.2]" in ended.stdout.splitlines()
    assert [each for each in server.asked if "synced" in each] == []


def test_an_upload_that_failed_is_done_at_the_end(tracked: Script, server: JournalServer) -> None:
    code = """
        import foundations, pathlib, sys
        directory = foundations.create_syncable_directory("d", "d")
        foundations.log_metric("a", 1)
        pathlib.Path("d/a").write_text("x")
        sys.stdin.readline()
        directory.upload()
        print("tried", flush=True)
        sys.stdin.readline()
    """
    process = tracked.start(code)
    assert process.stdin is not None and process.stdout is not None

    eventually(lambda: bool(server.records))
    server.fail_changes = 1
    process.stdin.write("\n")
    process.stdin.flush()
    assert "could not be uploaded" in process.stdout.readline()
    assert process.stdout.readline() == "tried\n"
    process.communicate("\n", timeout=30)
    assert server.synced(server.only_job, "d") == {"a": b"x"}


def test_outside_of_a_job_nothing_is_uploaded(caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    directory = foundations.create_syncable_directory("d", tmp_path / "d")
    directory.upload()
    assert "local_job_id required for uploading artifacts" in caplog.text


@pytest.mark.parametrize("key", ["", None, 3])
def test_an_impossible_key_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="key"):
        foundations.create_syncable_directory(key)


def test_a_file_that_grows_is_sent_as_it_was_when_it_was_looked_at(tmp_path: Path) -> None:
    path = tmp_path / "events"
    path.write_bytes(b"one")
    file = LocalTree(tmp_path).files()["events"]
    with path.open("ab") as more:
        more.write(b"two")
    content = file.open()
    assert not isinstance(content, bytes)
    with content:
        assert content.read() == b"one"
    path.write_bytes(b"1")
    content = file.open()
    assert not isinstance(content, bytes)
    with content:
        assert len(content.read() + content.read()) == 3


def test_a_tensorboard_directory_is_synced_while_the_job_runs_and_at_its_end(
    tracked: Script, server: JournalServer
) -> None:
    code = """
        import pathlib, sys
        import foundations, foundations.tensorboard
        foundations.tensorboard._PERIOD = 0.05
        foundations.set_tensorboard_logdir("runs")
        foundations.set_tensorboard_logdir("runs")
        pathlib.Path("runs/events").write_text("1")
        print("ready", flush=True)
        sys.stdin.readline()
        pathlib.Path("runs/events").write_text("12")
    """

    process = tracked.start(code)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    eventually(lambda: bool(server.records) and server.synced(server.only_job, "__tensorboard__") == {"events": b"1"})
    out, err = process.communicate("\n", timeout=30)
    assert (out, err) == ("", "")
    assert server.synced(server.only_job, "__tensorboard__") == {"events": b"12"}
    assert server.operations(server.only_job, "tag") == [{"key": "tf", "value": "tf"}]


LEAVING = """
    import foundations, pathlib
    directory = foundations.create_syncable_directory("d", {path})
    for name in ("a", "b"):
        pathlib.Path(str(directory), name).write_text(name)
    directory.upload()
    print(directory)
"""


def test_what_could_not_be_uploaded_is_sent_later_unless_it_has_changed(tracked: Script, server: JournalServer) -> None:
    server.drop = 10**6
    tracked.environment["FOUNDATIONS_FLUSH_SECONDS"] = "1"
    assert tracked.run(LEAVING.format(path="'d'")).returncode == 0
    server.drop = 0
    (tracked.folder / "d" / "b").write_text("another run's")
    ended = tracked.run_python("-m", "foundations.sync")
    assert ended.returncode == 0
    assert "1 files of `" in ended.stdout
    assert server.synced(server.only_job, "d") == {"a": b"a"}
    assert tracked.journals == []


@pytest.mark.parametrize("path", ["None", "'d'"])
def test_what_could_not_be_uploaded_is_sent_when_the_directory_is_gone(
    tracked: Script, server: JournalServer, path: str
) -> None:
    tracked.environment["FOUNDATIONS_MODE"] = "offline"
    place = Path(tracked.run(LEAVING.format(path=path)).stdout.splitlines()[-1])
    assert place.exists() is (path != "None")
    shutil.rmtree(place, ignore_errors=True)
    assert tracked.run_python("-m", "foundations.sync").returncode == 0
    assert server.synced(server.only_job, "d") == {"a": b"a", "b": b"b"}
    assert tracked.journals == []


def test_files_are_copied_where_links_would_not_be_taken(tmp_path: Path) -> None:
    note = left(tmp_path, {"a": "x", "b": "x", "empty": ""}, links=False)
    objects = [path for path in note.parent.iterdir() if path != note]
    assert len(objects) == 2
    assert {path.stat().st_nlink for path in objects} == {1}


def test_what_cannot_be_copied_in_time_is_counted_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "a").write_text("x")
    note = tmp_path / "w.000000.synced"
    files = LocalTree(tmp_path / "d").files()
    assert leave_directory(note, "d", files, {}, time.monotonic() - 1.0, links=False) == 1
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == [note.name]


@pytest.mark.parametrize("content", ["emptied", "link", "missing"])
def test_a_file_of_the_spool_that_is_another_one_is_left_out(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, content: str
) -> None:
    note, archive = left(tmp_path, {"a": "one", "b": "two"}), Archive()
    place = note.with_name(f"{note.stem}.{hashlib.sha256(b'one').hexdigest()}.object")
    place.unlink()
    if content == "emptied":
        place.touch()
    elif content == "link":
        place.symlink_to(tmp_path / "d" / "a")
    directory = LeftDirectory(note)
    while directory.step(archive, IDENTITY, archive.beat):  # type: ignore[arg-type]
        pass
    assert archive.stored == {b"two"}
    assert "1 files of `d`" in caplog.text
    assert archive.changes[-1]["files"].keys() == {"b"}


def test_one_file_is_sent_a_step_with_signs_of_life_meanwhile(tmp_path: Path) -> None:
    archive = Archive()
    directory = LeftDirectory(left(tmp_path, {name: name for name in "abc"}))
    for count in (1, 2, 3):
        beats = archive.beats
        assert directory.step(archive, IDENTITY, archive.beat)  # type: ignore[arg-type]
        assert len(archive.stored) == count
        assert archive.beats > beats
    assert not directory.step(archive, IDENTITY, archive.beat)  # type: ignore[arg-type]
    directory.remove()
    assert list((tmp_path / "spool").iterdir()) == []


@pytest.mark.parametrize(
    "forged",
    [
        {"root": "{victim}", "is_temporary": True, "folder": "d", "files": {}, "removed": {}},
        {"folder": "d", "removed": {}, "files": {"a": {"sha256": "../../victim/thesis", "size": 1}}},
        {"folder": "d", "removed": {}, "files": {"a": {"sha256": "0" * 64, "size": -1}}},
        {"root": "/"},
        [],
    ],
)
def test_a_forged_announcement_reaches_nothing_outside_of_the_spool(tmp_path: Path, forged: object) -> None:
    victim, spool = tmp_path / "victim", tmp_path / "journal" / "spool"
    victim.mkdir()
    (victim / "thesis.object").write_text("x")
    spool.mkdir(parents=True)
    note = spool / "w.000000.synced"
    note.write_text(json.dumps(forged).replace("{victim}", str(victim)))
    archive, directory = Archive(), JournalDirectory(tmp_path / "journal")
    delivery = Delivery(IDENTITY, directory, "w", lambda _frame: None)
    while delivery.step(Server(None, archive, None)):  # type: ignore[arg-type]
        pass
    assert (victim / "thesis.object").read_text() == "x"
    assert archive.stored == set()
    assert not note.exists()


def left(tmp_path: Path, files: dict[str, str], links: bool = True) -> Path:
    """Leave a directory of these files in a spool; return its announcement."""
    (tmp_path / "d").mkdir()
    (tmp_path / "spool").mkdir()
    for name, text in files.items():
        (tmp_path / "d" / name).write_text(text)
    note = tmp_path / "spool" / "w.000000.synced"
    assert leave_directory(note, "d", LocalTree(tmp_path / "d").files(), {}, time.monotonic() + 60.0, links) == 0
    return note


class Archive:
    """Keeps objects whose hash is right, as the archive does."""

    def __init__(self) -> None:
        self.stored: set[bytes] = set()
        self.changes: list[dict[str, dict[str, object]]] = []
        self.beats = 0

    def beat(self) -> None:
        """Count a sign of life."""
        self.beats += 1

    def change_synced(self, _job: str, _directory: str, change: dict[str, Any], _token: str) -> list[str]:
        """Return what is missing."""
        self.changes.append(change)
        have = {hashlib.sha256(content).hexdigest() for content in self.stored}
        return sorted({file["sha256"] for file in change["files"].values()} - have)

    def put(self, _job: str, _path: str, content: IO[bytes] | bytes, sha256: str, _token: str) -> None:
        """Store an object."""
        data = content if isinstance(content, bytes) else content.read()
        if hashlib.sha256(data).hexdigest() != sha256:
            raise InvalidInput("The file was damaged on its way.")
        self.stored.add(data)
