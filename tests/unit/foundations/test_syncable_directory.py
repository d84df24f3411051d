"""Directories that a job and its archive have in common."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import pytest
from tests.unit.foundations.conftest import Script, eventually
from tests.unit.foundations.journal_server import JournalServer

import foundations
from foundations.local_tree import LocalTree

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
    for name, time in (("a", 2e9), ("b", 5e8)):
        (tracked.folder / "d" / name).write_text("mine")
        os.utime(tracked.folder / "d" / name, (time, time))
    tracked.run(f"import foundations\nfoundations.create_syncable_directory('d', 'd', '{EARLIER}')")
    assert (tracked.folder / "d" / "a").read_text() == "mine"
    assert (tracked.folder / "d" / "b").read_text() == "theirs"


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


def test_a_temporary_directory_stays_until_it_is_sent(tracked: Script, server: JournalServer) -> None:
    tracked.environment["FOUNDATIONS_MODE"] = "offline"
    path = Path(tracked.run(LEAVING.format(path="None")).stdout.splitlines()[-1])
    assert path.is_dir()
    assert tracked.run_python("-m", "foundations.sync").returncode == 0
    assert server.synced(server.only_job, "d") == {"a": b"a", "b": b"b"}
    assert not path.exists()
    assert tracked.journals == []
