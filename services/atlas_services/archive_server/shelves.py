"""The two places of a job's files: this machine's disk, and the object store to which they move once it has ended."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from atlas_core.errors import NotFound
from atlas_services.archive_server.files import Archive, plain_path
from atlas_services.storage import Entry, Storage
from atlas_services.storage.packing import Member
from atlas_services.storage.trees import walk

_CHUNK = 1024 * 1024


class Shelves:
    """The archive as people see it: what is on the disk counts before what is in the object store, if there is one."""

    def __init__(self, archive: Archive, remote: Storage | None) -> None:
        self._archive = archive
        self._remote = remote

    def file(self, job_id: str, path: str) -> Path | Entry | None:
        """Return a file, on the disk or in the object store; None if there is none, or a directory is there."""
        try:
            found = self._archive.find(job_id, path)
            return None if found.is_dir() else found
        except NotFound:
            entry = self._remote.find(f"{job_id}/{plain_path(path)}") if self._remote else None
            if entry is None:
                raise
            return None if entry.is_directory else entry

    def listing(self, job_id: str, path: str) -> list[dict[str, Any]]:
        """Return what is in a directory, by name. Raises `NotFound`."""
        remote = {entry.name: _shown(entry) for entry in self._remote_entries(job_id, path)}
        try:
            local = {entry["name"]: entry for entry in self._archive.listing(job_id, path)}
        except NotFound:
            if not remote:
                raise
            local = {}
        merged = {**remote, **local}
        return [merged[name] for name in sorted(merged)]

    def members(self, job_id: str, path: str) -> list[Member]:
        """Return every file below a directory, to be packed. Raises `NotFound`."""
        self.listing(job_id, path)
        members = {member.name: member for member in self._remote_members(job_id, path)}
        members.update((member.name, member) for member in self._local_members(job_id, path))
        return [members[name] for name in sorted(members)]

    def head(self, path: str, size: int) -> bytes:
        """Return how a file of the object store begins."""
        return b"" if self._remote is None else self._remote.read(path, 0, size)

    def chunks(self, path: str, start: int, stop: int) -> Iterator[bytes]:
        """Yield a part of a file of the object store."""
        return iter(()) if self._remote is None else self._remote.chunks(path, start, stop)

    def _remote_entries(self, job_id: str, path: str) -> list[Entry]:
        return self._remote.entries(f"{job_id}/{plain_path(path)}".rstrip("/")) if self._remote else []

    def _remote_members(self, job_id: str, path: str) -> Iterator[Member]:
        if self._remote is None:
            return
        base = f"{job_id}/{plain_path(path)}".rstrip("/")
        for name, entry in walk(self._remote, base):
            chunks = partial(self._remote.chunks, f"{base}/{name}", 0, entry.size)
            yield Member(name, entry.size, entry.modified, False, chunks)

    def _local_members(self, job_id: str, path: str) -> Iterator[Member]:
        try:
            top = self._archive.find(job_id, path)
        except NotFound:
            return
        for name, file in self._archive.files_below(job_id, top):
            status = file.stat()
            executable = bool(status.st_mode & 0o100)
            yield Member(name, status.st_size, status.st_mtime, executable, partial(_pieces, file, status.st_size))


def _pieces(path: Path, size: int) -> Iterator[bytes]:
    """Yield the first bytes of a file, which may grow meanwhile."""
    with path.open("rb") as file:
        while size and (chunk := file.read(min(_CHUNK, size))):
            size -= len(chunk)
            yield chunk


def _shown(entry: Entry) -> dict[str, Any]:
    kind = "directory" if entry.is_directory else "file"
    facts = {"name": entry.name, "kind": kind, "size": entry.size, "modified": entry.modified}
    return {**facts, "executable": False}  # which no object store keeps
