from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from atlas_core.errors import InvalidInput, JournalGap, PayloadTooLarge
from atlas_services.archive_server.output import Output
from atlas_services.archive_server.synced import SyncedDirectory, check_object, read_change


def described(content: bytes) -> dict[str, Any]:
    return {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content), "modified": 1.0, "executable": False}


def store(base: Path, *contents: bytes) -> None:
    (base / "synced_objects").mkdir(parents=True, exist_ok=True)
    for content in contents:
        (base / "synced_objects" / str(described(content)["sha256"])).write_bytes(content)


def tree(base: Path) -> dict[str, bytes]:
    top = base / "synced_directories" / "key"
    return {str(path.relative_to(top)): path.read_bytes() for path in top.rglob("*") if path.is_file()}


def objects(base: Path) -> set[bytes]:
    return {path.read_bytes() for path in (base / "synced_objects").iterdir()}


def test_nothing_changes_before_every_object_is_there(tmp_path: Path) -> None:
    directory = SyncedDirectory(tmp_path, "key")
    files = {"a": described(b"one"), "deep/b": described(b"two"), "c": described(b"one")}
    store(tmp_path, b"one")
    assert directory.change(files, {}) == [described(b"two")["sha256"]]
    assert tree(tmp_path) == {}
    store(tmp_path, b"two")
    assert directory.change(files, {}) == []
    assert tree(tmp_path) == {"a": b"one", "deep/b": b"two", "c": b"one"}
    manifest = json.loads((tmp_path / "synced_manifests" / "key.json").read_text())
    assert manifest == {"files": files}


def test_bytes_go_when_no_directory_needs_them_any_more(tmp_path: Path) -> None:
    store(tmp_path, b"old", b"shared")
    key, other = SyncedDirectory(tmp_path, "key"), SyncedDirectory(tmp_path, "other")
    key.change({"a": described(b"old"), "b": described(b"shared")}, {})
    other.change({"x": described(b"shared")}, {})
    store(tmp_path, b"new")
    key.change({"a": described(b"new"), "b": described(b"new")}, {})
    assert tree(tmp_path) == {"a": b"new", "b": b"new"}
    assert objects(tmp_path) == {b"new", b"shared"}


def test_a_file_is_removed_only_as_the_remover_knew_it(tmp_path: Path) -> None:
    store(tmp_path, b"one", b"two")
    directory = SyncedDirectory(tmp_path, "key")
    directory.change({"a": described(b"one"), "d/b": described(b"two")}, {})
    directory.change({}, {"a": described(b"two")["sha256"], "d/b": described(b"two")["sha256"]})
    assert tree(tmp_path) == {"a": b"one"}
    assert not (tmp_path / "synced_directories" / "key" / "d").exists()


def test_a_tree_that_was_left_half_done_is_put_right(tmp_path: Path) -> None:
    store(tmp_path, b"one", b"two")
    directory = SyncedDirectory(tmp_path, "key")
    directory.change({"a": described(b"one")}, {})
    top = tmp_path / "synced_directories" / "key"
    (top / "a").unlink()
    (top / "stray").write_bytes(b"x")
    directory.change({"b": described(b"two")}, {})
    assert tree(tmp_path) == {"a": b"one", "b": b"two"}


@pytest.mark.parametrize("path", ["../a", "/a", "a//b", "a/./b", "", "a\\b", "a\0"])
def test_paths_that_lead_elsewhere_are_refused(path: str) -> None:
    with pytest.raises(InvalidInput, match="files"):
        read_change({"files": {path: described(b"")}})


@pytest.mark.parametrize(
    "body",
    [
        {"files": []},
        {"files": {"a": {"sha256": "x", "size": 1}}},
        {"files": {"a": {**described(b""), "size": -1}}},
        {"files": {"a": {**described(b""), "modified": "now"}}},
    ],
)
def test_a_change_that_says_nothing_usable_is_refused(body: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        read_change(body)


def test_a_file_cannot_be_a_directory_too(tmp_path: Path) -> None:
    store(tmp_path, b"one")
    with pytest.raises(InvalidInput, match="cannot be a file and hold"):
        SyncedDirectory(tmp_path, "key").change({"a": described(b"one"), "a/b": described(b"one")}, {})


def test_an_object_has_the_name_of_its_hash() -> None:
    check_object("user_artifacts/a", "f" * 64)
    check_object(f"synced_objects/{'f' * 64}", "f" * 64)
    with pytest.raises(InvalidInput):
        check_object("synced_objects/a", "f" * 64)


def test_output_that_comes_twice_is_kept_once(tmp_path: Path) -> None:
    output = Output(tmp_path, 10)
    assert output.append(0, b"abc") == 3
    assert output.append(0, b"abc") == 3
    assert output.append(1, b"bcde") == 5
    with pytest.raises(JournalGap) as gap:
        output.append(7, b"x")
    assert gap.value.details["applied"] == 5
    with pytest.raises(PayloadTooLarge):
        output.append(5, b"too much")
    assert (tmp_path / "logs" / "output.log").read_bytes() == b"abcde"
