"""Removing Python environments that nobody uses."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

import pytest

from atlas_services.scheduler.environments import remove_unused
from atlas_services.worker.environment import lock_file

_LONG_AGO, _SINCE, _LATELY = 1000.0, 2000.0, 3000.0
_ONE, _TWO = "1" * 32, "2" * 32


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Where environments lie."""
    return tmp_path / "environments"


def cleared(root: Path) -> list[str]:
    return remove_unused(root, root.parent / "work", _SINCE)


def test_only_those_that_nobody_used_are_removed(root: Path) -> None:
    old, used = environment(root, _ONE, _LONG_AGO), environment(root, _TWO, _LATELY)
    of_containers = environment(root / "docker-abc", _ONE, _LONG_AGO)
    assert cleared(root) == [_ONE, _ONE]
    assert (old.exists(), used.exists(), of_containers.exists()) == (False, True, False)
    assert cleared(root) == []


def test_without_any_there_is_nothing_to_do(root: Path) -> None:
    assert cleared(root) == []


def test_what_is_no_environment_stays(root: Path) -> None:
    for name in ("sdk-0123456789abcdef", "uv-cache", "docker-abc"):
        environment(root, name, _LONG_AGO)
    assert cleared(root) == []


def test_half_of_one_is_removed_by_its_own_age(root: Path) -> None:
    half = environment(root, _ONE, _LONG_AGO)
    (half / ".complete").unlink()
    os.utime(half, (_LATELY, _LATELY))
    assert cleared(root) == []
    os.utime(half, (_LONG_AGO, _LONG_AGO))
    assert cleared(root) == [_ONE]


def test_of_what_a_job_says_it_runs_in_no_more_is_read_than_a_path(root: Path) -> None:
    environment(root, _ONE, _LONG_AGO)
    for name in ("long", "pipe", "link"):
        (root.parent / "work" / name).mkdir(parents=True)
    (root.parent / "work" / "long" / "interpreter").write_text("/" * 4096 + _ONE)
    os.mkfifo(root.parent / "work" / "pipe" / "interpreter")
    (root.parent / "work" / "link" / "interpreter").symlink_to(root.parent / "work" / "long" / "interpreter")
    assert cleared(root) == [_ONE]


def test_one_in_which_a_job_runs_stays(root: Path) -> None:
    environment(root, _ONE, _LONG_AGO)
    work = root.parent / "work" / "job-1"
    work.mkdir(parents=True)
    (work / "interpreter").write_text(f"{root}/{_ONE}/bin/python\n")
    assert cleared(root) == []


def test_one_that_somebody_makes_at_this_moment_stays(root: Path) -> None:
    target = environment(root, _ONE, _LONG_AGO)
    with lock_file(target).open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert cleared(root) == []
    assert cleared(root) == [_ONE]


def test_what_a_dead_scheduler_began_is_brought_to_an_end(root: Path) -> None:
    rest = environment(root, f".{_ONE}.removed", _LATELY)
    cleared(root)
    assert not rest.exists()


def test_no_link_that_a_job_left_is_followed(root: Path) -> None:
    elsewhere = environment(root.parent, "elsewhere", _LONG_AGO)
    environment(root, _TWO, _LONG_AGO)
    victim = root.parent / "victim"
    (root / _ONE).symlink_to(elsewhere)
    (root / "docker-evil").symlink_to(root.parent)
    lock_file(root / _TWO).symlink_to(victim)
    assert cleared(root) == []
    assert (elsewhere / ".complete").exists()
    assert not victim.exists()


def environment(root: Path, name: str, used: float) -> Path:
    directory = root / name
    directory.mkdir(parents=True)
    (directory / ".complete").touch()
    os.utime(directory / ".complete", (used, used))
    return directory
