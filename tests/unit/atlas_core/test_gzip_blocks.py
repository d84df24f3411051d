"""Gzip files made a block at a time."""

from __future__ import annotations

import gzip
import io
import os
from itertools import count

import pytest

from atlas_core.gzip_blocks import gzip_members, paced_members

MEGABYTE = 1024 * 1024


def packed(*pieces: bytes) -> bytes:
    return b"".join(gzip_members(pieces))


@pytest.mark.parametrize("size", [0, 1, MEGABYTE - 1, MEGABYTE, 5 * MEGABYTE + 3])
def test_what_was_given_comes_back(size: int) -> None:
    data = (b"some text " * (size // 10 + 1))[:size]
    assert gzip.decompress(packed(data)) == data
    assert gzip.decompress(packed(data[:7], data[7:])) == data
    assert gzip.decompress(packed(*(data[start : start + 99_999] for start in range(0, size, 99_999)))) == data


def test_text_shrinks_and_noise_is_stored() -> None:
    text, noise = b"some text " * (MEGABYTE // 5), os.urandom(2 * MEGABYTE)
    assert len(packed(text)) < len(text) / 50
    assert len(noise) < len(packed(noise)) < len(noise) * 1.001
    assert gzip.decompress(packed(noise, text)) == noise + text


def test_small_pieces_are_compressed_together() -> None:
    lines = [b"epoch %d\n" % number for number in range(10_000)]
    assert len(packed(*lines)) < len(b"".join(lines)) / 3


def test_the_same_pieces_give_the_same_file() -> None:
    pieces = [os.urandom(3 * MEGABYTE), b"text" * MEGABYTE]
    assert packed(*pieces) == packed(*pieces)


@pytest.mark.parametrize(("second", "compresses"), [(0.0, False), (1e-5, True)], ids=["fast taker", "slow taker"])
def test_only_what_saves_time_is_compressed(monkeypatch: pytest.MonkeyPatch, second: float, compresses: bool) -> None:
    now = [0.0]

    def compressed(block: bytes) -> bytes:
        now[0] += 0.01
        return gzip.compress(block, 1)

    monkeypatch.setattr("atlas_core.gzip_blocks._compressed", compressed)
    blocks, taken = [b"some text " * 14_000] * 200, list[bytes]()
    for member in paced_members(iter(blocks), lambda: now[0]):
        taken.append(member)
        now[0] += second * len(member)  # a byte takes so long on its way
    with gzip.open(io.BytesIO(b"".join(taken))) as file:
        assert file.read() == b"".join(blocks)
    shrunk = [len(member) < 100_000 for member in taken]
    assert (shrunk[:8], shrunk[8:16]) == ([True] * 8, [False] * 8)
    assert (shrunk[16:128], shrunk[128:144], shrunk[144:200]) == (
        *([compresses] * 112, shrunk[:16]),
        [compresses] * 56,
    )


def test_noise_is_stored_however_slow_the_taker() -> None:
    noise = os.urandom(MEGABYTE)
    members = list(paced_members([noise] * 3, clock=count().__next__))
    assert gzip.decompress(b"".join(members)) == noise * 3
    assert all(len(member) > MEGABYTE for member in members[:3])
