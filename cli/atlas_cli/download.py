"""Files of jobs on their way here: streamed, and taken up where they broke off, also by a later command.

What has arrived of a file lies beside the target as `.<name>.<version>.part` until all of it is there.
"""

from __future__ import annotations

import hashlib
import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from atlas_core.client import ArchiveClient, FileFacts
from atlas_core.errors import InvalidInput, ServerError, ServerUnreachable
from atlas_core.file_hash import sha256_of

#: Seconds for which a server may stay away without sending a byte, and between two attempts to reach it.
_PATIENCE, _PAUSE = 60.0, 0.5

Advance = Callable[[int], None]


class Download:
    """A file of a job. `advance` is told how many bytes have arrived, those of an earlier attempt first."""

    def __init__(self, archive: ArchiveClient, job_id: str, path: str, advance: Advance) -> None:
        self._archive = archive
        self._job_id = job_id
        self._path = path
        self._advance = advance

    def save(self, target: Path, sha256: str | None = None) -> int:
        """Write the file to `target`, whole or not at all, and return its size.

        Raises `NotFound`, `ServerUnreachable` when the server stays away, `Conflict` when the file changes meanwhile,
        `InvalidInput` when `target` cannot be written, or `ServerError` if the file has not the hash `sha256`.
        """
        facts = self._archive.facts(self._job_id, self._path)
        with _writing(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            part = _part(target, facts.version)
            self._fetch(part, facts)
            if sha256 is not None and _sha256(part) != sha256:
                part.unlink()
                raise ServerError(f"What arrived of `{self._path}` is not what the job stored; ask for it again.")
            part.replace(target)
        return facts.size

    def _fetch(self, part: Path, facts: FileFacts) -> None:
        with part.open("ab") as file:
            self._advance(file.tell())
            heard = time.monotonic()
            while (begin := file.tell()) < facts.size:
                try:
                    self._append(file.write, begin, facts.version)
                except ServerUnreachable:
                    heard = time.monotonic() if file.tell() > begin else heard
                    if time.monotonic() - heard > _PATIENCE:
                        raise
                    time.sleep(_PAUSE)

    def _append(self, write: Callable[[bytes], int], begin: int, version: str) -> None:
        with self._archive.read(self._job_id, self._path, begin, version) as chunks:
            for chunk in chunks:
                write(chunk)
                self._advance(len(chunk))


def _part(target: Path, version: str) -> Path:
    """Return where the parts of this version are gathered; those of other versions are removed."""
    name = f".{target.name}.{hashlib.sha256(version.encode()).hexdigest()[:12]}.part"
    ours = re.compile(rf"\.{re.escape(target.name)}\.[0-9a-f]{{12}}\.part")
    for path in target.parent.iterdir():
        if path.name != name and ours.fullmatch(path.name):
            path.unlink()
    return target.with_name(name)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return sha256_of(file)


@contextmanager
def _writing(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise InvalidInput(f"`{target}` cannot be written ({reason}); name another place.") from error


def is_here(target: Path, size: int, modified: float) -> bool:
    """Whether a file that was saved before is still what the job has."""
    try:
        status = target.stat()
    except OSError:
        return False
    return status.st_size == size and abs(status.st_mtime - modified) < 1e-3


def keep_time(target: Path, modified: float) -> None:
    """Let the file be as old as the job's, by which `is_here` knows it again."""
    os.utime(target, (modified, modified))
