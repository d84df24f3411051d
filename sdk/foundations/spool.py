"""The spool: artifacts on their way to the archive.

An artifact is copied here at once, so what happens to the original later does no harm. It is announced by a small file
that is written last: what a sudden death leaves is either whole or not announced. What finds no room is refused, and
named in `<writer>.refused`, a line of JSON each.
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from atlas_core.errors import InvalidInput
from foundations.plain_file import open_plain, plain_file
from foundations.spool_room import REFUSED, SpoolRoom, refusal_of

_CHUNK = 1024 * 1024
ENTRY, DATA, PART = ".json", ".data", ".part"
#: Says which files of a synced directory are still to be sent; and the bytes of such a file.
DIRECTORY, OBJECT = ".synced", ".object"
#: Below this directory lie artifacts whose key is not their file name.
_KEYS = "keys"
#: Bytes of a directory's name that file systems take, and characters of a key that are shown.
_LONGEST_FOLDER, _SHOWN = 255, 40


class SpooledArtifact(NamedTuple):
    """An artifact in the spool. `path` is where it will lie in the job's archive, `facts` what else is said of it."""

    key: str
    filename: str
    path: str
    size: int
    sha256: str
    data: Path
    facts: Mapping[str, Any] = {}

    def refuse(self) -> None:
        """Keep the file, but send it no more."""
        with contextlib.suppress(FileNotFoundError):  # somebody has removed that, too
            self._entry.replace(self._entry.with_suffix(REFUSED))

    def remove(self) -> None:
        """Remove the copy: it has arrived."""
        self._entry.unlink(missing_ok=True)
        self.data.unlink(missing_ok=True)

    def record(self) -> dict[str, Any]:
        """Return what the journal says of it once it has arrived."""
        fields = self._asdict()
        del fields["data"], fields["facts"]
        return {**fields, **self.facts}

    @property
    def _entry(self) -> Path:
        return self.data.with_suffix(ENTRY)


class Spool:
    """The artifacts that one writer has yet to send."""

    def __init__(self, directory: Path, writer: str) -> None:
        self._directory = directory
        self._writer = writer
        # Two threads may save at the same moment; taking the next number is a single step.
        self._numbers = itertools.count()
        self._room = SpoolRoom(directory.parent.parent)

    def add(self, source: Path, key: str | None, facts: Mapping[str, Any]) -> str:
        """Copy `source` here and return its key, by default the file's name.

        Raises `OSError`: of the source before anything is written, or because the copy found no room.
        """
        filename = as_text(source.name)
        key = filename if key is None else as_text(key)
        with source.open("rb") as content:
            self._directory.mkdir(parents=True, exist_ok=True)
            self._take_room(key, os.fstat(content.fileno()).st_size)
            data = self._directory / f"{self._writer}.{next(self._numbers):06}{DATA}"
            try:
                size, digest = _copy(iter(lambda: content.read(_CHUNK), b""), data)
                path = archive_path(key, filename)
                self._announce(SpooledArtifact(key, filename, path, size, digest, data, facts))
            except BaseException:  # an interrupt, too: nobody would ever remove it
                for part in (data, data.with_suffix(PART)):
                    with contextlib.suppress(OSError):
                        part.unlink(missing_ok=True)
                raise
        return key

    def pending(self) -> list[SpooledArtifact]:
        """Return what is still to be sent, in the order in which it was saved. What cannot be read is set aside."""
        found = ((entry, _read(entry)) for entry in sorted(self._files(ENTRY)))
        artifacts = []
        for entry, artifact in found:
            if artifact is not None:
                artifacts.append(artifact)
            else:  # written, but lost by a power failure
                entry.replace(entry.with_suffix(REFUSED))
        return artifacts

    def place_of_directory(self, folder: str, size: int) -> Path:
        """Return where to announce what is to be sent of a synced directory, so many bytes. Raises `OSError`."""
        self._directory.mkdir(parents=True, exist_ok=True)
        self._take_room(folder, size)
        return self._directory / f"{self._writer}.{next(self._numbers):06}{DIRECTORY}"

    def directories(self) -> list[Path]:
        """Return what was announced so."""
        return sorted(self._files(DIRECTORY))

    def remove_unannounced(self) -> None:
        """Remove copies, and a bundle of the source, that were begun by a process that is dead now."""
        for part in self._files(PART):
            part.unlink(missing_ok=True)
        for data in self._files(DATA):
            if not data.with_suffix(ENTRY).exists() and not refusal_of(data).exists():
                data.unlink(missing_ok=True)
        for content in self._files(OBJECT):
            note = content.with_suffix("").with_suffix(DIRECTORY)
            if not note.exists() and not refusal_of(content).exists():
                content.unlink(missing_ok=True)

    def _take_room(self, key: str, size: int) -> None:
        try:
            self._room.take(size)
        except OSError:
            with contextlib.suppress(OSError), (self._directory / f"{self._writer}{REFUSED}").open("ab") as refused:
                refused.write(json.dumps({"key": key, "size": size}).encode() + b"\n")
            raise

    def _announce(self, artifact: SpooledArtifact) -> None:
        part = artifact.data.with_suffix(PART)
        part.write_text(json.dumps({**artifact._asdict(), "data": artifact.data.name}), encoding="utf-8")
        part.replace(artifact.data.with_suffix(ENTRY))

    def _files(self, suffix: str) -> list[Path]:
        return list(self._directory.glob(f"{self._writer}.*{suffix}"))


def announcements_of(directory: Path, writer: str) -> Iterator[Path]:
    """Yield the files by which a writer announced artifacts and directories that are still to be sent."""
    for suffix in (ENTRY, DIRECTORY):
        yield from directory.glob(f"{writer}.*{suffix}")


def as_text(name: str) -> str:
    """Return a name as the archive can hold it: bytes of a file's name that are no UTF-8 become question marks."""
    return name.encode("utf-8", "replace").decode()


def archive_path(key: str, filename: str) -> str:
    """Return where in a job's archive an artifact lies, so that no two keys ever share a file.

    Raises `InvalidInput` for a key that is too long.
    """
    if key == filename and filename != _KEYS:
        return f"user_artifacts/{filename}"
    return f"user_artifacts/{_KEYS}/{folder_of(key)}/{filename}"


def folder_of(key: str) -> str:
    """Return a name of a directory in the archive for a key, a different one for each. Raises `InvalidInput`."""
    folder = quote(key, safe="")
    if len(folder) > _LONGEST_FOLDER:
        raise InvalidInput(
            f"key: `{key[:_SHOWN]}...` is too long; percent-encoded it has {len(folder)} bytes, and "
            f"{_LONGEST_FOLDER} is the most.",
            field="key",
        )
    return folder if folder.strip(".") else folder.replace(".", "%2E")


def _copy(chunks: Iterator[bytes], target: Path) -> tuple[int, str]:
    digest, size = hashlib.sha256(), 0
    descriptor = open_plain(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
    with open(descriptor, "wb") as file:  # noqa: PTH123 - a descriptor
        for chunk in chunks:
            digest.update(chunk)
            size += file.write(chunk)
    return size, digest.hexdigest()


def _read(entry: Path) -> SpooledArtifact | None:
    try:
        with plain_file(entry) as file:
            fields = json.loads(file.read())
        return SpooledArtifact(**{**fields, "data": entry.with_name(fields["data"])})
    except (ValueError, KeyError, TypeError):
        return None
