"""Many files as one zip or tar, made while it is sent: it takes no more memory than a piece of a file."""

from __future__ import annotations

import io
import tarfile
import time
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from atlas_core.errors import ServerError

#: The first time that a zip can name, and the last.
_ZIP_YEARS = (1980, 2107)
_BLOCK = 512


@dataclass(frozen=True)
class Member:
    """A file to be packed, under a path with `/` between the names."""

    name: str
    size: int
    modified: float
    executable: bool
    chunks: Callable[[], Iterator[bytes]]


def zipped(members: Iterable[Member]) -> Iterator[bytes]:
    """Yield a zip of the files, uncompressed: most of what jobs keep does not shrink."""
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as archive:
        for member in members:
            with archive.open(_zip_info(member), "w", force_zip64=True) as file:
                for chunk in member.chunks():
                    file.write(chunk)
                    yield sink.take()
    yield sink.take()


def tarred(members: Iterable[Member]) -> Iterator[bytes]:
    """Yield a tar of the files. Raises `ServerError` when one becomes shorter meanwhile: who reads must notice."""
    for member in members:
        info = tarfile.TarInfo(member.name)
        info.size, info.mtime, info.mode = member.size, int(member.modified), 0o755 if member.executable else 0o644
        yield info.tobuf(tarfile.PAX_FORMAT, "utf-8", "surrogateescape")
        left = member.size
        for chunk in member.chunks():
            yield chunk[:left]
            left -= min(left, len(chunk))
        if left:
            raise ServerError(f"The file {member.name} became shorter while it was sent.")
        yield b"\0" * (-member.size % _BLOCK)
    yield b"\0" * (2 * _BLOCK)


PACKERS: dict[str, tuple[str, Callable[[Iterable[Member]], Iterator[bytes]]]] = {
    "zip": ("application/zip", zipped),
    "tar": ("application/x-tar", tarred),
}


class _Sink(io.RawIOBase):
    """A file that only remembers what was written since somebody took it."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        """It is."""
        return True

    def write(self, data: object) -> int:
        """Remember a copy."""
        part = bytes(data)  # type: ignore[call-overload]
        self._parts.append(part)
        return len(part)

    def take(self) -> bytes:
        """Return what was written, and forget it."""
        taken = b"".join(self._parts)
        self._parts.clear()
        return taken


def _zip_info(member: Member) -> zipfile.ZipInfo:
    date = time.gmtime(member.modified)[:6]
    if not _ZIP_YEARS[0] <= date[0] <= _ZIP_YEARS[1]:
        date = (_ZIP_YEARS[0], 1, 1, 0, 0, 0)
    info = zipfile.ZipInfo(member.name, date)
    info.external_attr = (0o100755 if member.executable else 0o100644) << 16
    return info
