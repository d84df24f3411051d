"""What was left of a synced directory when its run ended: put into the spool, and sent from there afterwards.

    spool/<writer>.<n>.synced            which files the directory had, and which it had no more
    spool/<writer>.<n>.<sha256>.object   the bytes of each that the archive may lack

The announcement names no place outside of the spool: who sends a journal may have more rights than who wrote it.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import logging
import os
import re
import time
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Callable, cast

from atlas_core.errors import InvalidInput, ServerError
from foundations.identity import Identity
from foundations.local_tree import Beginning, LocalFile
from foundations.plain_file import open_plain, plain_file
from foundations.spool import OBJECT, PART

if TYPE_CHECKING:
    from collections.abc import Mapping

    from atlas_core.client import ArchiveClient

_log = logging.getLogger("foundations.syncable_directory")

_CHUNK = 1024 * 1024
_SHA256 = re.compile(r"[0-9a-f]{64}")
#: What opening says of a file that was removed, or that somebody has replaced by a link, a pipe or a directory.
_NO_FILE = frozenset({errno.ENOENT, errno.EINVAL, errno.ELOOP, errno.ENXIO})


def leave_directory(
    note: Path, folder: str, files: Mapping[str, LocalFile], removed: Mapping[str, str], deadline: float, links: bool
) -> int:
    """Put `files` beside `note` and announce them there; returns how many could not be had before `deadline`.

    With `links` a file is linked where that can be done: no time and no space are lost, and one that is changed in
    place afterwards is left out when it is sent. Raises `OSError` when nothing can be announced.
    """
    staged = {}
    for name, file in files.items():
        place = _object(note, file.sha256)
        if place.exists() or _stage(file, place, deadline, links):
            staged[name] = file.described()
    part = note.with_suffix(PART)
    part.write_text(json.dumps({"folder": folder, "files": staged, "removed": dict(removed)}), encoding="utf-8")
    part.replace(note)
    return len(files) - len(staged)


def _stage(file: LocalFile, place: Path, deadline: float, links: bool) -> bool:
    with contextlib.suppress(OSError):
        if links:
            os.link(os.path.realpath(file.path), place)
            return True
    try:
        if _copy(file, place, deadline) == file.sha256:
            return True
    except OSError as error:
        _log.debug("`%s` cannot be copied: %s", file.path, error)
    with contextlib.suppress(OSError):
        place.unlink(missing_ok=True)
    return False


def _copy(file: LocalFile, place: Path, deadline: float) -> str:
    """Copy the bytes that were hashed and return their hash; of those that could be copied in time."""
    digest, left = hashlib.sha256(), file.size
    descriptor = open_plain(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
    with file.path.open("rb") as source, open(descriptor, "wb") as target:  # noqa: PTH123 - a descriptor
        while left and time.monotonic() < deadline and (data := source.read(min(left, _CHUNK))):
            digest.update(data)
            left -= target.write(data)
    return "" if left else digest.hexdigest()


class LeftDirectory:
    """What `note` announces, on its way to the archive. Raises `OSError`; `ValueError` for a damaged note."""

    def __init__(self, note: Path) -> None:
        self.note = note
        with plain_file(note) as file:
            left = json.loads(file.read())
        try:
            self._folder, self._removed = str(left["folder"]), dict(left["removed"])
            self._files: dict[str, dict[str, Any]] = {str(name): dict(file) for name, file in left["files"].items()}
            self._sizes = {_checked(file["sha256"]): _size(file["size"]) for file in self._files.values()}
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"`{note}` is damaged.") from error
        #: What the archive has asked for and does not have yet; None before it was asked.
        self._missing: list[str] | None = None

    @property
    def size(self) -> int:
        """Bytes of the files that are sent; without those that were left out."""
        return sum(self._sizes[digest] for digest in {file["sha256"] for file in self._files.values()})

    def step(self, archive: ArchiveClient, identity: Identity, meanwhile: Callable[[], None]) -> bool:
        """Send one file; False when the archive has everything.

        `meanwhile` is called again and again. Raises `AtlasError` or `OSError`; then it may be tried again.
        """
        if not self._missing:
            missing = self._ask(archive, identity)
            if missing and self._missing is not None:
                self._missing = None
                raise ServerError(f"The archive has not kept the files of `{self._folder}`.")
            if not missing:
                return False
            self._missing = missing
        self._store(archive, identity, self._missing[-1], meanwhile)
        self._missing.pop()
        return True

    def remove(self) -> None:
        """Remove it from the spool: it has arrived."""
        for digest in self._sizes:
            _object(self.note, digest).unlink(missing_ok=True)
        self.note.unlink(missing_ok=True)

    def _ask(self, archive: ArchiveClient, identity: Identity) -> list[str]:
        if not self._files and not self._removed:
            return []
        change = {"files": self._files, "removed": self._removed}
        missing = archive.change_synced(identity.job_id, self._folder, change, identity.token)
        if not self._sizes.keys() >= {*missing}:
            raise ServerError(f"The archive asks for files that `{self._folder}` does not hold.")
        return missing

    def _store(self, archive: ArchiveClient, identity: Identity, digest: str, meanwhile: Callable[[], None]) -> None:
        size = self._sizes[digest]
        path = f"synced_objects/{digest}"
        try:
            with Beginning(plain_file(_object(self.note, digest)), size, meanwhile) as content:
                # without a length, as that of an empty file seems to be, the HTTP library sends something else
                archive.put(identity.job_id, path, cast("IO[bytes]", content) if size else b"", digest, identity.token)
        except OSError as error:
            if error.errno not in _NO_FILE:
                raise
            self._leave_out(digest, identity)
        except InvalidInput as error:
            if "http_status" in error.details:  # something else answered at the address
                raise
            self._leave_out(digest, identity)

    def _leave_out(self, digest: str, identity: Identity) -> None:
        """Go on without the files of this content."""
        kept = {name: file for name, file in self._files.items() if file["sha256"] != digest}
        lost = len(self._files) - len(kept)
        self._files = kept
        _log.warning(
            "%d files of `%s` are no longer what job `%s` had; they are not sent.",
            lost,
            self._folder,
            identity.job_id,
        )


def _object(note: Path, digest: str) -> Path:
    return note.with_name(f"{note.stem}.{digest}{OBJECT}")


def _checked(digest: object) -> str:
    """Return a hash, which becomes a part of a path. Raises `ValueError` for anything else."""
    if not isinstance(digest, str) or not _SHA256.fullmatch(digest):
        raise ValueError(f"{digest!r} is no hash.")
    return digest


def _size(size: object) -> int:
    if not isinstance(size, int) or size < 0:
        raise ValueError(f"{size!r} is no size of a file.")
    return size
