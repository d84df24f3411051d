"""Gzip in blocks: any reader gets the bytes back, and what does not shrink costs no time."""

from __future__ import annotations

import gzip
import io
import os
from contextlib import closing
from pathlib import Path

import pytest

from atlas_core.gzip_blocks import GzipBlocks

MEGABYTE = 1024 * 1024


def packed(*pieces: bytes) -> bytes:
    target = io.BytesIO()
    with closing(GzipBlocks(target)) as blocks:
        for piece in pieces:
            blocks.write(piece)
        assert blocks.tell() == sum(map(len, pieces))
    return target.getvalue()


@pytest.mark.parametrize("size", [0, 1, MEGABYTE - 1, MEGABYTE, 5 * MEGABYTE + 3])
def test_what_was_written_comes_back(size: int) -> None:
    data = (b"some text " * (size // 10 + 1))[:size]
    assert gzip.decompress(packed(data)) == data
    assert gzip.decompress(packed(data[:7], data[7:])) == data


def test_text_shrinks_and_noise_is_stored() -> None:
    text, noise = b"some text " * (MEGABYTE // 5), os.urandom(2 * MEGABYTE)
    assert len(packed(text)) < len(text) / 50
    assert len(noise) < len(packed(noise)) < len(noise) * 1.001
    assert gzip.decompress(packed(noise, text)) == noise + text


def test_the_same_bytes_give_the_same_file_however_they_are_cut() -> None:
    data = os.urandom(3 * MEGABYTE)
    assert packed(data) == packed(data[:100], data[100 : 2 * MEGABYTE], data[2 * MEGABYTE :])


def test_a_target_that_fails_is_told() -> None:
    with Path("/dev/full").open("wb", buffering=0) as full:
        blocks = GzipBlocks(full)
        blocks.write(os.urandom(100))
        with pytest.raises(OSError, match="No space left"):
            blocks.close()
