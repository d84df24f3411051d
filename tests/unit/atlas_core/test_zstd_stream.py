"""Zstandard files: made, read back, and refused where they are not what they should be."""

from __future__ import annotations

import io
import os
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from atlas_core import bundle_reader, zstd_stream
from atlas_core.bundle import read_manifest
from atlas_core.bundle_reader import is_gzip, is_zstd, look_at, unpack, unpacked_archive
from atlas_core.bundle_stream import BundleStream
from atlas_core.errors import BundleTooLarge, InvalidBundle
from atlas_core.zstd_stream import unzstd, zstd, zstd_file

MEGABYTE, LIMIT = 1024 * 1024, 1024**3
#: An empty frame that readers pass over.
SKIPPED = b"\x50\x2a\x4d\x18" + bytes(4)


def packed(*blocks: bytes) -> bytes:
    return b"".join(zstd_file(blocks))


def unpacked(data: bytes, size: int = MEGABYTE) -> bytes:
    file = io.BytesIO(data)
    return b"".join(unzstd(file.read(size), lambda: file.read(size)))


def archive(size: int = 0) -> bytes:
    """Return a tar of one file, of so many zeros."""
    info = tarfile.TarInfo("zeros")
    info.size = size
    return info.tobuf() + bytes(size + -size % 512 + 1024)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "main.py").write_text("pass")
    (tmp_path / "project" / "table.csv").write_text("a line of a table\n" * 100_000)
    return tmp_path / "project"


