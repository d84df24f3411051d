"""Files on their way into the archive: received beside it, checked, then put in place in one step."""

from __future__ import annotations

import hashlib
import os
import re
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import IO

from atlas_core.errors import InvalidInput, PayloadTooLarge

_CHUNK = 1024 * 1024
#: Seconds after which a file that is still not in place belongs to a request that is long dead.
_STALE = 24 * 3600.0
#: No job id begins with a dot, so no job's directory is meant.
_DIRECTORY = ".uploads"

_SHA256 = re.compile(r"[0-9a-f]{64}")


class Uploads:
    """Where files are received. On the file system of the archive, so that putting one in place is a rename."""

    def __init__(self, archive_root: Path, max_bytes: int) -> None:
        self._directory = archive_root / _DIRECTORY
        self._max_bytes = max_bytes

    def check_size(self, size: int) -> None:
        """Raise `PayloadTooLarge` if a file of this size, or of more, is too large."""
        if size > self._max_bytes:
            raise PayloadTooLarge(f"The file is larger than {self._max_bytes} bytes.", limit=self._max_bytes)

    def store(self, content: IO[bytes], sha256: str, target: Path, alive: Callable[[], None]) -> int:
        """Receive a file, check its hash and put it at `target`; returns its size. Whatever goes wrong leaves nothing.

        `alive` is called whenever something has come.
        Raises `InvalidInput` for a wrong hash, `PayloadTooLarge` beyond the limit.
        """
        if not _SHA256.fullmatch(sha256):
            raise InvalidInput(
                f"X-Content-SHA256: {sha256!r} is no SHA-256; send 64 hexadecimal digits.", field="X-Content-SHA256"
            )
        self._directory.mkdir(parents=True, exist_ok=True)
        part = self._directory / uuid.uuid4().hex
        try:
            size, received = self._receive(content, part, alive)
            if received != sha256:
                raise InvalidInput(
                    f"X-Content-SHA256: the {size} bytes received have the hash {received}; send the file again.",
                    field="X-Content-SHA256",
                )
            target.parent.mkdir(parents=True, exist_ok=True)
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)
        return size

    def remove_stale(self, now: float) -> None:
        """Remove what requests left behind that were killed."""
        for path in self._directory.glob("*"):
            if path.stat().st_mtime < now - _STALE:
                path.unlink(missing_ok=True)

    def _receive(self, content: IO[bytes], part: Path, alive: Callable[[], None]) -> tuple[int, str]:
        digest, size = hashlib.sha256(), 0
        with part.open("xb") as file:
            for chunk in iter(lambda: content.read(_CHUNK), b""):
                size += len(chunk)
                self.check_size(size)
                alive()
                digest.update(chunk)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())  # the job forgets its copy once we say that we have it
        return size, digest.hexdigest()
