from __future__ import annotations

import hashlib
import io
import os
from pathlib import Path

import pytest

from atlas_core.errors import Conflict, InvalidInput, JournalGap, PayloadTooLarge
from atlas_services.archive_server.objects import Objects
from atlas_services.archive_server.uploads import Upload, Uploads


def digest_of(content: bytes) -> str:
    """Return the SHA-256."""
    return hashlib.sha256(content).hexdigest()


def nothing() -> None:
    """Note no sign of life."""


def uploads_in(root: Path, max_bytes: int = 100) -> Uploads:
    """Return the uploads of an archive."""
    return Uploads(root, max_bytes, Objects(root))


def left(root: Path) -> list[Path]:
    """Return every file below the root but the other names of contents."""
    return [path for path in root.rglob("*") if path.is_file() and ".objects" not in path.parts]


class Broken(io.BytesIO):
    """A connection that breaks when it has brought what it holds."""

    def read(self, size: int | None = -1) -> bytes:
        data = super().read(size)
        if not data:
            raise ConnectionResetError
        return data


def test_a_file_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    target = tmp_path / "job" / "user_artifacts" / "f"
    uploads = uploads_in(tmp_path, 10)
    assert uploads.store(io.BytesIO(b"0123456789"), digest_of(b"0123456789"), target, nothing) == 10
    with pytest.raises(InvalidInput):
        uploads.store(io.BytesIO(b"other"), digest_of(b"another"), target, nothing)
    with pytest.raises(PayloadTooLarge):
        uploads.store(io.BytesIO(b"0123456789A"), digest_of(b"0123456789A"), target, nothing)
    assert left(tmp_path) == [target]
    assert target.read_bytes() == b"0123456789"


def test_a_connection_that_breaks_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ConnectionResetError):
        uploads_in(tmp_path, 10).store(Broken(), "0" * 64, tmp_path / "job" / "f", nothing)
    assert left(tmp_path) == []
    assert not (tmp_path / "job").exists()


def test_what_a_killed_request_left_is_removed_after_a_day(tmp_path: Path) -> None:
    uploads = uploads_in(tmp_path, 10)
    uploads.store(io.BytesIO(b"x"), digest_of(b"x"), tmp_path / "job" / "f", nothing)
    for name, time in (("old", 1000.0), ("new", 80_000.0)):
        path = tmp_path / ".uploads" / name
        path.touch()
        os.utime(path, (time, time))
    uploads.remove_stale(90_000.0)
    assert sorted(path.name for path in left(tmp_path)) == ["f", "new"]


WHOLE = b"0123456789" * 3


def test_a_file_that_was_broken_off_goes_on_where_it_was(tmp_path: Path) -> None:
    uploads, upload = uploads_in(tmp_path), Upload("job", 30, digest_of(WHOLE), tmp_path / "job" / "f")
    assert uploads.received(upload) == 0
    with pytest.raises(ConnectionResetError):
        uploads.resume(upload, Broken(WHOLE[:12]), 0, nothing)
    assert uploads.received(upload) == 12
    with pytest.raises(ConnectionResetError):
        uploads.resume(upload, Broken(WHOLE[12:]), 12, nothing)
    assert uploads.received(upload) == 29
    assert not upload.target.exists()
    assert uploads.resume(upload, io.BytesIO(WHOLE[29:]), 29, nothing) == 30
    assert upload.target.read_bytes() == WHOLE
    assert left(tmp_path) == [upload.target]


def test_a_connection_that_ends_too_early_is_taken_for_broken(tmp_path: Path) -> None:
    uploads, upload = uploads_in(tmp_path), Upload("job", 30, digest_of(WHOLE), tmp_path / "job" / "f")
    with pytest.raises(JournalGap, match="12 of 30 bytes have come"):
        uploads.resume(upload, io.BytesIO(WHOLE[:12]), 0, nothing)
    assert uploads.received(upload) == 12


