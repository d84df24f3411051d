"""A script that was started by hand, against the real services: its output, its directories, what it ran on."""

from __future__ import annotations

import textwrap
from pathlib import Path
from urllib.parse import quote

import pytest
from tests.integration.stack import RunningStack, eventually

pytestmark = pytest.mark.stack


def test_what_a_script_prints_and_syncs_can_be_had_from_the_server(stack: RunningStack, tmp_path: Path) -> None:
    folder = tmp_path / "tracked-script"
    folder.mkdir()
    (folder / "train.py").write_text(
        textwrap.dedent("""
            import pathlib, sys
            import foundations
            print("hello", flush=True)
            directory = foundations.create_syncable_directory("models/best", "models")
            pathlib.Path("models", "weights").write_text("1 2 3")
            directory.upload()
            earlier = foundations.create_syncable_directory("models/best", "copy", foundations.foundations_job.job_id)
            print(pathlib.Path("copy", "weights").read_text())
            foundations.set_tensorboard_logdir("runs")
            pathlib.Path("runs", "events").write_text("curve")
        """)
    )
    ended = stack.python("train.py", cwd=folder)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "hello\n1 2 3\n", "")
    (job,) = stack.rest.job_listing("tracked-script")["jobs"]
    assert (job["status"], job["tags"]) == ("completed", {"tf": "tf"})
    job_id = job["job_id"]
    with stack.scheduler.log_stream(job_id, follow=False) as chunks:
        assert b"".join(chunks) == b"hello\n1 2 3\n"
    archive = stack.home / "job_data" / "archive" / job_id
    assert (archive / "synced_directories" / quote("models/best", safe="") / "weights").read_text() == "1 2 3"
    assert (archive / "synced_directories" / "__tensorboard__" / "events").read_text() == "curve"
    told = stack.foundations("get", "logs", "scheduler", job_id)
    assert "hello\n1 2 3" in told.stdout


def test_the_words_of_a_killed_script_are_sent_later(stack: RunningStack, tmp_path: Path) -> None:
    folder = tmp_path / "killed-script"
    folder.mkdir()
    code = "import foundations, os, sys\nprint('last words', flush=True)\nos.kill(os.getpid(), 9)\n"
    (folder / "train.py").write_text(code)
    assert stack.python("train.py", cwd=folder).returncode == -9
    assert stack.foundations("sync").returncode == 0
    (job,) = eventually(lambda: stack.rest.job_listing("killed-script")["jobs"])
    with stack.scheduler.log_stream(job["job_id"], follow=False) as chunks:
        assert b"".join(chunks) == b"last words\n"
