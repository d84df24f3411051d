"""Bundles: the same content has the same id, and a hostile one writes nothing outside its directory."""

from __future__ import annotations

import errno
import gzip
import io
import os
import subprocess
import sys
import tarfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from atlas_core import bundle_reader
from atlas_core.bundle import pack, pieces, read_manifest
from atlas_core.bundle_reader import look_at, unpack
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


def test_packing_tells_how_far_it_is(project: Path, tmp_path: Path) -> None:
    manifest, told = read_manifest(project), list[int]()
    pack(manifest, tmp_path / "bundle.tgz", told.append)
    assert (len(told), sum(told)) == (sum(entry.link is None for entry in manifest.entries), manifest.size)


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
    monkeypatch.setattr("atlas_core.bundle_reader.MAX_ENTRIES", 10)
    bundle = tar(tmp_path / "bundle.tgz", *((member(f"f{number}"), b"x") for number in range(11)))
    with pytest.raises(BundleTooLarge, match="10 entries"):
        unpack(bundle, tmp_path / "out", LIMIT)


@pytest.mark.parametrize("content", [b"", b"no archive", gzip.compress(b"no archive either", mtime=0)])
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


@pytest.mark.parametrize("kind", [tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK, tarfile.XHDTYPE, tarfile.XGLTYPE])
def test_a_name_of_a_gigabyte_is_refused_before_it_is_read(tmp_path: Path, kind: bytes) -> None:
    header = member("long", kind)
    header.size = 1536 * 1024**2
    part = gzip.compress(b"a" * 8 * 1024**2, 1)
    (tmp_path / "bomb.tgz").write_bytes(gzip.compress(header.tobuf()) + part * 192)
    answer = subprocess.run(
        [sys.executable, "-c", UNPACK_IN_LITTLE_MEMORY, tmp_path / "bomb.tgz", tmp_path / "out"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (answer.stdout, answer.stderr) == ("InvalidBundle\n", "")
    assert not (tmp_path / "out").exists()


#: Unpacks with 512 MB of address space, and prints the name of the error.
UNPACK_IN_LITTLE_MEMORY = """
import resource, sys
from pathlib import Path
from atlas_core.bundle_reader import unpack
resource.setrlimit(resource.RLIMIT_AS, (512 * 1024**2, 512 * 1024**2))
try:
    unpack(Path(sys.argv[1]), Path(sys.argv[2]), 32 * 1024**3)
except Exception as error:
    print(type(error).__name__)
"""


def test_many_long_names_are_counted_together(tmp_path: Path) -> None:
    names = [member(f"{number}/" + "d" * 200) for number in range(20)]
    bundle = tar(tmp_path / "bundle.tgz", *((each, b"x") for each in names))
    assert len(unpack(bundle, tmp_path / "out", LIMIT).entries) == 20
    endless = gzip.compress(with_long_link(b"n" * 1000_000) * 140)
    (tmp_path / "endless.tgz").write_bytes(endless)
    with pytest.raises(InvalidBundle, match="too long"):
        unpack(tmp_path / "endless.tgz", tmp_path / "endless", 32 * 1024**3)


def with_long_link(link: bytes) -> bytes:
    """Return a directory, to which the archive gives a link of this length."""
    header = member("long", tarfile.GNUTYPE_LONGLINK)
    header.size = len(link)
    return header.tobuf() + link + bytes(-len(link) % 512) + member("a", tarfile.DIRTYPE).tobuf()


def test_an_endless_tail_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("atlas_core.bundle_reader._OVERHEAD", 1024**2)
    bundle = tar(tmp_path / "bundle.tgz", (member("f"), b"x"))
    with bundle.open("ab") as file:
        file.write(gzip.compress(bytes(LIMIT + 2 * 1024**2)))
    with pytest.raises(BundleTooLarge):
        unpack(bundle, tmp_path / "out", LIMIT)


def test_a_file_with_holes_is_refused(tmp_path: Path) -> None:
    bundle = tar(tmp_path / "bundle.tgz", (member("holes", tarfile.GNUTYPE_SPARSE), b""))
    with pytest.raises(InvalidBundle, match="holes"):
        unpack(bundle, tmp_path / "out", LIMIT)


@pytest.mark.parametrize(
    "names",
    [("a", "a/b"), ("a/b", "a"), ("n" * 300,), ("d/" * 3000 + "f",)],
    ids=["file, then directory", "directory, then file", "long name", "long path"],
)
def test_names_that_cannot_be_are_refused(tmp_path: Path, names: tuple[str, ...]) -> None:
    bundle = tar(tmp_path / "bundle.tgz", *((member(name), b"x") for name in names))
    with pytest.raises(InvalidBundle):
        unpack(bundle, tmp_path / "out", LIMIT)
    assert not (tmp_path / "out").exists()


def test_a_directory_in_the_place_of_a_file_is_refused(tmp_path: Path) -> None:
    bundle = tar(tmp_path / "bundle.tgz", (member("a"), b"x"), (member("a", tarfile.DIRTYPE), b""))
    with pytest.raises(InvalidBundle):
        unpack(bundle, tmp_path / "out", LIMIT)


def test_a_directory_that_cannot_be_listed_is_named(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "closed").mkdir()
    scan = os.scandir

    def refuse(path: str) -> object:
        if Path(path).name == "closed":
            raise PermissionError(errno.EACCES, "Permission denied", path)
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(InvalidInput, match=r"closed.*Permission denied"):
        read_manifest(project)


def test_environments_histories_and_installed_packages_stay_out(project: Path) -> None:
    before = read_manifest(project).bundle_id
    for name in (".venv/pyvenv.cfg", ".git/HEAD", "package/node_modules/x.js"):
        (project / name).parent.mkdir()
        (project / name).write_text("x")
    (project / ".venv" / "python").symlink_to("/usr/bin/python3")
    assert read_manifest(project).bundle_id == before


def test_what_git_ignores_stays_out_where_that_is_asked_for(project: Path) -> None:
    (project / "package" / ".gitignore").write_text("*.log\n")
    (project / "package" / "run.log").touch()
    assert "package/run.log" in {entry.path for entry in read_manifest(project).entries}
    (project / ".foundationsignore").write_text("#!include:.gitignore\n")
    assert "package/run.log" not in {entry.path for entry in read_manifest(project).entries}


@pytest.mark.parametrize("target", ["/etc/passwd", "../outside", "package/../../outside"])
def test_a_link_that_leads_out_is_refused_before_it_is_packed(project: Path, target: str) -> None:
    (project / "data").symlink_to(target)
    with pytest.raises(InvalidInput, match="put a copy in its place") as raised:
        read_manifest(project)
    assert target in raised.value.message


def test_a_small_bundle_must_not_grow_beyond_all_measure(tmp_path: Path) -> None:
    header = member("zeros")
    header.size = 10 * 1024**3
    bundle = tmp_path / "bomb.tgz"
    bundle.write_bytes(gzip.compress(header.tobuf() + bytes(1024 * 1024)))
    with pytest.raises(BundleTooLarge):
        unpack(bundle, tmp_path / "out", 32 * 1024**3)
    assert not (tmp_path / "out").exists()


def test_what_a_client_lets_through_may_shrink_as_far_as_it_likes(tmp_path: Path) -> None:
    header = member("zeros")
    header.size = 8 * 1024**3
    bundle = tmp_path / "bundle.tgz"
    bundle.write_bytes(gzip.compress(header.tobuf() + bytes(1024 * 1024)))
    with pytest.raises(InvalidBundle, match="too early"):  # its size alone is no reason
        unpack(bundle, tmp_path / "out", 32 * 1024**3)


def test_many_tiny_parts_are_refused() -> None:
    info = member("text")
    info.size = 8 * 1024**2
    data = info.tobuf() + b"some text " * 900_000
    for size in (1, 1000):
        parts = [data[start : start + size] for start in range(0, 1000 * size, size)]
        with pytest.raises(InvalidBundle, match="parts"):
            look_at(io.BytesIO(b"".join(map(gzip.compress, parts))).read, LIMIT)
    empty = gzip.compress(info.tobuf()) + gzip.compress(b"") * 1000
    with pytest.raises(InvalidBundle, match="parts"):
        look_at(io.BytesIO(empty).read, LIMIT)


def test_the_smallest_parts_that_are_packed_are_taken(tmp_path: Path) -> None:
    (tmp_path / "project").mkdir()
    for number in range(150):  # each is a part, as is its header
        (tmp_path / "project" / f"{number}.txt").write_bytes(bytes(128 * 1024))
    manifest = read_manifest(tmp_path / "project")
    bundle = b"".join(pieces(manifest))
    assert bundle.count(b"\x1f\x8b\x08") >= 300
    assert look_at(io.BytesIO(bundle).read, 10 * LIMIT).bundle_id == manifest.bundle_id


def test_what_cannot_be_unpacked_is_refused_when_it_is_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundle_reader, "_UNQUESTIONED", 1024**2)
    zeros, link = member("zeros"), member("link", tarfile.SYMTYPE, "x")
    zeros.size = 2 * 1024**2
    link.pax_headers = {"linkpath": "a\0b"}
    for info, kind in ((zeros, BundleTooLarge), (link, InvalidBundle)):
        packed = gzip.compress(info.tobuf(tarfile.PAX_FORMAT) + bytes(info.size + 1024))
        (tmp_path / "bundle.tgz").write_bytes(packed)
        with pytest.raises(kind):
            look_at(io.BytesIO(packed).read, 10**12)
        with pytest.raises(kind):
            unpack(tmp_path / "bundle.tgz", tmp_path / "out", 10**12)


def test_what_the_ignore_file_names_stays_out_but_comes_in_if_somebody_packs_it(project: Path, tmp_path: Path) -> None:
    (project / "data").mkdir()
    (project / "data" / "large.bin").write_bytes(b"x")
    (project / "notes.txt").touch()
    (project / ".foundationsignore").write_text("data/\n*.txt\nlink\n")
    manifest = read_manifest(project)
    assert {entry.path for entry in manifest.entries} == {
        *(".foundationsignore", "main.py", "package/module.py", "run.sh")
    }
    pack(manifest, tmp_path / "own.tgz")
    assert unpack(tmp_path / "own.tgz", tmp_path / "own", LIMIT).bundle_id == manifest.bundle_id
    bundle = tar(tmp_path / "hiding.tgz", (member(".foundationsignore"), b"*\n"), (member("hidden.py"), b"x"))
    held = unpack(bundle, tmp_path / "out", LIMIT)
    assert {entry.path for entry in held.entries} == {".foundationsignore", "hidden.py"}
