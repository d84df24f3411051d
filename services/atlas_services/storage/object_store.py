"""Files in an object store that fsspec reaches."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import fsspec

from atlas_core.errors import ServerUnreachable
from atlas_services.storage import Entry

_CHUNK = 4 * 1024 * 1024
#: Bytes of a part of a file that is sent in several: ten of them are held at a time. And how many there may be.
_PART, _MOST_PARTS = 8 * 1024 * 1024, 10_000


class ObjectStore:
    """Everything below the directory `prefix` of a file system. A directory is what the names of files begin with.

    A large file is sent in parts; it is there once all of them are. Where the store does not answer, each raises
    `ServerUnreachable`.
    """

    def __init__(self, filesystem: Any, prefix: str) -> None:
        self._fs = filesystem
        self._prefix = prefix.rstrip("/")

    @classmethod
    def at(cls, url: str) -> ObjectStore:
        """Return the store at `s3://<bucket>/<prefix>`. Account and address come from the usual variables of AWS."""
        filesystem, prefix = fsspec.url_to_fs(url, use_listings_cache=False, skip_instance_cache=True)
        return cls(filesystem, prefix)

    def find(self, path: str) -> Entry | None:
        """Return what lies there, if anything does."""
        try:
            with _told():
                return _entry(self._fs.info(self._path(path)))
        except FileNotFoundError:
            return None

    def entries(self, path: str) -> list[Entry]:
        """Return what a directory holds, by name; nothing if it is none."""
        place = self._path(path)
        try:
            with _told():
                found = self._fs.ls(place, detail=True)
        except FileNotFoundError:
            return []
        below = (_entry(info) for info in found if info["name"].strip("/") != place.strip("/"))
        return sorted(below, key=lambda entry: entry.name)

    def read(self, path: str, start: int, stop: int) -> bytes:
        """Return the bytes from `start` up to `stop`, as far as there are any. Raises `FileNotFoundError`."""
        with _told():
            stop = min(stop, int(self._fs.info(self._path(path))["size"]))
            return bytes(self._fs.cat_file(self._path(path), start=start, end=stop)) if start < stop else b""

    def chunks(self, path: str, start: int, stop: int) -> Iterator[bytes]:
        """Yield the same piece by piece. Raises `FileNotFoundError` before the first piece."""
        for first in range(start, stop, _CHUNK):
            with _told():
                piece = bytes(self._fs.cat_file(self._path(path), start=first, end=min(stop, first + _CHUNK)))
            yield piece

    def put(self, source: Path, path: str) -> None:
        """Put a file there, whole or not at all; `source` is gone."""
        part = max(_PART, -(-source.stat().st_size // _MOST_PARTS))
        with _told():
            self._fs.put_file(str(source), self._path(path), chunksize=part)
        source.unlink()

    def remove(self, path: str) -> None:
        """Remove a file, or a directory with all that it holds, if it is there."""
        with contextlib.suppress(FileNotFoundError), _told():
            self._fs.rm(self._path(path), recursive=True)

    def _path(self, path: str) -> str:
        return f"{self._prefix}/{path}".rstrip("/")


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """Raise `ServerUnreachable` for whatever keeps the store from answering; its library has many names for that."""
    try:
        yield
    except FileNotFoundError:
        raise
    except Exception as error:
        raise ServerUnreachable(f"The object store does not do what was asked: {error}") from error


def _entry(info: Mapping[str, Any]) -> Entry:
    name = str(info["name"]).rstrip("/").rpartition("/")[2]
    modified = info.get("LastModified") or info.get("created")
    time = modified.timestamp() if isinstance(modified, datetime) else 0.0
    size = int(info.get("size") or 0)
    tag = str(info.get("ETag") or f"{int(time * 1e6):x}-{size:x}").strip('"')
    return Entry(name, info["type"] == "directory", size, time, tag)
