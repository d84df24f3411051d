"""What is recorded of how a script ran."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.redis_server import require
from tests.unit.foundations.conftest import Script
from tests.unit.foundations.journal_server import JournalServer

from atlas_core.bundle import Manifest, pack
from atlas_core.bundle_reader import unpack
from foundations import source_snapshot, surroundings


def facts(server: JournalServer, job: str | None = None) -> dict[str, Any]:
    """Return all facts of a job."""
    told = server.operations(job or server.only_job, "facts")
    return {name: value for each in told for name, value in each.items()}


def git(folder: Path, *words: str) -> str:
    require(shutil.which("git"), "git")
    names = {f"GIT_{role}_{what}": "ada@example.org" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    command = ["git", "-c", "init.defaultBranch=main", *words]
    return subprocess.run(
        command, cwd=folder, env={**os.environ, **names}, check=True, capture_output=True, text=True
    ).stdout


def test_interpreter_and_machine_are_told(tracked: Script, server: JournalServer) -> None:
    tracked.run("import foundations")
    told = facts(server)
    assert told["interpreter"]["python"] == platform.python_version()
    assert told["interpreter"]["executable"] == sys.executable
    assert "requests" in told["interpreter"]["packages"]
    assert told["machine"]["cpus"] >= 1
    assert told["machine"]["ram_bytes"] > 1e8
    assert "git" not in told


def test_commit_and_difference_are_told(tracked: Script, server: JournalServer) -> None:
    git(tracked.folder, "init", "-q")
    (tracked.folder / "model.py").write_text("layers = 1\n")
    git(tracked.folder, "add", "model.py")
    git(tracked.folder, "commit", "-qm", "first")
    (tracked.folder / "model.py").write_text("layers = 2\n")
    tracked.run("import foundations")
    told = facts(server)["git"]
    assert told["commit"] == git(tracked.folder, "rev-parse", "HEAD").strip()
    assert (told["branch"], told["is_dirty"], told["diff_is_cut"]) == ("main", True, False)
    assert "-layers = 1\n+layers = 2\n" in told["diff"]


def test_a_script_that_waits_for_all_children_sees_none_of_ours(tracked: Script, server: JournalServer) -> None:
    git(tracked.folder, "init", "-q")
    git(tracked.folder, "commit", "-q", "--allow-empty", "-m", "first")
    code = """
        import foundations, os
        recorder = next(each for each in foundations.run.current.companions if hasattr(each, "_thread"))
        while recorder._thread.is_alive():
            try:
                print("a child:", os.wait())
            except ChildProcessError:
                pass
    """
    assert tracked.run(code).stdout == ""
    assert facts(server)["git"]["branch"] == "main"


def test_runs_of_the_same_source_store_it_once(tracked: Script, server: JournalServer, tmp_path: Path) -> None:
    (tracked.folder / ".env").write_text("SECRET=1\n")
    (tracked.folder / "data.bin").write_bytes(bytes(2 * 1024**2))
    (tracked.folder / "secret.py").touch()
    (tracked.folder / "generated.py").touch()
    (tracked.folder / ".gitignore").write_text("generated.py\n")
    (tracked.folder / ".foundationsignore").write_text("secret.py\n#!include:.gitignore\n")
    (tracked.folder / "link.py").symlink_to("/etc/passwd")
    for _ in range(2):
        tracked.run("import foundations")
    first, second = (facts(server, job)["source"] for job in server.records)
    assert first == second
    assert list(server.bundles) == [first["bundle_id"]]
    packed = tmp_path / "source.tgz"
    packed.write_bytes(server.bundles[first["bundle_id"]])
    manifest = unpack(packed, tmp_path / "source", 10**7)
    assert manifest.bundle_id == first["bundle_id"]
    assert [entry.path for entry in manifest.entries] == [".foundationsignore", "train.py"]
    assert tracked.journals == []


def test_a_snapshot_can_be_switched_off(tracked: Script, server: JournalServer) -> None:
    tracked.environment["FOUNDATIONS_SNAPSHOT"] = "0"
    tracked.run("import foundations")
    assert set(facts(server)) == {"interpreter", "machine"}
    assert server.bundles == {}


def test_a_scheduled_job_tells_of_its_machine_alone(tracked: Script, server: JournalServer) -> None:
    tracked.environment["FOUNDATIONS_JOB_ID"] = "scheduled-1"
    tracked.run("import foundations")
    assert set(facts(server, "scheduled-1")) == {"interpreter", "machine"}


def test_without_a_server_the_source_waits_with_the_journal(script: Script, server: JournalServer) -> None:
    script.run("import foundations")
    script.environment["FOUNDATIONS_SERVER_URL"] = server.url
    assert script.run_python("-m", "foundations.sync").returncode == 0
    assert list(server.bundles) == [facts(server)["source"]["bundle_id"]]
    assert script.journals == []


def test_a_home_directory_is_no_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "a.py").touch()
    assert source_snapshot.take(tmp_path, tmp_path / "x") == {"left_out": f"`{tmp_path}` is no project's directory."}


def test_a_directory_of_too_many_files_is_left_out_with_the_reason(tmp_path: Path) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(2001):
        (folder / f"{number}").touch()
    assert "more than 2000 files" in source_snapshot.take(folder, tmp_path / "x")["left_out"]


def test_packages_are_found_by_their_metadata(tmp_path: Path) -> None:
    (tmp_path / "a" / "My_Package-1.2.dist-info").mkdir(parents=True)
    (tmp_path / "b" / "my_package-1.0.dist-info").mkdir(parents=True)
    (tmp_path / "b" / "other-2.0.egg-info").touch()
    found = surroundings.packages([str(tmp_path / "a"), str(tmp_path / "b"), str(tmp_path / "nowhere")])
    assert found == {"my-package": "1.2", "other": "2.0"}


def test_a_source_that_changes_while_it_is_packed_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, spool = tmp_path / "project", tmp_path / "spool"
    folder.mkdir()
    spool.mkdir()
    (folder / "main.py").write_text("print(1)")

    def too_late(manifest: Manifest, target: Path) -> None:
        (folder / "main.py").unlink()
        pack(manifest, target)

    monkeypatch.setattr(source_snapshot, "pack", too_late)
    with pytest.raises(OSError, match=r"main\.py"):
        source_snapshot.take(folder, spool / "w.source")
    assert list(spool.iterdir()) == []
