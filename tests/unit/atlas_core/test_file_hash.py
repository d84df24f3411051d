"""The hash by which the content of a file is known."""

from __future__ import annotations

import hashlib
import io

import pytest

from atlas_core.file_hash import sha256_of


@pytest.mark.parametrize("size", [None, 0, 1, 1024 * 1024, 3 * 1024 * 1024, 10**9])
def test_so_many_bytes_count_as_were_asked_for(size: int | None) -> None:
    content = bytes(range(256)) * 8193
    assert sha256_of(io.BytesIO(content), size) == hashlib.sha256(content[:size]).hexdigest()
