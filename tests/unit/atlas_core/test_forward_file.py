"""Pieces that come one after the other, read as a file."""

from __future__ import annotations

import tarfile

import pytest

from atlas_core.forward_file import ForwardFile


def made_of(*pieces: bytes) -> ForwardFile:
    left = iter(pieces)
    return ForwardFile(lambda: next(left, b""))


def test_as_many_bytes_are_read_as_were_asked_for_however_they_came() -> None:
    file = made_of(b"ab", b"cdefg", b"h")
    assert [file.read(1), file.read(4), file.tell(), file.read(9), file.read(1)] == [b"a", b"bcde", 5, b"fgh", b""]


def test_what_is_taken_is_what_is_there_at_once() -> None:
    file = made_of(b"abc", b"de")
    assert [bytes(file.take(size)) for size in (2, 9, 9, 9)] == [b"ab", b"c", b"de", b""]


def test_it_goes_forward_only_and_not_beyond_its_end() -> None:
    file = made_of(b"abc", b"de")
    file.seek(4)
    assert file.read(1) == b"e"
    with pytest.raises(tarfile.StreamError):
        file.seek(1)
    file.seek(100)
    assert file.tell() == 5
