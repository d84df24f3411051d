"""The archive on disk: one directory a job. No path that anybody gives leads out of the job's directory."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from atlas_core.errors import InvalidInput, NotFound
from atlas_services.storage import Storage
from atlas_services.storage.tiers import Tiers

#: Where jobs may write; the rest of a job's directory is the scheduler's.
WRITABLE = ("user_artifacts", "synced_directories", "synced_objects")

#: Bytes of a name, and of a whole path on this machine.
_LONGEST_NAME, _LONGEST_PATH = 255, 4095


class Archive:
    """The directories of all jobs below `root`. Job ids are checked by the caller.

    Files of an ended job may have moved to the object store `remote`.
    """

    def __init__(self, root: Path, remote: Storage | None = None) -> None:
        self.root = root
        self._remote = remote

    def find(self, job_id: str, path: str) -> Path:
        """Return an existing file or directory, with every link followed. Raises `NotFound`."""
        base = self.base(job_id)
        try:
            found = base.joinpath(*_parts(path)).resolve(strict=True)
        except (OSError, RuntimeError, InvalidInput):
            raise _missing(job_id, path) from None
        if not found.is_relative_to(base) or not (found.is_file() or found.is_dir()):
            raise _missing(job_id, path)
        return found

    def listing(self, job_id: str, path: str) -> list[dict[str, Any]]:
        """Return what is in a directory, by name. Raises `NotFound`."""
        directory, base = self.find(job_id, path), self.base(job_id)
        if not directory.is_dir():
            raise _missing(job_id, path)
        return [_entry(each) for each in sorted(directory.iterdir()) if _leads_inside(each, base)]

    def files_below(self, job_id: str, top: Path) -> Iterator[tuple[str, Path]]:
        """Yield every file below a directory with its path there; a link counts if a file of the job is behind it."""
        base = self.base(job_id)
        for root, directories, names in os.walk(top):
            directories.sort()
            for name in sorted(names):
                path = Path(root, name)
                found = path.resolve()
                if found.is_relative_to(base) and found.is_file():
                    yield path.relative_to(top).as_posix(), found

    def writable(self, job_id: str, path: str) -> Path:
        """Return where a job may store a file of this name. Raises `InvalidInput` for any other place."""
        parts = _parts(path)
        if len(parts) < 2 or parts[0] not in WRITABLE or path.endswith("/"):
            allowed = " or ".join(f"{name}/<file>" for name in WRITABLE)
            raise InvalidInput(f"path: {path!r} cannot be stored; files go to {allowed}.", field="path")
        place = self.base(job_id)
        _check_length(path, place.joinpath(*parts))
        for part in parts[:-1]:
            place = place / part
            if place.is_symlink():
                raise InvalidInput(f"path: {path!r} leads through a link; store the file elsewhere.", field="path")
            if place.exists() and not place.is_dir():
                raise InvalidInput(f"path: {path!r} leads through a file; store the file elsewhere.", field="path")
        if (place / parts[-1]).is_dir():
            raise InvalidInput(f"path: {path!r} is a directory; name a file.", field="path")
        return place / parts[-1]

    def remove(self, job_id: str) -> None:
        """Remove all files of a job, if it has any."""
        if self._remote is not None:
            Tiers(self.root, self._remote).remove(job_id)
        shutil.rmtree(self.base(job_id), ignore_errors=True)

    def bring_back(self, job_id: str) -> None:
        """Bring the files of a job that is about to change them back from the object store."""
        if self._remote is not None:
            Tiers(self.root, self._remote).bring_back(job_id)

    def base(self, job_id: str) -> Path:
        """Return the directory of a job."""
        return self.root.resolve() / job_id


def plain_path(path: str) -> str:
    """Return a relative path without the slash that may end it. Raises `NotFound` if it could lead elsewhere."""
    try:
        return "/".join(_parts(path))
    except InvalidInput:
        raise NotFound(f"There is no file `{path}`.", path=path) from None


def _parts(path: str) -> list[str]:
    """Return the names in a relative path; one slash may end it. Raises `InvalidInput` for what is no plain name."""
    parts = path.removesuffix("/").split("/") if path else []
    if any(part in {"", ".", ".."} or "\0" in part or "\\" in part for part in parts):
        raise InvalidInput(f"path: {path!r} is no path below a job's directory.", field="path")
    return parts


def _check_length(path: str, target: Path) -> None:
    whole = os.fsencode(target)
    if len(whole) > _LONGEST_PATH or any(len(name) > _LONGEST_NAME for name in whole.split(b"/")):
        raise InvalidInput(
            f"path: {path[:60]!r}… is too long; a name has {_LONGEST_NAME} bytes at most, a path {_LONGEST_PATH} "
            "with the archive's own.",
            field="path",
        )


def _missing(job_id: str, path: str) -> NotFound:
    return NotFound(f"Job `{job_id}` has no file `{path}`.", job_id=job_id, path=path)


def _leads_inside(path: Path, base: Path) -> bool:
    try:
        return path.resolve(strict=True).is_relative_to(base)
    except (OSError, RuntimeError):
        return False


def _entry(path: Path) -> dict[str, Any]:
    status = path.stat()
    kind = "directory" if path.is_dir() else "file"
    facts = {"name": path.name, "kind": kind, "size": status.st_size, "modified": status.st_mtime}
    return {**facts, "executable": kind == "file" and bool(status.st_mode & 0o100)}
