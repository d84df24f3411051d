"""What every storage promises: a directory, an S3 server, and the one behind the other."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.s3_server import Bucket, s3_bucket

from atlas_core.errors import ServerUnreachable
from atlas_services.storage import Storage
from atlas_services.storage.local import LocalStorage
from atlas_services.storage.object_store import ObjectStore
from atlas_services.storage.tiers import Tiers
from atlas_services.storage.trees import size_of_tree, walk

#: The libraries of S3 leave sockets to the collector.
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::DeprecationWarning")


@pytest.fixture(scope="module")
def bucket() -> Iterator[Bucket]:
    """A bucket on an S3 server."""
    with s3_bucket() as made:
        yield made


@pytest.fixture
def remote(bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ObjectStore:
    """A directory of its own in the bucket."""
    for name, value in bucket.variables.items():
        monkeypatch.setenv(name, value)
    return ObjectStore.at(f"{bucket.url}/{tmp_path.name}")


@pytest.fixture(params=["local", "remote", "tiers"])
def storage(request: pytest.FixtureRequest, remote: ObjectStore, tmp_path: Path) -> Storage:
    """One of the storages."""
    if request.param == "remote":
        return remote
    root = tmp_path / "disk"
    root.mkdir()
    return LocalStorage(root) if request.param == "local" else Tiers(root, remote)


def _put(storage: Storage, path: str, content: bytes, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(content)
    storage.put(source, path)
    assert not source.exists()


def test_what_was_put_is_read_whole_and_in_part(storage: Storage, tmp_path: Path) -> None:
    content = os.urandom(9_000_000)
    _put(storage, "job/a/model é", content, tmp_path)
    assert storage.read("job/a/model é", 10, 20) == content[10:20]
    assert storage.read("job/a/model é", len(content) - 3, len(content) + 99) == content[-3:]
    assert b"".join(storage.chunks("job/a/model é", 5, len(content))) == content[5:]
    entry = storage.find("job/a/model é")
    assert entry is not None
    assert (entry.name, entry.is_directory, entry.size) == ("model é", False, len(content))
    assert entry.modified > 1e9
    _put(storage, "job/a/model é", b"other", tmp_path)
    changed = storage.find("job/a/model é")
    assert changed is not None
    assert changed.tag != entry.tag


def test_directories_are_listed(storage: Storage, tmp_path: Path) -> None:
    for name in ("job/b", "job/a/c", "job/a/d", "jobs/x"):
        _put(storage, name, b"123", tmp_path)
    assert [(entry.name, entry.is_directory) for entry in storage.entries("job")] == [("a", True), ("b", False)]
    assert [name for name, _ in walk(storage, "job")] == ["a/c", "a/d", "b"]
    assert size_of_tree(storage, "job") == 9
    assert storage.entries("job/none") == []
    directory = storage.find("job/a")
    assert directory is not None
    assert directory.is_directory


def test_what_is_removed_is_gone_and_no_more(storage: Storage, tmp_path: Path) -> None:
    for name in ("job/a", "job/b/c", "job2/a"):
        _put(storage, name, b"123", tmp_path)
    storage.remove("job/a")
    assert [name for name, _ in walk(storage, "job")] == ["b/c"]
    storage.remove("job")
    storage.remove("job")
    assert storage.entries("job") == []
    assert storage.find("job") is None
    assert storage.read("job2/a", 0, 9) == b"123"


def test_what_is_not_there_is_not_found(storage: Storage) -> None:
    assert storage.find("job/none") is None
    with pytest.raises(FileNotFoundError):
        storage.read("job/none", 0, 10)


def test_files_that_move_away_read_as_before(remote: ObjectStore, tmp_path: Path) -> None:
    root = tmp_path / "disk"
    tiers = Tiers(root, remote)
    for name in ("job/a/model", "job/log", "job/tb/events.out.tfevents.1"):
        _put(tiers, name, name.encode(), tmp_path)
    (root / "job" / "latest").symlink_to("a/model")
    (root / "job" / "out").symlink_to("/etc/passwd")
    assert tiers.has_more("job")
    tiers.move_away("job")
    assert [path.name for path in (root / "job").rglob("*")] == ["tb", "events.out.tfevents.1"]
    assert not tiers.has_more("job")
    assert [name for name, _ in walk(tiers, "job")] == ["a/model", "latest", "log", "tb/events.out.tfevents.1"]
    assert tiers.read("job/latest", 0, 99) == b"job/a/model"
    tiers.bring_back("job")
    assert (root / "job" / "log").read_bytes() == b"job/log"
    tiers.remove("job")
    assert tiers.entries("job") == []


def test_a_file_with_the_longest_name_moves_away_and_comes_back(remote: ObjectStore, tmp_path: Path) -> None:
    tiers, name = Tiers(tmp_path / "disk", remote), "é" * 126 + ".pt"
    _put(tiers, f"job/{name}", b"weights", tmp_path)
    assert tiers.move_away("job") == len(b"weights")
    assert not tiers.has_more("job")
    assert tiers.read(f"job/{name}", 0, 99) == b"weights"
    tiers.bring_back("job")
    assert (tmp_path / "disk" / "job" / name).read_bytes() == b"weights"
    assert [path.name for path in (tmp_path / "disk").rglob("*") if path.is_file()] == [name]


def test_a_large_file_goes_to_the_store_in_parts_and_comes_back_whole(remote: ObjectStore, tmp_path: Path) -> None:
    content = os.urandom(20_000_000)
    tiers = Tiers(tmp_path / "disk", remote)
    _put(tiers, "job/model", content, tmp_path)
    tiers.move_away("job")
    entry = tiers.find("job/model")
    assert entry is not None
    assert (entry.size, entry.tag[-2:]) == (len(content), "-3")  # S3 marks what came in three parts so
    assert b"".join(tiers.chunks("job/model", 0, entry.size)) == content
    assert tiers.read("job/model", 8_388_600, 8_388_620) == content[8_388_600:8_388_620]
    tiers.bring_back("job")
    assert (tmp_path / "disk" / "job" / "model").read_bytes() == content


def test_a_store_that_is_away_is_said_to_be(bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in bucket.variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    tiers = Tiers(tmp_path / "disk", ObjectStore.at("s3://bucket/away"))
    _put(tiers, "job/model", b"abc", tmp_path)
    with pytest.raises(ServerUnreachable, match="object store"):
        tiers.move_away("job")
    assert tiers.read("job/model", 0, 3) == b"abc"
