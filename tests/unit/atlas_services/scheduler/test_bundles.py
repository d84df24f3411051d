"""The store of bundles."""

from __future__ import annotations

import hashlib
import io
import os
import tarfile
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.scheduler_service import old_bundle, packed_project

from atlas_core.bundle import read_manifest
from atlas_core.errors import BundleNotFound, BundleTooLarge, Forbidden, InvalidBundle, InvalidInput
from atlas_services.scheduler.arrival import Read, receive
from atlas_services.scheduler.bundles import BundleStore
from atlas_services.scheduler.senders import Senders


@pytest.fixture
def store(tmp_path: Path) -> BundleStore:
    return BundleStore(tmp_path / "store", 100_000, 100_000)


def test_what_was_sent_for_a_job_can_be_kept_by_its_content(store: BundleStore, tmp_path: Path) -> None:
    store.receive_of_job("nightly", io.BytesIO(old_bundle("nightly", {"main.py": "one", "src/a.py": "two"})))
    kept = store.keep_of_job("nightly")
    assert store.keep_of_job("nightly") == kept
    store.remove_of_job("nightly")
    store.unpack("nightly_20260101_000000", kept, tmp_path / "run")
    assert read_manifest(tmp_path / "run").bundle_id == kept
    assert (tmp_path / "run" / "src" / "a.py").read_text() == "two"
    assert list((tmp_path / "store" / ".incoming").iterdir()) == []
    with pytest.raises(BundleNotFound):
        store.keep_of_job("nightly")


