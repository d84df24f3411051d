"""This machine's disk with an object store behind it: files begin on the one and end in the other."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

from atlas_core.errors import ServerUnreachable
from atlas_services.storage import Entry, Storage
from atlas_services.storage.local import LocalStorage
from atlas_services.storage.trees import walk

#: What stays on the disk: TensorBoard reads event files there.
_KEPT = "tfevents"
#: No job id begins with a dot, so no job's directory is meant.
_MARKS = ".moved"
#: Where files are on their way: a name of their own beside the file's might be too long. What stays there is cleared.
_ON_THE_WAY = ".sealing"


class Tiers:
    """The files of both; what is on the disk counts first, and what is put goes there."""

    def __init__(self, root: Path, remote: Storage) -> None:
        self._root = root
        self._local = LocalStorage(root)
        self._remote = remote

    def find(self, path: str) -> Entry | None:
        """Return what lies there, if anything does."""
        return self._local.find(path) or self._remote.find(path)

    def entries(self, path: str) -> list[Entry]:
        """Return what a directory holds, by name; nothing if it is none."""
        found = {entry.name: entry for entry in (*self._remote.entries(path), *self._local.entries(path))}
        return [found[name] for name in sorted(found)]

    def read(self, path: str, start: int, stop: int) -> bytes:
        """Return the bytes from `start` up to `stop`, as far as there are any. Raises `FileNotFoundError`."""
        try:
            return self._local.read(path, start, stop)
        except FileNotFoundError:
            return self._remote.read(path, start, stop)

    def chunks(self, path: str, start: int, stop: int) -> Iterator[bytes]:
        """Yield the same piece by piece. Raises `FileNotFoundError` before the first piece."""
        place = self._local if self._local.find(path) else self._remote
        return place.chunks(path, start, stop)

    def put(self, source: Path, path: str) -> None:
        """Put a file on the disk, whole or not at all; `source` is gone."""
        self._local.put(source, path)

    def remove(self, path: str) -> None:
        """Remove a file, or a directory with all that it holds, wherever it is."""
        self._local.remove(path)
        self._remote.remove(path)
        self._local.remove(f"{_MARKS}/{path}")

    def move_away(self, directory: str) -> int:
        """Move what a directory of the disk holds into the object store; returns the bytes that the disk gained.

        A file leaves the disk once the store has it. Raises `AtlasError` or `OSError` when that fails; what is left
        moves another time.
        """
        base, moved = (self._root / directory).resolve(), 0
        self._mark(directory).parent.mkdir(parents=True, exist_ok=True)
        self._mark(directory).touch()
        for path in _movable(base):
            moved += self._move(path, base, f"{directory}/{path.relative_to(base).as_posix()}")
        _remove_empty(base)
        return moved

    def has_more(self, directory: str) -> bool:
        """Whether a directory of the disk holds something that is to move."""
        return bool(_movable((self._root / directory).resolve()))

    def bring_back(self, directory: str) -> None:
        """Bring what was moved away of a directory to the disk, where it can be changed."""
        if not self._mark(directory).exists():
            return
        for name, entry in walk(self._remote, directory):
            target = self._root / directory / name
            if not target.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                part = self._on_the_way()
                with part.open("wb") as file:
                    file.writelines(self._remote.chunks(f"{directory}/{name}", 0, entry.size))
                part.replace(target)
        self._mark(directory).unlink(missing_ok=True)

    def _mark(self, directory: str) -> Path:
        """The file that says that something of a directory was moved away: to ask the store takes longer."""
        return self._root / _MARKS / directory

    def _on_the_way(self) -> Path:
        """Return a name of its own on the same disk."""
        directory = self._root / _ON_THE_WAY
        directory.mkdir(parents=True, exist_ok=True)
        return directory / uuid.uuid4().hex

    def _move(self, path: Path, base: Path, name: str) -> int:
        """Move one file; a link counts as what is behind it, if that belongs to the job."""
        found = path.resolve()
        if not found.is_relative_to(base) or not found.is_file():
            path.unlink(missing_ok=True)  # a link that leads nowhere, or elsewhere
            return 0
        before = found.stat()
        copy = self._on_the_way()
        shutil.copyfile(found, copy) if path.is_symlink() else copy.hardlink_to(found)
        try:
            self._remote.put(copy, name)
        finally:
            copy.unlink(missing_ok=True)
        stored, after = self._remote.find(name), path.stat()
        if stored is None or stored.size != before.st_size:
            raise ServerUnreachable(f"The object store has not kept {name}.")
        if (after.st_size, after.st_mtime_ns) != (before.st_size, before.st_mtime_ns):
            return 0  # it has changed meanwhile, and moves another time
        path.unlink()
        return before.st_size


def _movable(base: Path) -> list[Path]:
    """Return what is to move, links first: they count as what is behind them, which must be there yet."""
    paths = [path for path in base.rglob("*") if _KEPT not in path.name and (path.is_symlink() or not path.is_dir())]
    return sorted(paths, key=lambda path: (not path.is_symlink(), path))


def _remove_empty(base: Path) -> None:
    for path in sorted((base, *base.rglob("*")), reverse=True):
        if path.is_dir() and not path.is_symlink() and not any(path.iterdir()):
            path.rmdir()
