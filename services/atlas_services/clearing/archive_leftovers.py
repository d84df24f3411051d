"""What lies in the archive and belongs to nobody."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from atlas_services.clearing import Leftover
from atlas_services.storage import Storage
from atlas_services.storage.trees import size_of_tree
from atlas_services.tracker import Tracker

#: Seconds for which a file that is not in place may still be on its way.
_ON_THE_WAY = 24 * 3600.0


class ArchiveLeftovers:
    """The archive below `root`, which `storage` shows, beside what the tracker knows."""

    def __init__(self, root: Path, storage: Storage, tracker: Tracker) -> None:
        self._root = root
        self._storage = storage
        self._tracker = tracker

    def of_deleted_jobs(self) -> Iterator[Leftover]:
        """Yield the files of jobs that were deleted."""
        for name in self._tracker.jobs.deleted(self._jobs()):
            yield self._tree("files of a deleted job", name)

    def of_unknown_jobs(self, before: float) -> Iterator[Leftover]:
        """Yield directories that have not changed since a time and of whose job the tracker never heard.

        They may belong to a tracker that was lost: nothing removes them but who says so.
        """
        names = self._jobs()
        deleted = set(self._tracker.jobs.deleted(names))
        for name in names:
            entry = self._storage.find(name)
            old = entry is not None and entry.modified < before
            if old and name not in deleted and not self._tracker.jobs.exists(name):
                yield self._tree("files of an unknown job", name)

    def of_cut_off_work(self, time: float) -> Iterator[Leftover]:
        """Yield files that were being received or written and never were put in place."""
        for directory in (".uploads", ".sealing"):
            yield from self._local("file that was never finished", directory, "*", lambda path: _is_old(path, time))

    def unused_contents(self) -> Iterator[Leftover]:
        """Yield contents that no file of a job has any more."""
        yield from self._local("content that no file has", ".objects", "??/*", lambda path: path.stat().st_nlink == 1)

    def _jobs(self) -> list[str]:
        return [entry.name for entry in self._storage.entries("") if entry.is_directory and entry.name[0] != "."]

    def _tree(self, kind: str, name: str) -> Leftover:
        return Leftover(kind, name, size_of_tree(self._storage, name), lambda: self._remove_tree(name))

    def _remove_tree(self, name: str) -> bool:
        if self._tracker.jobs.exists(name):
            return False
        self._storage.remove(name)
        return True

    def _local(self, kind: str, directory: str, pattern: str, is_unused: Callable[[Path], bool]) -> Iterator[Leftover]:
        for path in sorted((self._root / directory).glob(pattern)):
            with contextlib.suppress(FileNotFoundError):  # it was put in place
                if is_unused(path):
                    name = path.relative_to(self._root).as_posix()
                    yield Leftover(kind, name, _size(path), partial(_remove, path, is_unused))


def _is_old(path: Path, time: float) -> bool:
    return path.stat().st_mtime < time - _ON_THE_WAY


def _size(path: Path) -> int:
    files = path.rglob("*") if path.is_dir() else (path,)
    return sum(file.stat().st_size for file in files)


def _remove(path: Path, is_unused: Callable[[Path], bool]) -> bool:
    try:
        if not is_unused(path):
            return False
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    except FileNotFoundError:
        return False
    return True
