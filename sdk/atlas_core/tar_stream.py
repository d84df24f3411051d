"""A tar archive from somebody who is not trusted: read once from front to back, in little memory, up to a limit.

tarfile reads what stands before a member's own header (a long name, PAX facts, a map of holes) whole into memory,
however long the archive says that it is. So its length is looked at first.
"""

from __future__ import annotations

import tarfile
import zlib
from collections.abc import Callable, Iterator
from typing import IO, cast

from atlas_core.errors import BundleTooLarge, InvalidBundle
from atlas_core.forward_file import ForwardFile, Piece
from atlas_core.zstd_stream import ZSTD_MARK, unzstd

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
#: How gzip files begin; and a gzip header and checksum around the data, in zlib's words.
GZIP_MARK, _GZIP = b"\x1f\x8b", 31
#: A gzip file may have so many members, and one more for so many bytes that came out: each takes time, whatever it
#: holds. Ours hold 64 KB on average at least.
_FEW_MEMBERS, _MEMBER = 100, 32 * 1024
#: Bytes that are read, and at most that come out, at a time.
_PIECE = 1024 * 1024


class LimitedStream:
    """What stands in an archive, compressed or not, that `read` returns the bytes of.

    `limit` says how many bytes may come out of so many that went in.
    """

    def __init__(self, read: Callable[[int], Piece], limit: Callable[[int], int]) -> None:
        self._read = read
        self._limit = limit
        #: Bytes that have gone in.
        self.taken = self._given = 0
        self._pieces = self._content()

    def read(self, _size: int) -> Piece:
        """Return the next bytes, as many as there are at once. Raises `BundleTooLarge` beyond the limit."""
        data: Piece = next(self._pieces, b"")
        self._given += len(data)
        if self._given > (limit := self._limit(self.taken)):
            raise BundleTooLarge(f"The bundle unpacks to more than {limit} bytes.", limit=limit)
        return data

    def _content(self) -> Iterator[Piece]:
        data = self._next()
        mark = bytes(data[: len(ZSTD_MARK)])
        if mark.startswith(GZIP_MARK):
            return self._inflated(data)
        if mark == ZSTD_MARK:
            return unzstd(data, self._next)
        return self._as_it_is(data)

    def _as_it_is(self, data: Piece) -> Iterator[Piece]:
        while data:
            yield data
            data = self._next()

    def _inflated(self, data: Piece) -> Iterator[Piece]:
        members = 0
        while data:
            members += 1
            if members > _FEW_MEMBERS + self._given // _MEMBER:
                raise InvalidBundle("The bundle is compressed in too many tiny parts; pack it in one.")
            member = zlib.decompressobj(_GZIP)
            while not member.eof:
                if not data:
                    raise EOFError("it ends too early")
                if out := member.decompress(data, _PIECE):
                    yield out
                data = member.unconsumed_tail or (b"" if member.eof else self._next())
            data = bytes(member.unused_data or self._next()).lstrip(b"\0")  # what fills up a tape is no member

    def _next(self) -> Piece:
        data = self._read(_PIECE)
        self.taken += len(data)
        return data


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
    fileobj: ForwardFile  # type: ignore[assignment]
    _extended = 0

    @classmethod
    def of(cls, file: ForwardFile) -> TarStream:
        """Return the archive that is in a file. Raises `tarfile.ReadError`."""
        return cls(fileobj=cast("IO[bytes]", file))

    def note_extended(self, size: int) -> None:
        """Raise `InvalidBundle` if a header of `size` bytes is too long, or one too many."""
        self._extended += size
        if not 0 <= size <= MAX_EXTENDED or self._extended > _MAX_ALL_EXTENDED:
            raise InvalidBundle("The bundle holds names or facts of files that are too long.")

    def forget(self) -> None:
        """Give back the memory of the members that were read."""
        self.members.clear()