def test_what_comes_twice_is_taken_once_and_nothing_is_left_out(tmp_path: Path) -> None:
    uploads, upload = uploads_in(tmp_path), Upload("job", 30, digest_of(WHOLE), tmp_path / "job" / "f")
    with pytest.raises(ConnectionResetError):
        uploads.resume(upload, Broken(WHOLE[:20]), 0, nothing)
    with pytest.raises(JournalGap):
        uploads.resume(upload, io.BytesIO(WHOLE[25:]), 25, nothing)
    assert uploads.resume(upload, io.BytesIO(WHOLE[5:]), 5, nothing) == 30
    assert upload.target.read_bytes() == WHOLE


def test_a_file_with_another_hash_is_forgotten(tmp_path: Path) -> None:
    uploads, upload = uploads_in(tmp_path), Upload("job", 30, digest_of(WHOLE), tmp_path / "job" / "f")
    with pytest.raises(ConnectionResetError):
        uploads.resume(upload, Broken(b"wrong"), 0, nothing)
    with pytest.raises(InvalidInput, match="have the hash"):
        uploads.resume(upload, io.BytesIO(WHOLE[5:]), 5, nothing)
    assert uploads.received(upload) == 0
    assert left(tmp_path) == []


def test_an_older_request_writes_nothing_once_another_goes_on(tmp_path: Path) -> None:
    uploads, upload = uploads_in(tmp_path), Upload("job", 30, digest_of(WHOLE), tmp_path / "job" / "f")

    class Overtaken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            with pytest.raises(ConnectionResetError):
                uploads.resume(upload, Broken(WHOLE[:10]), 0, nothing)
            return super().read(size)

    with pytest.raises(Conflict):
        uploads.resume(upload, Overtaken(b"x" * 30), 0, nothing)
    assert uploads.received(upload) == 10
    assert uploads.resume(upload, io.BytesIO(WHOLE[10:]), 10, nothing) == 30
    assert upload.target.read_bytes() == WHOLE


def test_the_same_content_is_asked_for_and_stored_once(tmp_path: Path) -> None:
    uploads, digest = uploads_in(tmp_path), digest_of(WHOLE)
    first, second, third = (tmp_path / name / "user_artifacts" / "f" for name in ("a", "b", "c"))
    uploads.store(io.BytesIO(WHOLE), digest, first, nothing)
    assert uploads.received(Upload("b", 30, digest, second)) == 30
    uploads.store(io.BytesIO(WHOLE), digest, third, nothing)
    assert first.stat().st_ino == second.stat().st_ino == third.stat().st_ino
    assert second.read_bytes() == WHOLE
    uploads.store(io.BytesIO(b"new"), digest_of(b"new"), second, nothing)
    assert first.read_bytes() == WHOLE
    assert len(left(tmp_path)) == 3


def test_a_content_that_claims_another_size_is_not_given(tmp_path: Path) -> None:
    uploads = uploads_in(tmp_path)
    uploads.store(io.BytesIO(WHOLE), digest_of(WHOLE), tmp_path / "a", nothing)
    assert uploads.received(Upload("b", 31, digest_of(WHOLE), tmp_path / "b")) == 0
    assert not (tmp_path / "b").exists()


def test_what_no_job_has_any_more_is_removed(tmp_path: Path) -> None:
    objects = Objects(tmp_path)
    uploads = Uploads(tmp_path, 100, objects)
    for name, content in (("a", WHOLE), ("b", WHOLE), ("c", b"c")):
        uploads.store(io.BytesIO(content), digest_of(content), tmp_path / name, nothing)
    (tmp_path / "a").unlink()
    (tmp_path / "c").unlink()
    objects.remove_unused()
    assert [path.name for path in (tmp_path / ".objects").glob("*/*")] == [digest_of(WHOLE)]
    (tmp_path / "b").unlink()
    objects.remove_unused()
    assert list((tmp_path / ".objects").glob("*/*")) == []
