"""Files in a directory of this machine."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

from atlas_services.storage import Entry

_CHUNK = 1024 * 1024


class LocalStorage:
    """The directory `root`. No link is followed out of it by `find` and `entries`: they show plain files alone."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def find(self, path: str) -> Entry | None:
        """Return what lies there, if anything does."""
        return _entry(self._root / path)

    def entries(self, path: str) -> list[Entry]:
        """Return what a directory holds, by name; nothing if it is none."""
        directory = self._root / path
        if directory.is_symlink() or not directory.is_dir():
            return []
        return [entry for entry in map(_entry, sorted(directory.iterdir())) if entry is not None]

    def read(self, path: str, start: int, stop: int) -> bytes:
        """Return the bytes from `start` up to `stop`, as far as there are any. Raises `FileNotFoundError`."""
        with (self._root / path).open("rb") as file:
            file.seek(start)
            return file.read(max(0, stop - start))

    def chunks(self, path: str, start: int, stop: int) -> Iterator[bytes]:
        """Yield the same piece by piece. Raises `FileNotFoundError` before the first piece."""
        with (self._root / path).open("rb") as file:
            file.seek(start)
            while chunk := file.read(max(0, min(_CHUNK, stop - file.tell()))):
                yield chunk

    def put(self, source: Path, path: str) -> None:
        """Put a file there, whole or not at all, so that it survives a failure of the machine; `source` is gone."""
        target = self._root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(f".{uuid.uuid4().hex}")
        try:
            shutil.move(source, part)
            _sync(part)
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)
        _sync(target.parent)

    def remove(self, path: str) -> None:
        """Remove a file, or a directory with all that it holds, if it is there."""
        target = self._root / path
        if target.is_dir() and not target.is_symlink():
            shutil.rmtree(target, ignore_errors=True)
        else:
            target.unlink(missing_ok=True)


def _entry(path: Path) -> Entry | None:
    if path.is_symlink() or not (path.is_file() or path.is_dir()):
        return None
    status = path.stat()
    tag = f"{status.st_mtime_ns:x}-{status.st_size:x}"
    return Entry(path.name, path.is_dir(), status.st_size, status.st_mtime, tag)


def _sync(path: Path) -> None:
    """Have a file, or the names in a directory, reach the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