@pytest.fixture
def nowhere() -> Iterator[None]:
    """No Zstandard is at hand."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("compression.zstd", "backports.zstd"):
            patch.setitem(sys.modules, name, None)
        zstd.cache_clear()
        yield
    zstd.cache_clear()


@pytest.mark.parametrize("size", [0, 1, MEGABYTE, 5 * MEGABYTE + 3])
@pytest.mark.parametrize("step", [1000, MEGABYTE])
def test_what_was_given_comes_back(size: int, step: int) -> None:
    data = os.urandom(size // 2) + b"text " * (size // 10)
    assert unpacked(packed(*(data[start : start + 99_999] for start in range(0, size, 99_999))), step) == data


def test_the_same_bytes_give_the_same_file_on_any_number_of_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    blocks = [os.urandom(1000) * 1000 for _ in range(20)]
    files = set()
    for cores in (1, 3, 64, None):
        monkeypatch.setattr(os, "cpu_count", lambda cores=cores: cores)
        files.add(packed(*blocks))
    assert len(files) == 1


@pytest.mark.parametrize("size", [3, MEGABYTE])
@pytest.mark.parametrize("tail", [packed(), SKIPPED, b"\0"], ids=["a frame", "a frame to skip", "a zero"])
def test_what_goes_on_after_its_only_frame_is_refused(tail: bytes, size: int) -> None:
    with pytest.raises(ValueError, match="goes on"):
        unpacked(packed(b"text") + tail, size)


def test_a_library_without_threads_packs_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    names, compressor = zstd().CompressionParameter, zstd().ZstdCompressor

    class Threads:
        """What such a library says of threads, and refuses."""

        def bounds(self) -> tuple[int, int]:
            return 0, 0

    threads = Threads()

    def without_threads(options: dict[Any, int]) -> Any:
        if options.pop(threads):
            raise ValueError("nb_workers is not in its bounds (0, 0)")
        return compressor(options=options)

    few = SimpleNamespace(
        compression_level=names.compression_level, checksum_flag=names.checksum_flag, nb_workers=threads
    )
    library = SimpleNamespace(CompressionParameter=few, ZstdCompressor=without_threads)
    with monkeypatch.context() as patch:
        patch.setattr(zstd_stream, "zstd", lambda: library)
        file = packed(b"some text")
    assert unpacked(file) == b"some text"


def test_no_more_than_a_piece_comes_out_at_once() -> None:
    data = packed(bytes(50 * MEGABYTE))
    assert max(map(len, unzstd(data, bytes))) <= MEGABYTE


def test_a_cut_file_is_noticed() -> None:
    whole = packed(os.urandom(3 * MEGABYTE))
    for left in (5, len(whole) // 2, len(whole) - 1):
        with pytest.raises(EOFError):
            unpacked(whole[:left])


@pytest.mark.parametrize("place", [5, 100_000, -1])
def test_damage_is_noticed(place: int) -> None:
    data = bytearray(packed(b"some text " * 500_000 + os.urandom(MEGABYTE)))
    data[place] ^= 0x55
    with pytest.raises((ValueError, EOFError)):
        unpacked(bytes(data))


def test_a_file_that_wants_much_memory_is_refused() -> None:
    names = zstd().CompressionParameter
    packer = zstd().ZstdCompressor(options={names.window_log: 27})
    with pytest.raises(ValueError, match="memory"):
        unpacked(packer.compress(os.urandom(MEGABYTE)) + packer.flush())


def test_a_project_comes_out_of_a_stream_as_it_went_in(project: Path, tmp_path: Path) -> None:
    manifest = read_manifest(project)
    (tmp_path / "bundle").write_bytes(b"".join(BundleStream(manifest).pieces()))
    assert is_zstd(tmp_path / "bundle")
    assert unpack(tmp_path / "bundle", tmp_path / "out", LIMIT).bundle_id == manifest.bundle_id
    assert (tmp_path / "out" / "table.csv").read_bytes() == (project / "table.csv").read_bytes()
    with tarfile.open(fileobj=io.BytesIO(b"".join(unpacked_archive(tmp_path / "bundle")))) as tar:
        assert tar.getnames() == ["main.py", "table.csv"]


@pytest.mark.usefixtures("nowhere")
def test_without_zstandard_a_stream_is_gzipped(project: Path, tmp_path: Path) -> None:
    manifest = read_manifest(project)
    (tmp_path / "bundle").write_bytes(b"".join(BundleStream(manifest).pieces()))
    assert is_gzip(tmp_path / "bundle")
    with (tmp_path / "bundle").open("rb") as file:
        assert look_at(file.read, LIMIT).bundle_id == manifest.bundle_id


def test_without_zstandard_a_bundle_that_needs_it_says_so(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    (tmp_path / "bundle").write_bytes(packed(archive()))
    request.getfixturevalue("nowhere")
    with pytest.raises(InvalidBundle, match=r"backports\.zstd"):
        unpack(tmp_path / "bundle", tmp_path / "out", LIMIT)


@pytest.mark.parametrize("cut", [0, 1])
def test_damage_and_what_is_no_archive_are_refused(tmp_path: Path, cut: int) -> None:
    data = packed(b"no archive" * 1000 if not cut else archive(5000))
    (tmp_path / "bundle").write_bytes(data[: len(data) - cut])
    with pytest.raises(InvalidBundle):
        unpack(tmp_path / "bundle", tmp_path / "out", LIMIT)
    assert not (tmp_path / "out").exists()


def test_a_small_bundle_must_not_grow_beyond_all_measure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundle_reader, "_UNQUESTIONED", MEGABYTE)
    monkeypatch.setattr(bundle_reader, "_OVERHEAD", MEGABYTE)
    data = packed(archive(40 * MEGABYTE))
    (tmp_path / "bundle").write_bytes(data)
    with pytest.raises(BundleTooLarge):
        unpack(tmp_path / "bundle", tmp_path / "out", 32 * LIMIT)
    with pytest.raises(BundleTooLarge):
        look_at(io.BytesIO(data).read, 32 * LIMIT)
    tail = packed(archive(), bytes(40 * MEGABYTE))
    with pytest.raises(BundleTooLarge):
        look_at(io.BytesIO(tail).read, 32 * LIMIT)
