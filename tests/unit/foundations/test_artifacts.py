"""Artifacts reach the archive as they were when they were saved."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.unit.foundations.conftest import Script, eventually
from tests.unit.foundations.journal_server import JournalServer

from atlas_core.errors import InvalidInput
from foundations.artifacts import check_source
from foundations.spool import Spool, archive_path
from foundations.sync import sync


@pytest.mark.parametrize(
    ("key", "filename", "path"),
    [
        ("model.pkl", "model.pkl", "user_artifacts/model.pkl"),
        ("best", "model.pkl", "user_artifacts/keys/best/model.pkl"),
        ("a/b c", "m", "user_artifacts/keys/a%2Fb%20c/m"),
        ("..", "m", "user_artifacts/keys/%2E%2E/m"),
        ("keys", "keys", "user_artifacts/keys/keys/keys"),
    ],
)
def test_no_two_keys_share_a_file(key: str, filename: str, path: str) -> None:
    assert archive_path(key, filename) == path


def test_a_file_arrives_as_it_was_when_it_was_saved(tracked: Script, server: JournalServer) -> None:
    code = """
        import foundations
        from pathlib import Path
        Path("model.bin").write_bytes(b"first" * 500_000)
        foundations.save_artifact("model.bin")
        Path("model.bin").write_bytes(b"second")
        foundations.save_artifact(Path("model.bin"), key="small one")
        Path("model.bin").unlink()
    """
    ended = tracked.run(code)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")
    job, content = server.only_job, b"first" * 500_000
    assert server.files == {
        (job, "user_artifacts/model.bin"): content,
        (job, "user_artifacts/keys/small%20one/model.bin"): b"second",
    }
    first, second = server.operations(job, "artifact")
    assert first == {
        "key": "model.bin",
        "filename": "model.bin",
        "path": "user_artifacts/model.bin",
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    assert (second["key"], second["filename"]) == ("small one", "model.bin")
    assert tracked.journals == []


def test_the_same_key_again_is_remarked_upon_and_the_last_counts(tracked: Script, server: JournalServer) -> None:
    code = """
        import foundations
        from pathlib import Path
        for text in "ab":
            Path("x.txt").write_text(text)
            foundations.save_artifact("x.txt")
    """
    assert tracked.run(code).stdout == 'Foundations WARNING: Artifact "x.txt" already exists - overwriting.\n'
    assert server.files[server.only_job, "user_artifacts/x.txt"] == b"b"


def test_a_missing_file_is_the_callers_mistake(tracked: Script) -> None:
    assert "FileNotFoundError" in tracked.run("import foundations\nfoundations.save_artifact('no.txt')").stderr


def test_an_artifact_of_a_dead_run_is_sent_later(tracked: Script, server: JournalServer, tmp_path: Path) -> None:
    server.drop = 1_000_000
    code = """
        import foundations, os
        from pathlib import Path
        Path("x.txt").write_text("x")
        foundations.save_artifact("x.txt")
        os._exit(1)
    """
    tracked.run(code)
    server.drop = 0
    assert sync(tracked.home).failures == ()
    assert server.files == {(server.only_job, "user_artifacts/x.txt"): b"x"}
    assert len(server.operations(server.only_job, "artifact")) == 1
    assert tracked.journals == []


SLOW_FILE = """
    import foundations, os
    from foundations import sender
    from pathlib import Path
    sender.HEARTBEAT = 0.1
    Path("model.bin").write_bytes(b"0" * 24_000_000)
    foundations.save_artifact("model.bin")
    {end}
"""


def test_a_run_shows_signs_of_life_while_it_sends_a_large_file(tracked: Script, server: JournalServer) -> None:
    server.slowness = 0.05
    process = tracked.start(SLOW_FILE.format(end="input()"))
    eventually(lambda: bool(server.files))
    process.communicate("\n", timeout=60)
    assert server.beats_before["user_artifacts/model.bin"] >= 2
    assert len(server.operations(server.only_job, "artifact")) == 1


def test_a_run_shows_signs_of_life_while_it_sends_a_large_file_of_an_earlier_one(
    tracked: Script, server: JournalServer
) -> None:
    server.drop = 1_000_000
    tracked.run(SLOW_FILE.format(end="os._exit(1)"))
    server.drop, server.slowness = 0, 0.05
    process = tracked.start("from foundations import sender\nsender.HEARTBEAT = 0.1\ninput()")
    eventually(lambda: bool(server.files))
    process.communicate("\n", timeout=60)
    assert server.beats_before["user_artifacts/model.bin"] >= 2


def test_a_refused_artifact_keeps_nothing_else_from_arriving(tracked: Script, server: JournalServer) -> None:
    server.refused_files = InvalidInput("Too large.")
    code = """
        import foundations
        foundations.save_artifact("train.py")
        foundations.log_metric("loss", 1.0)
    """
    ended = tracked.run(code)
    assert 'Artifact "train.py" was refused: Too large.' in ended.stdout
    assert server.values(server.only_job, "loss") == [1.0]
    assert server.operations(server.only_job, "end")[0]["status"] == "completed"


def test_outside_of_a_job_a_line_says_so(script: Script) -> None:
    script.environment["FOUNDATIONS_COMMAND_LINE"] = "True"
    code = "import foundations\nfoundations.save_artifact('train.py')"
    assert "Cannot save artifact outside of job." in script.run(code).stderr


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo], ids=["directory", "pipe"])
def test_what_is_no_file_is_refused_at_once(make: Callable[[Path], None], tmp_path: Path) -> None:
    make(tmp_path / "thing")
    with pytest.raises(OSError, match="must be a file"):
        check_source(tmp_path / "thing")


def test_a_name_that_is_no_utf8_arrives_with_question_marks(tracked: Script, server: JournalServer) -> None:
    code = """
        import foundations, os
        name = os.fsdecode(b"w\\xff.bin")
        open(name, "w").write("weights")
        foundations.save_artifact(name)
        foundations.save_artifact(name, key=name + "2")
    """
    ended = tracked.run(code)
    assert (ended.returncode, ended.stderr) == (0, "")
    job = server.only_job
    assert server.files == {
        (job, "user_artifacts/w?.bin"): b"weights",
        (job, "user_artifacts/keys/w%3F.bin2/w?.bin"): b"weights",
    }
    assert [each["key"] for each in server.operations(job, "artifact")] == ["w?.bin", "w?.bin2"]
    assert tracked.journals == []


def test_a_copy_that_cannot_be_announced_is_removed(tmp_path: Path) -> None:
    source = tmp_path / "model.bin"
    source.write_bytes(b"weights")
    with pytest.raises(TypeError):
        Spool(tmp_path / "spool", "w").add(source, None, {"of": object()})
    assert list((tmp_path / "spool").iterdir()) == []
