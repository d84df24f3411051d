"""`foundations cp`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.unit.atlas_cli.conftest import Foundations
from tests.unit.atlas_cli.scheduler_double import Job, SchedulerDouble

_FILES = {
    "artifacts/main.py": b"print(1)",
    "artifacts/outputs/a.txt": b"A",
    "artifacts/outputs/deep/b c.txt": b"B",
    "logs/output.log": b"said\n",
}


@pytest.fixture(autouse=True)
def _job(scheduler: SchedulerDouble) -> None:
    scheduler.jobs["j-1"] = Job()
    scheduler.archive["j-1"] = dict(_FILES)


def tree() -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(Path().rglob("*")) if path.is_file()}


@pytest.mark.parametrize(
    ("source", "destination", "found"),
    [
        ("j-1:main.py", ".", {"main.py": b"print(1)"}),
        ("j-1:main.py", "other.py", {"other.py": b"print(1)"}),
        ("j-1:outputs", ".", {"outputs/a.txt": b"A", "outputs/deep/b c.txt": b"B"}),
        ("j-1:outputs/", "new", {"new/a.txt": b"A", "new/deep/b c.txt": b"B"}),
        ("j-1:outputs/deep/b c.txt", ".", {"b c.txt": b"B"}),
        ("j-1:", "all", {"all/main.py": b"print(1)", "all/outputs/a.txt": b"A", "all/outputs/deep/b c.txt": b"B"}),
        ("j-1:logs/output.log", ".", {"output.log": b"said\n"}),
    ],
)
def test_files_and_directories_are_copied(
    foundations: Foundations, source: str, destination: str, found: dict[str, bytes]
) -> None:
    assert foundations("cp", source, destination).code == 0
    assert tree() == found


def test_json(foundations: Foundations) -> None:
    facts = json.loads(foundations("cp", "--json", "scheduler", "j-1:outputs", "x").out)
    assert facts == {"job_id": "j-1", "path": "x", "files": 2, "bytes": 2}


def test_what_has_arrived_is_not_fetched_again(foundations: Foundations, scheduler: SchedulerDouble) -> None:
    foundations("cp", "j-1:outputs", "x")
    Path("x/a.txt").unlink()
    scheduler.ranges.clear()
    assert foundations("cp", "j-1:outputs/deep", "x/deep").code == 0  # below what is there
    scheduler.ranges.clear()
    assert foundations("cp", "j-1:main.py", "m").code == foundations("cp", "j-1:main.py", "m").code == 0
    assert len(scheduler.ranges) == 1


def test_a_connection_that_breaks_costs_what_was_on_the_way(
    foundations: Foundations, scheduler: SchedulerDouble
) -> None:
    scheduler.archive["j-1"]["artifacts/big"] = b"x" * 200_000
    scheduler.breaks = [100_000]
    assert foundations("cp", "j-1:big", ".").code == 0
    assert Path("big").read_bytes() == b"x" * 200_000
    assert scheduler.ranges == [None, "bytes=65536-"]


@pytest.mark.parametrize(
    ("source", "code", "said"),
    [
        ("j-1:nothing", 1, "Error: Job `j-1` has no file or directory `nothing`."),
        ("j-1:../other", 1, "leads out of the job"),
        ("j-1:/etc/passwd", 1, "leads out of the job"),
        ("j-1", 2, "names no file of a job; write JOB-ID:PATH."),
        ("j-2:x", 1, "Error: Job `j-2` does not exist for environment `scheduler`"),
    ],
)
def test_what_cannot_be_copied_is_said_in_a_sentence(
    foundations: Foundations, source: str, code: int, said: str
) -> None:
    ended = foundations("cp", source, ".")
    assert ended.code == code
    assert said in ended.out + ended.err
    assert tree() == {}


def test_a_file_goes_to_standard_output_and_nothing_beside_it(foundations: Foundations) -> None:
    ended = foundations("cp", "j-1:outputs/a.txt", "-")
    assert (ended.code, ended.out, ended.err, tree()) == (0, "A", "", {})


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["j-1:outputs", "-"], 1, "a directory cannot be written to standard output"),
        (["j-1:nothing", "-"], 1, "has no file or directory `nothing`"),
        (["--json", "j-1:main.py", "-"], 2, "--json and - both want standard output"),
    ],
)
def test_what_standard_output_cannot_take_is_said(
    foundations: Foundations, words: list[str], code: int, said: str
) -> None:
    ended = foundations("cp", *words)
    assert ended.code == code
    assert said in ended.out + ended.err
    assert tree() == {}


def test_of_a_job_that_runs_it_is_said_that_files_come_later(
    foundations: Foundations, scheduler: SchedulerDouble
) -> None:
    scheduler.jobs["j-2"] = Job("running")
    assert "It is running; its files arrive when it has ended." in foundations("cp", "j-2:x", ".").out


def test_only_parts_of_the_same_file_are_removed(foundations: Foundations) -> None:
    stale, others = ".model.0123456789ab.part", {".model.pt.0123456789ab.part", ".model.my-notes.part"}
    for name in (stale, *others):
        Path(name).write_text("9 GB so far")
    assert foundations("cp", "j-1:main.py", "model").code == 0
    assert tree().keys() == {"model", *others}


def test_a_directory_does_not_replace_a_file(foundations: Foundations) -> None:
    Path("file").write_text("mine")
    ended = foundations("cp", "j-1:outputs", "file")
    assert ended.code == 1
    assert tree() == {"file": b"mine"}


def test_what_was_executable_is_so_here(foundations: Foundations, scheduler: SchedulerDouble) -> None:
    scheduler.archive["j-1"]["artifacts/run.sh"] = b"#!/bin/sh\n"
    for _ in range(2):  # the second time it is here, and may have been copied by an older version
        assert foundations("cp", "j-1:", "all").code == 0
        assert [bool(Path("all", name).stat().st_mode & 0o100) for name in ("run.sh", "main.py")] == [True, False]
        Path("all/run.sh").chmod(0o644)


def test_of_the_whole_archive_nothing_internal_is_copied(foundations: Foundations, scheduler: SchedulerDouble) -> None:
    scheduler.archive["j-1"] = {
        "logs/output.log": b"said\n",
        "metrics.parquet": b"1",
        "metrics.2.series": b"2",
        "synced_directories/model/a": b"3",
        "synced_objects/0123": b"3",
        "synced_manifests/model.json": b"{}",
        "user_artifacts/metrics.2.series": b"4",
    }
    assert foundations("cp", "j-1:", "all").code == 0
    assert [name.removeprefix("all/") for name in tree()] == [
        "logs/output.log",
        "metrics.parquet",
        "synced_directories/model/a",
        "user_artifacts/metrics.2.series",
    ]


def test_a_failure_is_told_to_programs_without_what_is_meant_for_people(foundations: Foundations) -> None:
    for path, message in (("nothing", "Job `j-1` has no file or directory `nothing`."), ("/x", "`/x` leads out of")):
        error = json.loads(foundations("cp", "--json", f"j-1:{path}", ".").out)["error"]
        assert error["message"].startswith(message)
