from __future__ import annotations

import hashlib
import io
import os
from pathlib import Path

import pytest

from atlas_core.errors import InvalidInput, PayloadTooLarge
from atlas_services.archive_server.uploads import Uploads


def digest_of(content: bytes) -> str:
    """Return the SHA-256."""
    return hashlib.sha256(content).hexdigest()


def nothing() -> None:
    """Note no sign of life."""


def left(root: Path) -> list[Path]:
    """Return every file below the root."""
    return [path for path in root.rglob("*") if path.is_file()]


def test_a_file_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    target = tmp_path / "job" / "user_artifacts" / "f"
    uploads = Uploads(tmp_path, 10)
    assert uploads.store(io.BytesIO(b"0123456789"), digest_of(b"0123456789"), target, nothing) == 10
    with pytest.raises(InvalidInput):
        uploads.store(io.BytesIO(b"other"), digest_of(b"another"), target, nothing)
    with pytest.raises(PayloadTooLarge):
        uploads.store(io.BytesIO(b"0123456789A"), digest_of(b"0123456789A"), target, nothing)
    assert left(tmp_path) == [target]
    assert target.read_bytes() == b"0123456789"


def test_a_connection_that_breaks_leaves_nothing(tmp_path: Path) -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        Uploads(tmp_path, 10).store(Broken(), "0" * 64, tmp_path / "job" / "f", nothing)
    assert left(tmp_path) == []
    assert not (tmp_path / "job").exists()


def test_what_a_killed_request_left_is_removed_after_a_day(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path, 10)
    uploads.store(io.BytesIO(b"x"), digest_of(b"x"), tmp_path / "job" / "f", nothing)
    for name, time in (("old", 1000.0), ("new", 80_000.0)):
        path = tmp_path / ".uploads" / name
        path.touch()
        os.utime(path, (time, time))
    uploads.remove_stale(90_000.0)
    assert sorted(path.name for path in left(tmp_path)) == ["f", "new"]
