"""Files on their way into the archive: received beside it, checked, then put in place in one step.

    .uploads/<job>.<sha256>.<request>   what has come of a file that is sent in parts, and which request writes to it

A request that goes on with a file takes it over by renaming it: an older one, which may hang in a dead connection, then
finds that it is not its own any more and writes nothing.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from atlas_core.errors import Conflict, InvalidInput, JournalGap, PayloadTooLarge
from atlas_services.archive_server.objects import Objects

_CHUNK = 1024 * 1024
#: Seconds after which a file that is still not in place is not waited for any more.
_STALE = 24 * 3600.0
#: No job id begins with a dot, so no job's directory is meant.
_DIRECTORY = ".uploads"

_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Upload:
    """A file of a job that is sent in parts: length and hash of the whole, and where it is to lie."""

    job_id: str
    size: int
    sha256: str
    target: Path

    def __post_init__(self) -> None:
        """Raise `InvalidInput` for a hash that is none."""
        _check_hash(self.sha256)


class Uploads:
    """Where files are received. On the file system of the archive, so that putting one in place is a rename."""

    def __init__(self, archive_root: Path, max_bytes: int, objects: Objects) -> None:
        self._directory = archive_root / _DIRECTORY
        self._max_bytes = max_bytes
        self._objects = objects

    def check_size(self, size: int) -> None:
        """Raise `PayloadTooLarge` if a file of this size, or of more, is too large."""
        if size > self._max_bytes:
            raise PayloadTooLarge(f"The file is larger than {self._max_bytes} bytes.", limit=self._max_bytes)

    def store(self, content: IO[bytes], sha256: str, target: Path, alive: Callable[[], None]) -> int:
        """Receive a file, check its hash and put it at `target`; returns its size. Whatever goes wrong leaves nothing.

        `alive` is called whenever something has come.
        Raises `InvalidInput` for a wrong hash, `PayloadTooLarge` beyond the limit.
        """
        _check_hash(sha256)
        self._directory.mkdir(parents=True, exist_ok=True)
        part = self._directory / uuid.uuid4().hex
        try:
            digest = hashlib.sha256()
            with part.open("xb") as file:
                size = self._receive(content, file, digest, alive)
            _compare(digest, sha256, size)
            self._objects.place(part, sha256, target)
        finally:
            part.unlink(missing_ok=True)
        return size

    def received(self, upload: Upload) -> int:
        """Return how much of a file has come: all of it, which then is in place, if its content is known already."""
        self.check_size(upload.size)
        if self._objects.link(upload.sha256, upload.size, upload.target):
            return upload.size
        part = self._part(upload)
        return min(part.stat().st_size, upload.size - 1) if part is not None else 0  # the last byte comes with the end

    def resume(self, upload: Upload, content: IO[bytes], offset: int, alive: Callable[[], None]) -> int:
        """Receive what stands in a file from `offset` on, and put the whole in place; returns its size.

        What has come by the time that the connection breaks is kept. Raises `JournalGap` then, and if something before
        `offset` has not come; `Conflict` if another request has taken over, and what `store` raises.
        """
        self._directory.mkdir(parents=True, exist_ok=True)
        part = self._taken_over(upload)
        with part.open("r+b") as file:
            _check_place(offset, os.fstat(file.fileno()).st_size)
            digest = _digest_of(file, offset, alive)
            file.truncate()
            size = self._receive(content, file, digest, alive)
        if size < upload.size:
            raise JournalGap(f"Of the file, {size} of {upload.size} bytes have come.", applied=size)
        try:
            _compare(digest, upload.sha256, size)
            self._objects.place(part, upload.sha256, upload.target)
        finally:
            part.unlink(missing_ok=True)
        return size

    def remove_stale(self, now: float) -> None:
        """Remove what requests left behind that were killed."""
        for path in self._directory.glob("*"):
            if path.stat().st_mtime < now - _STALE:
                path.unlink(missing_ok=True)

    def _part(self, upload: Upload) -> Path | None:
        return next(self._directory.glob(f"{upload.job_id}.{upload.sha256}.*"), None)

    def _taken_over(self, upload: Upload) -> Path:
        """Return the part under a name that no other request knows; a new one if there is none."""
        own = self._directory / f"{upload.job_id}.{upload.sha256}.{uuid.uuid4().hex}"
        part = self._part(upload)
        if part is None:
            own.touch()
            return own
        try:
            with part.open("rb") as file, _locked(file):
                return part.rename(own)
        except FileNotFoundError:
            raise Conflict("Another request goes on with this file; try again shortly.") from None

    def _receive(self, content: IO[bytes], file: IO[bytes], digest: hashlib._Hash, alive: Callable[[], None]) -> int:
        """Write the content behind what is there, which `digest` has seen; return how much there is then."""
        size, path = file.tell(), Path(file.name)
        for chunk in iter(lambda: content.read(_CHUNK), b""):
            size += len(chunk)
            self.check_size(size)
            alive()
            digest.update(chunk)
            _write(file, chunk, path)
        os.fsync(file.fileno())  # the job forgets its copy once we say that we have it
        return size


def _check_place(offset: int, size: int) -> None:
    if offset > size:
        raise JournalGap(f"The file has {size} bytes, and the piece begins at {offset}.", applied=size)


def _compare(digest: hashlib._Hash, sha256: str, size: int) -> None:
    """Raise `InvalidInput` unless what was received is what was to be sent."""
    if digest.hexdigest() != sha256:
        raise InvalidInput(
            f"X-Content-SHA256: the {size} bytes received have the hash {digest.hexdigest()}; send the file again.",
            field="X-Content-SHA256",
        )


def _check_hash(sha256: str) -> None:
    if not _SHA256.fullmatch(sha256):
        raise InvalidInput(
            f"X-Content-SHA256: {sha256!r} is no SHA-256; send 64 hexadecimal digits.", field="X-Content-SHA256"
        )


def _digest_of(file: IO[bytes], size: int, alive: Callable[[], None]) -> hashlib._Hash:
    """Return the hash of the first bytes of a file, and leave the file behind them."""
    digest = hashlib.sha256()
    while left := size - file.tell():
        digest.update(file.read(min(_CHUNK, left)))
        alive()
    return digest


def _write(file: IO[bytes], chunk: bytes, path: Path) -> None:
    """Write to a file as long as it has not been taken over."""
    with _locked(file):
        if not path.exists():
            raise Conflict("Another request goes on with this file.")
        file.write(chunk)
        file.flush()


@contextmanager
def _locked(file: IO[bytes]) -> Iterator[None]:
    fcntl.flock(file, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(file, fcntl.LOCK_UN)
