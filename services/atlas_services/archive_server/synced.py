"""Synced directories: what a job keeps alike on its disk and in the archive, file by file.

    synced_objects/<sha256>             the bytes of a file, stored once however many names it has
    synced_manifests/<directory>.json   which file has which bytes; replaced in one step
    synced_directories/<directory>/     the same as a tree, for programs that read files; links to the objects

A reader takes the manifest and then the objects that it names, so it never sees half of a change.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
import shutil
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from atlas_core.errors import InvalidInput, PayloadTooLarge

OBJECTS, MANIFESTS, TREES = "synced_objects", "synced_manifests", "synced_directories"
#: More files than this in one directory is a mistake; each costs a line of the manifest at every change.
_MAX_FILES = 100_000
_SHA256 = re.compile(r"[0-9a-f]{64}")
_NAME = re.compile(r"[^/\\\x00]{1,255}")
#: Bytes of a directory's name: that of its manifest is longer by `.json`. Then those of a file's name, and of its path.
_LONGEST, _LONGEST_NAME, _LONGEST_PATH = 250, 255, 3000

Files = dict[str, dict[str, Any]]


class SyncedDirectory:
    """One synced directory of a job whose archive is `base`."""

    def __init__(self, base: Path, name: str) -> None:
        if not _NAME.fullmatch(name) or name in {".", ".."} or not name.isprintable() or _bytes(name) > _LONGEST:
            raise InvalidInput(f"directory: {name!r} cannot name a synced directory.", field="directory")
        self._objects = base / OBJECTS
        self._manifest = base / MANIFESTS / f"{name}.json"
        self._tree = base / TREES / name

    def change(self, files: Files, removed: Mapping[str, str]) -> list[str]:
        """Add and replace `files`, and drop those that are `removed` if they still have the hash that is given.

        Returns the hashes of objects that are not there; then nothing is changed until they are stored. Raises
        `InvalidInput` for names that cannot lie beside each other.
        """
        missing = sorted({file["sha256"] for file in files.values()} - self._stored())
        if missing:
            return missing
        with self._locked():
            before = _read(self._manifest)
            after = {path: file for path, file in before.items() if removed.get(path) != file["sha256"]}
            after.update(files)
            _check_beside(after)
            self._write(after)
            self._make_tree(after)
            self._remove_objects({file["sha256"] for file in before.values()})
        return []

    def _stored(self) -> set[str]:
        with contextlib.suppress(FileNotFoundError):
            return {entry.name for entry in os.scandir(self._objects)}
        return set()

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        self._manifest.parent.mkdir(parents=True, exist_ok=True)
        with (self._manifest.parent / ".lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _write(self, files: Files) -> None:
        part = self._manifest.with_name(f".{uuid.uuid4().hex}")
        with part.open("w", encoding="utf-8") as file:
            json.dump({"files": files}, file)
            file.flush()
            os.fsync(file.fileno())
        part.replace(self._manifest)

    def _make_tree(self, files: Files) -> None:
        """Bring the tree in line with the manifest, whatever an earlier change that was cut off left undone."""
        for root, folders, names in os.walk(self._tree, topdown=False):
            for name in names:
                path = Path(root, name)
                if path.relative_to(self._tree).as_posix() not in files:
                    path.unlink()
            for folder in folders:
                with contextlib.suppress(OSError):  # it is not empty
                    Path(root, folder).rmdir()
        for name, file in files.items():
            self._link(self._objects / file["sha256"], self._tree / name)

    def _link(self, source: Path, target: Path) -> None:
        with contextlib.suppress(FileNotFoundError):
            if target.samefile(source):
                return
        target.parent.mkdir(parents=True, exist_ok=True)
        part = self._objects.with_name(f".{uuid.uuid4().hex}")
        try:
            part.hardlink_to(source)
        except OSError:  # a file system without links, or too many to one file
            shutil.copyfile(source, part)
        part.replace(target)

    def _remove_objects(self, candidates: set[str]) -> None:
        """Remove those objects that no directory of the job needs any more."""
        manifests = [path for path in self._manifest.parent.iterdir() if path.suffix == ".json"]
        needed = {file["sha256"] for path in manifests for file in _read(path).values()}
        for digest in candidates - needed:
            (self._objects / digest).unlink(missing_ok=True)


def check_object(path: str, sha256: str) -> None:
    """Raise `InvalidInput` if this is a place for an object, and not the one of an object with this hash."""
    folder, _, name = path.partition("/")
    if folder == OBJECTS and name != sha256:
        raise InvalidInput(f"path: {path!r} is not where the object {sha256} goes; name it by its hash.", field="path")


def read_change(body: Mapping[str, Any]) -> tuple[Files, dict[str, str]]:
    """Return the `files` and the `removed` ones of a request. Raises `InvalidInput` or `PayloadTooLarge`."""
    files, removed = body.get("files", {}), body.get("removed", {})
    if not isinstance(files, dict) or not isinstance(removed, dict):
        raise InvalidInput('The body must be {"files": {path: {"sha256", "size"}}, "removed": {path: sha256}}.')
    if len(files) + len(removed) > _MAX_FILES:
        raise PayloadTooLarge(f"A synced directory holds at most {_MAX_FILES} files.", limit=_MAX_FILES)
    for path in (*files, *removed):
        _check_path(path)
    return {path: _file(path, file) for path, file in files.items()}, removed


def _file(path: str, file: Any) -> dict[str, Any]:
    if not isinstance(file, dict) or not _SHA256.fullmatch(str(file.get("sha256"))):
        raise InvalidInput(f"files: {path!r} has no SHA-256 of 64 hexadecimal digits.", field="files")
    size, modified = file.get("size"), file.get("modified", 0.0)
    if type(size) is not int or size < 0 or isinstance(modified, bool) or not isinstance(modified, (int, float)):
        raise InvalidInput(f"files: {path!r} needs a size in bytes, and its time in seconds.", field="files")
    return {"sha256": file["sha256"], "size": size, "modified": modified, "executable": file.get("executable") is True}


def _check_path(path: str) -> None:
    parts = path.split("/")
    is_long = _bytes(path) > _LONGEST_PATH or any(_bytes(part) > _LONGEST_NAME for part in parts)
    if is_long or any(part in {"", ".", ".."} or not _NAME.fullmatch(part) for part in parts):
        raise InvalidInput(f"files: {path!r} is no path below a directory, or too long.", field="files")


def _bytes(name: str) -> int:
    return len(os.fsencode(name))


def _check_beside(files: Files) -> None:
    for path in files:
        parent = path.rpartition("/")[0]
        while parent:
            if parent in files:
                raise InvalidInput(f"files: {parent!r} cannot be a file and hold {path!r}.", field="files")
            parent = parent.rpartition("/")[0]


def _read(manifest: Path) -> Files:
    with contextlib.suppress(FileNotFoundError):
        files: Files = json.loads(manifest.read_text(encoding="utf-8"))["files"]
        return files
    return {}
