"""A tar archive from somebody who is not trusted: read once from front to back, in little memory, up to a limit.

tarfile reads what stands before a member's own header (a long name, PAX facts, a map of holes) whole into memory,
however long the archive says that it is. So its length is looked at first.
"""

from __future__ import annotations

import gzip
import tarfile
from pathlib import Path
from typing import IO, cast

from atlas_core.errors import BundleTooLarge, InvalidBundle

#: Types of headers that tarfile reads whole before the member that they speak of.
_EXTENDED = frozenset(
    {
        tarfile.GNUTYPE_LONGNAME,
        tarfile.GNUTYPE_LONGLINK,
        tarfile.XHDTYPE,
        tarfile.XGLTYPE,
        tarfile.SOLARIS_XHDTYPE,
    }
)
#: The longest of them in bytes, far more than any name; and all of an archive together.
MAX_EXTENDED = 1024 * 1024
_MAX_ALL_EXTENDED = 128 * MAX_EXTENDED


class LimitedStream:
    """The bytes of a file, gzipped or not, at most `limit` of them. Raises `BundleTooLarge` beyond."""

    def __init__(self, path: Path, limit: int) -> None:
        self._file = _opened(path)
        self._left = self._limit = limit

    def read(self, size: int) -> bytes:
        """Return the next bytes, at most `size`."""
        data = self._file.read(size)
        self._left -= len(data)
        if self._left < 0:
            raise BundleTooLarge(f"The bundle unpacks to more than {self._limit} bytes.", limit=self._limit)
        return data

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class _Header(tarfile.TarInfo):
    """A header whose lengths are checked before anything is read because of them."""

    def _proc_member(self, archive: TarStream) -> tarfile.TarInfo:
        if self.type == tarfile.GNUTYPE_SPARSE:
            raise InvalidBundle(f"The bundle holds `{self.name}` as a file with holes; pack it as a plain file.")
        if self.type in _EXTENDED:
            archive.note_extended(self.size)
        member: tarfile.TarInfo = super()._proc_member(archive)  # type: ignore[misc]
        return member


class TarStream(tarfile.TarFile):
    """An archive that is read once, from front to back."""

    tarinfo = _Header
    members: list[tarfile.TarInfo]
    _extended = 0

    def note_extended(self, size: int) -> None:
        """Raise `InvalidBundle` if a header of `size` bytes is too long, or one too many."""
        self._extended += size
        if not 0 <= size <= MAX_EXTENDED or self._extended > _MAX_ALL_EXTENDED:
            raise InvalidBundle("The bundle holds names or facts of files that are too long.")

    def forget(self) -> None:
        """Give back the memory of the members that were read."""
        self.members.clear()


def _opened(path: Path) -> IO[bytes]:
    with path.open("rb") as file:
        is_gzip = file.read(2) == b"\x1f\x8b"
    return cast("IO[bytes]", gzip.open(path, "rb")) if is_gzip else path.open("rb")