def linked(links: Mapping[str, str]) -> io.BytesIO:
    """Return an archive of directories and links; a target of "" means a directory."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, target in links.items():
            info = tarfile.TarInfo(name)
            info.type, info.linkname = (tarfile.SYMTYPE, target) if target else (tarfile.DIRTYPE, "")
            tar.addfile(info)
    buffer.seek(0)
    return buffer


def names(store: BundleStore, tmp_path: Path) -> list[str]:
    return sorted(path.name for path in (tmp_path / "store").rglob("*") if path.name != ".incoming")


def test_a_stored_bundle_unpacks_to_what_was_packed(store: BundleStore, tmp_path: Path) -> None:
    bundle_id, content = packed_project(tmp_path, {"main.py": "pass", "a/b.txt": "b"})
    store.receive(bundle_id, io.BytesIO(content))
    store.unpack("job-1", bundle_id, tmp_path / "target")
    assert (tmp_path / "target" / "a" / "b.txt").read_text() == "b"


def test_names_with_dots_stay_whole(store: BundleStore, tmp_path: Path) -> None:
    names = ["a./b/f.txt", ".hidden./x", "..a/y", "c/.../z"]
    bundle_id, content = packed_project(tmp_path, dict.fromkeys(names, "x"))
    store.receive(bundle_id, io.BytesIO(content))
    store.unpack("job-1", bundle_id, tmp_path / "target")
    files = (path.relative_to(tmp_path / "target") for path in (tmp_path / "target").rglob("*") if path.is_file())
    assert sorted(path.as_posix() for path in files) == sorted(names)


def test_of_an_old_bundle_only_the_source_is_unpacked(store: BundleStore, tmp_path: Path) -> None:
    store.receive_of_job("job-1", io.BytesIO(old_bundle("job-1", {"main.py": "pass"})))
    (tmp_path / "work").mkdir()
    store.unpack("job-1", None, tmp_path / "work" / "target")
    assert [path.name for path in (tmp_path / "work").rglob("*")] == ["target", "main.py"]


@pytest.mark.parametrize(
    "links",
    [
        {"job-1/job_source": ".."},
        {"job-1": "other", "other/job_source": ""},
        {"job-1/job_source": "", "job-1/job_source/out": "../../x"},
        {"job-1/job_source": "", "job-1/job_source/out": "../other"},
        {"job-1/job_source": "", "job-1/job_source/deep/out": "../../x"},
        {"job-1/job_source": "", "job-1/job_source/.git/out": "../../x"},
        {"job-1": ""},
        {"job-2/job_source": ""},
    ],
)
def test_an_old_bundle_cannot_reach_beyond_its_source(
    store: BundleStore, tmp_path: Path, links: dict[str, str]
) -> None:
    with pytest.raises(InvalidBundle):
        store.receive_of_job("job-1", linked(links))
    assert names(store, tmp_path) == []


def test_links_that_stay_inside_the_source_are_kept(store: BundleStore, tmp_path: Path) -> None:
    store.receive_of_job("job-1", linked({"job-1/job_source": "", "job-1/job_source/deep/in": "../main.py"}))
    store.unpack("job-1", None, tmp_path / "target")
    assert (tmp_path / "target" / "deep" / "in").readlink() == Path("../main.py")


def test_a_bundle_that_is_too_long_leaves_nothing(store: BundleStore, tmp_path: Path) -> None:
    with pytest.raises(BundleTooLarge):
        store.receive("0" * 64, io.BytesIO(bytes(100_001)))
    assert names(store, tmp_path) == []


def test_a_transfer_that_breaks_off_leaves_nothing(store: BundleStore, tmp_path: Path) -> None:
    class Broken(io.BytesIO):
        def readinto(self, _room: Any) -> int:
            raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        store.receive("0" * 64, Broken())
    assert names(store, tmp_path) == []


def test_a_bundle_that_is_in_use_never_leaves_its_place(store: BundleStore, monkeypatch: pytest.MonkeyPatch) -> None:
    store.receive_of_job("nightly", io.BytesIO(old_bundle("nightly", {"main.py": "one"})))
    path = store.path("nightly")
    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", lambda *_: pytest.fail("it was moved"))
        assert not store.remove_if_unused("nightly", path.stat().st_mtime - 60)
    assert path.exists()
    assert store.remove_if_unused("nightly", path.stat().st_mtime + 60)
    assert not path.exists()


def test_only_what_was_left_long_ago_is_removed(store: BundleStore, tmp_path: Path) -> None:
    store.remove_stale()
    old, new = tmp_path / "store" / ".incoming" / "old", tmp_path / "store" / ".incoming" / "new"
    old.mkdir(parents=True)
    new.mkdir()
    os.utime(old, (1, 1))
    store.remove_stale()
    assert (old.exists(), new.exists()) == (False, True)


def test_a_claim_whose_sender_died_before_the_bundle_came_is_free_again(store: BundleStore, tmp_path: Path) -> None:
    def send(job_id: str, sender: str) -> None:
        store.receive_of_job(job_id, io.BytesIO(old_bundle(job_id, {"main.py": "one"})), sender)

    for job_id in ("left", "new", "held"):
        send(job_id, "ann")
    for job_id in ("left", "new"):
        store.path(job_id).unlink()
    senders = tmp_path / "store" / ".senders"
    (senders / ".draft").write_text("ann")
    for name in ("left", "held", ".draft"):
        os.utime(senders / name, (1, 1))
    store.remove_stale()
    assert sorted(path.name for path in senders.iterdir()) == [".lock", "held", "new"]
    send("left", "eve")
    with pytest.raises(Forbidden):
        send("held", "eve")


@pytest.mark.parametrize("removal", [lambda s: s.remove_of_job("job-1"), lambda s: s.remove_if_unused("job-1", 2e10)])
def test_who_sends_a_bundle_while_the_one_before_goes_is_its_sender(
    store: BundleStore, monkeypatch: pytest.MonkeyPatch, removal: Callable[[BundleStore], object]
) -> None:
    def send() -> None:
        store.receive_of_job("job-1", io.BytesIO(old_bundle("job-1", {"main.py": "one"})), "ann")

    again = threading.Thread(target=send)

    def forget(senders: Senders, job_id: str) -> None:
        again.start()
        again.join(0.5)  # it comes now, if it can
        forget_at_last(senders, job_id)

    send()
    forget_at_last = Senders.forget
    monkeypatch.setattr(Senders, "forget", forget)
    removal(store)
    again.join()
    assert store.holds_of("job-1", "ann")


def test_a_missing_bundle_and_a_bad_name_are_told(store: BundleStore, tmp_path: Path) -> None:
    with pytest.raises(BundleNotFound, match=r"Job bundle job-1.tgz not found"):
        store.unpack("job-1", None, tmp_path / "target")
    with pytest.raises(InvalidInput):
        store.holds("../job-1")


@pytest.mark.parametrize("name", ["__pycache__/main.cpython-311.pyc", ".git/config", "venv/pyvenv.cfg"])
def test_a_bundle_holds_nothing_that_its_id_does_not_cover(store: BundleStore, tmp_path: Path, name: str) -> None:
    project, packed = tmp_path / "project", tmp_path / "packed.tgz"
    project.mkdir()
    (project / "main.py").write_text("pass")
    manifest = read_manifest(project)
    (project / name).parent.mkdir()
    (project / name).write_text("slipped in")
    with tarfile.open(packed, "w:gz") as tar:
        tar.add(project, arcname=".")
    with packed.open("rb") as stream, pytest.raises(InvalidBundle, match="no bundle may hold"):
        store.receive(manifest.bundle_id, stream)
    assert not store.holds(manifest.bundle_id)


def test_a_stored_bundle_that_the_disk_has_not_kept_starts_no_job(store: BundleStore, tmp_path: Path) -> None:
    bundle_id, content = packed_project(tmp_path, {"main.py": "pass"})
    store.receive(bundle_id, io.BytesIO(content))
    _, other = packed_project(tmp_path, {"main.py": "something else"})
    store.path(bundle_id).write_bytes(other)
    with pytest.raises(InvalidBundle, match=bundle_id):
        store.unpack("job-1", bundle_id, tmp_path / "target")


@pytest.mark.parametrize("size", [0, 1, 70_000_000])
def test_what_arrives_is_written_whole(tmp_path: Path, size: int) -> None:
    content = os.urandom(size)
    looked = receive(io.BytesIO(content), tmp_path / "file", size, hash_of)
    assert looked == hashlib.sha256(content).hexdigest()
    assert (tmp_path / "file").read_bytes() == content


def test_a_disk_that_fills_up_while_a_file_arrives_is_told() -> None:
    with pytest.raises(OSError, match="No space left"):
        receive(io.BytesIO(bytes(70_000_000)), Path("/dev/full"), 10**9, hash_of)


def test_what_nobody_looks_at_to_its_end_is_written_whole(tmp_path: Path) -> None:
    content = os.urandom(20_000_000)
    assert receive(io.BytesIO(content), tmp_path / "file", 10**9, lambda read: bytes(read(5))) == content[:5]
    assert (tmp_path / "file").read_bytes() == content


def test_what_is_too_long_is_refused_before_its_end(tmp_path: Path) -> None:
    stream = io.BytesIO(bytes(70_000_000))
    with pytest.raises(BundleTooLarge, match="5000000"):
        receive(stream, tmp_path / "file", 5_000_000, hash_of)
    assert stream.tell() < 10_000_000


def test_who_refuses_what_comes_ends_its_receiving(tmp_path: Path) -> None:
    def refuse(read: Read) -> None:
        read(1)
        raise InvalidBundle("no")

    stream = io.BytesIO(bytes(70_000_000))
    with pytest.raises(InvalidBundle, match="no"):
        receive(stream, tmp_path / "file", 10**9, refuse)
    assert stream.tell() < 70_000_000


def test_a_stream_that_breaks_off_says_why(tmp_path: Path) -> None:
    class Broken(io.RawIOBase):
        def readinto(self, room: Any) -> int:
            raise ConnectionResetError("gone")

    with pytest.raises(ConnectionResetError, match="gone"):
        receive(Broken(), tmp_path / "file", 10**9, hash_of)


def hash_of(read: Read) -> str:
    digest = hashlib.sha256()
    while data := read(1_000_000):
        digest.update(data)
    return digest.hexdigest()
