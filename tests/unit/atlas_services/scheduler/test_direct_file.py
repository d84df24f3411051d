"""Files that are written past the cache."""

from __future__ import annotations

import mmap
import os
from pathlib import Path

import pytest

from atlas_services.scheduler.direct_file import DirectFile

BLOCKS = 64 * 1024


def filled(data: bytes) -> memoryview:
    """Return memory that begins at a page and holds `data`."""
    room = memoryview(mmap.mmap(-1, len(data)))
    room[:] = data
    return room


def written(path: Path, *pieces: memoryview) -> bytes:
    with DirectFile(path) as file:
        for piece in pieces:
            file.write(piece)
        file.sync()
    return path.read_bytes()


@pytest.mark.parametrize("sizes", [(), (1,), (BLOCKS,), (BLOCKS, BLOCKS, 5), (BLOCKS, 5, BLOCKS), (5, 5, BLOCKS, 1)])
def test_pieces_of_any_length_are_written_one_after_the_other(tmp_path: Path, sizes: tuple[int, ...]) -> None:
    pieces = [os.urandom(size) for size in sizes]
    assert written(tmp_path / "file", *map(filled, pieces)) == b"".join(pieces)


def test_what_begins_at_no_page_is_written_as_well(tmp_path: Path) -> None:
    whole = os.urandom(BLOCKS + 1)
    assert written(tmp_path / "file", filled(whole[:BLOCKS]), memoryview(whole)[1:]) == whole[:BLOCKS] + whole[1:]


@pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="there is no file system in memory")
def test_a_file_system_in_memory_is_written_to_as_well(tmp_path: Path) -> None:
    path = Path("/dev/shm") / f"{tmp_path.name}-{os.getpid()}"
    content = os.urandom(BLOCKS)
    try:
        assert written(path, filled(content)) == content
    finally:
        path.unlink()


@pytest.mark.parametrize("size", [BLOCKS, 1])
def test_a_disk_that_is_full_is_told(size: int) -> None:
    with DirectFile(Path("/dev/full")) as file, pytest.raises(OSError, match="No space left"):
        file.write(filled(bytes(size)))
