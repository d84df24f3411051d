"""Gzip files made a block at a time."""

from __future__ import annotations

import gzip
import os
from collections.abc import Iterator
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


@pytest.mark.parametrize(("handing_on", "compresses"), [(0.0, False), (1.0, True)], ids=["fast taker", "slow taker"])
def test_only_what_saves_the_taker_time_is_compressed(handing_on: float, compresses: bool) -> None:
    moments = count()

    def clock() -> float:
        """Each block is compressed in a hundredth of a second, and handed on in its time."""
        block, step = divmod(next(moments), 3)
        return block * 2.0 + (0.0, 0.01, 0.01 + handing_on)[step]

    blocks = [b"some text " * (MEGABYTE // 10)] * 20
    taken = list(paced_members(iter(blocks), clock))
    assert gzip.decompress(b"".join(taken)) == b"".join(blocks)
    shrunk = [len(member) < MEGABYTE / 2 for member in taken[:-1]]
    assert shrunk == [True] * 4 + [compresses] * 16


def test_noise_is_stored_however_slow_the_taker() -> None:
    noise = os.urandom(MEGABYTE)
    members: Iterator[bytes] = paced_members([noise] * 3, clock=count().__next__)
    assert gzip.decompress(b"".join(members)) == noise * 3
