"""Hashes that are remembered: a file that changed in any way is read again."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from atlas_core import bundle
from atlas_core.bundle import read_manifest
from atlas_core.file_hash import sha256_of_file
from atlas_core.known_hashes import LEAST


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a large file and a small one, neither changed just now."""
    monkeypatch.setattr("atlas_core.known_hashes._JUST_NOW", -(10**12))
    root = tmp_path / "project"
    root.mkdir()
    (root / "weights.bin").write_bytes(b"a" * LEAST)
    (root / "main.py").write_text("pass\n")
    return root


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that are read."""
    names: list[str] = []

    def noted(path: Path) -> str:
        names.append(path.name)
        return sha256_of_file(path)

    monkeypatch.setattr(bundle, "sha256_of_file", noted)
    return names


def test_a_large_file_that_is_as_it_was_is_not_read_again(project: Path, home: Path, read: list[str]) -> None:
    first = read_manifest(project, home=home)
    read.clear()
    assert read_manifest(project, home=home) == first == read_manifest(project)
    assert sorted(read) == ["main.py", "main.py", "weights.bin"]  # the second time, no home was named


def test_a_change_that_leaves_size_and_time_as_they_were_is_seen(project: Path, home: Path) -> None:
    weights = project / "weights.bin"
    before, status = read_manifest(project, home=home).bundle_id, weights.stat()
    weights.write_bytes(b"b" * LEAST)
    os.utime(weights, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert read_manifest(project, home=home).bundle_id != before


def test_another_file_under_the_same_name_is_seen(project: Path, home: Path) -> None:
    before = read_manifest(project, home=home).bundle_id
    other = project.parent / "other"
    other.write_bytes(b"b" * LEAST)
    other.replace(project / "weights.bin")
    assert read_manifest(project, home=home).bundle_id != before


def test_a_file_that_changed_just_now_is_read_again(
    project: Path, home: Path, read: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("atlas_core.known_hashes._JUST_NOW", 10**12)
    for _ in range(2):
        read_manifest(project, home=home)
    assert read.count("weights.bin") == 2


def test_what_was_remembered_may_be_damaged_or_impossible_to_keep(project: Path, home: Path, tmp_path: Path) -> None:
    first = read_manifest(project, home=home)
    (kept,) = (home / "cache" / "hashes").iterdir()
    for text in ("{", "[]", '{"weights.bin": 3}', '{"weights.bin": []}'):
        kept.write_text(text)
        assert read_manifest(project, home=home) == first
    (tmp_path / "file").touch()
    assert read_manifest(project, home=tmp_path / "file") == first


def test_directories_that_nobody_looks_at_are_forgotten(project: Path, home: Path) -> None:
    old = home / "cache" / "hashes" / "old.json"
    old.parent.mkdir(parents=True)
    old.write_text("{}")
    os.utime(old, (0, 0))
    read_manifest(project, home=home)
    assert not old.exists()
