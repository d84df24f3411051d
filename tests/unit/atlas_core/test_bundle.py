"""Bundles: the same content has the same id, and a hostile one writes nothing outside its directory."""

from __future__ import annotations

import gzip
import io
import os
import tarfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from atlas_core.bundle import pack, read_manifest, unpack
from atlas_core.errors import BundleTooLarge, InvalidBundle, InvalidInput

LIMIT = 10 * 1024 * 1024


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    (root / "package").mkdir(parents=True)
    (root / "main.py").write_text("print('hello')\n")
    (root / "package" / "module.py").write_text("x = 1\n")
    (root / "run.sh").write_text("#!/bin/sh\n")
    (root / "run.sh").chmod(0o755)
    (root / "link").symlink_to("package/module.py")
    return root


def tar(target: Path, *members: tuple[tarfile.TarInfo, bytes]) -> Path:
    with tarfile.open(target, "w:gz") as archive:
        for info, content in members:
            info.size = len(content) or info.size
            archive.addfile(info, io.BytesIO(content) if content else None)
    return target


def member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, link
    return info


def test_a_packed_project_unpacks_to_the_same_id(project: Path, tmp_path: Path) -> None:
    manifest = read_manifest(project)
    pack(manifest, tmp_path / "bundle.tgz")
    unpacked = unpack(tmp_path / "bundle.tgz", tmp_path / "out", LIMIT)
    assert unpacked.bundle_id == manifest.bundle_id
    assert (tmp_path / "out/package/module.py").read_text() == "x = 1\n"
    assert os.access(tmp_path / "out/run.sh", os.X_OK)
    assert (tmp_path / "out/link").read_text() == "x = 1\n"


def test_the_id_does_not_depend_on_time_stamps_or_place(project: Path, tmp_path: Path) -> None:
    before = read_manifest(project).bundle_id
    os.utime(project / "main.py", (1, 1))
    project.rename(tmp_path / "elsewhere")
    assert read_manifest(tmp_path / "elsewhere").bundle_id == before


@pytest.mark.parametrize(
    "change",
    [
        lambda root: (root / "main.py").write_text("print('bye')\n"),
        lambda root: (root / "main.py").rename(root / "other.py"),
        lambda root: (root / "main.py").chmod(0o755),
        lambda root: (root / "new").touch(),
    ],
    ids=["content", "name", "mode", "new file"],
)
def test_any_change_changes_the_id(project: Path, change: Callable[[Path], object]) -> None:
    before = read_manifest(project).bundle_id
    change(project)
    assert read_manifest(project).bundle_id != before


def test_the_same_tree_packs_to_the_same_bytes(project: Path, tmp_path: Path) -> None:
    for name in ("a", "b"):
        pack(read_manifest(project), tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_bytecode_and_what_is_no_file_stay_out(project: Path) -> None:
    (project / "package" / "__pycache__").mkdir()
    (project / "package" / "__pycache__" / "module.pyc").touch()
    os.mkfifo(project / "pipe")
    paths = {entry.path for entry in read_manifest(project).entries}
    assert paths == {"main.py", "package/module.py", "run.sh", "link"}


def test_a_missing_directory_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="nowhere"):
        read_manifest(tmp_path / "nowhere")


def test_a_directory_over_the_limit_is_refused_before_it_is_packed(project: Path) -> None:
    (project / "data.bin").write_bytes(bytes(5000))
    with pytest.raises(BundleTooLarge, match="data sets"):
        read_manifest(project, max_bytes=4000)


@pytest.mark.parametrize(
    "hostile",
    [
        member("/etc/evil"),
        member("../evil"),
        member("a/../../evil"),
        member("link", tarfile.SYMTYPE, "/etc/passwd"),
        member("link", tarfile.SYMTYPE, "../outside"),
        member("a/link", tarfile.SYMTYPE, "../../outside"),
        member("a/link", tarfile.SYMTYPE, "b/../../../outside"),
        member("hard", tarfile.LNKTYPE, "/etc/passwd"),
        member("device", tarfile.CHRTYPE),
        member("block", tarfile.BLKTYPE),
        member("pipe", tarfile.FIFOTYPE),
    ],
    ids=lambda info: f"{info.name}->{info.linkname or info.type.decode()}",
)
def test_a_hostile_member_is_refused_and_nothing_is_left(tmp_path: Path, hostile: tarfile.TarInfo) -> None:
    bundle = tar(tmp_path / "bundle.tgz", (member("main.py"), b"ok"), (hostile, b""))
    with pytest.raises(InvalidBundle, match=hostile.name):
        unpack(bundle, tmp_path / "in" / "out", LIMIT)
    assert not (tmp_path / "in" / "out").exists()
    assert not (tmp_path / "evil").exists()
    assert not (tmp_path / "in" / "evil").exists()


def test_nothing_is_written_through_a_link_of_the_bundle(tmp_path: Path) -> None:
    bundle = tar(
        tmp_path / "bundle.tgz",
        (member("dir", tarfile.DIRTYPE), b""),
        (member("link", tarfile.SYMTYPE, "dir"), b""),
        (member("link/file"), b"x"),
    )
    with pytest.raises(InvalidBundle, match="symbolic link"):
        unpack(bundle, tmp_path / "out", LIMIT)


def test_a_link_that_another_member_replaces_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "victim").write_text("safe")
    bundle = tar(tmp_path / "bundle.tgz", (member("f", tarfile.SYMTYPE, "g"), b""), (member("f"), b"new"))
    unpack(bundle, tmp_path / "out", LIMIT)
    assert (tmp_path / "out" / "f").read_text() == "new"
    assert not (tmp_path / "out" / "g").exists()


def test_ten_gigabytes_of_zeros_in_ten_megabytes_are_refused_early(tmp_path: Path) -> None:
    bundle = tmp_path / "bomb.tgz"
    header = member("zeros")
    header.size = 10 * 1024**3
    deflate = zlib.compressobj(9, zlib.DEFLATED, 31)
    chunk = bytes(1024 * 1024)
    with bundle.open("wb") as file:
        file.write(deflate.compress(header.tobuf()))
        for _ in range(200):  # the rest would only be more of the same
            file.write(deflate.compress(chunk))
        file.write(deflate.flush())
    with pytest.raises(BundleTooLarge):
        unpack(bundle, tmp_path / "out", LIMIT)
    assert not (tmp_path / "out").exists()


def test_many_small_files_are_counted_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("atlas_core.bundle.MAX_ENTRIES", 10)
    bundle = tar(tmp_path / "bundle.tgz", *((member(f"f{number}"), b"x") for number in range(11)))
    with pytest.raises(BundleTooLarge, match="10 entries"):
        unpack(bundle, tmp_path / "out", LIMIT)


@pytest.mark.parametrize("content", [b"", b"no archive", gzip.compress(b"no archive either")])
def test_what_is_no_archive_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "bundle.tgz").write_bytes(content)
    with pytest.raises(InvalidBundle):
        unpack(tmp_path / "bundle.tgz", tmp_path / "out", LIMIT)
    assert not (tmp_path / "out").exists()


def test_a_cut_bundle_is_refused(project: Path, tmp_path: Path) -> None:
    pack(read_manifest(project), tmp_path / "bundle.tgz")
    whole = (tmp_path / "bundle.tgz").read_bytes()
    (tmp_path / "bundle.tgz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InvalidBundle):
        unpack(tmp_path / "bundle.tgz", tmp_path / "out", LIMIT)
    assert not (tmp_path / "out").exists()
