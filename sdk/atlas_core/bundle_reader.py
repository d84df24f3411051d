"""Reading bundles that somebody else has packed: what they hold, and unpacking them.

Reading trusts nothing: a bundle holds regular files, directories and links that stay inside, and ends at a limit. The
same rules hold whether it is written to the disk or only looked at, so one that was looked at can be unpacked later.
"""

from __future__ import annotations

import errno
import gzip
import hashlib
import os
import shutil
import stat
import sys
import tarfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path, PurePosixPath

from atlas_core.bundle import (
    ENVIRONMENT_MARK,
    LEFT_OUT,
    MAX_ENTRIES,
    Entry,
    Manifest,
    hash_of_link,
    leads_out,
    readable,
)
from atlas_core.errors import BundleTooLarge, InvalidBundle
from atlas_core.forward_file import ForwardFile, Piece
from atlas_core.tar_stream import GZIP_MARK, LimitedStream, TarStream
from atlas_core.zstd_stream import ZSTD_MARK

_CHUNK = 1024 * 1024
#: A bundle may unpack to so many bytes whatever its size, and beyond that to so many times its size. What a client lets
#: through as it is set up may repeat itself as often as it likes: masks and logs shrink to a thousandth, too.
_UNQUESTIONED = 8 * 1024**3
_RATIO = 100
#: Bytes of an archive that are no file's content: headers, and what fills up the blocks.
_OVERHEAD = MAX_ENTRIES * 4096
#: What a system says to names that cannot be, alone or beside each other.
_BAD_NAMES = frozenset({errno.EEXIST, errno.EISDIR, errno.ENOTDIR, errno.ENAMETOOLONG, errno.EILSEQ})
#: Bytes of a name, and of a path below the directory of a job: what every file system takes.
_LONGEST_NAME, _LONGEST_PATH = 255, 3072


def unpack(bundle: Path, target: Path, max_bytes: int) -> Manifest:
    """Unpack into the new directory `target`, which is removed again if anything is wrong.

    Returns what was unpacked, so that its id can be checked. Raises `InvalidBundle` for damage, absolute paths, `..`,
    links that lead out, devices and the like; `BundleTooLarge` beyond `max_bytes`, what a bundle of this size can
    sensibly hold, or `MAX_ENTRIES`.
    """
    max_bytes = min(max_bytes, max(_UNQUESTIONED, _RATIO * bundle.stat().st_size))
    target.mkdir(parents=True)
    try:
        with bundle.open("rb") as file:
            return _read(file.read, max_bytes, lambda _: max_bytes, _Disk(target))
    except BaseException:
        shutil.rmtree(target, ignore_errors=True)
        raise


def look_at(read: Callable[[int], Piece], max_bytes: int) -> Manifest:
    """Read a bundle as it arrives, to its end, and return what unpacking it would make. Nothing is written.

    `read` returns the next bytes, at most as many as it is asked for; they may be gone at the next call. Raises as
    `unpack` does, and `InvalidBundle` for what no packer of ours puts in: the manifest would not name it once it is
    unpacked.
    """
    manifest = _read(read, max_bytes, lambda taken: min(max_bytes, max(_UNQUESTIONED, _RATIO * taken)), _Nowhere())
    for entry in manifest.entries:
        _refuse_left_out(entry)
    return manifest


def is_gzip(bundle: Path) -> bool:
    """Whether a bundle is compressed by gzip; one that would not shrink is a plain archive."""
    return _begins_with(bundle, GZIP_MARK)


def is_zstd(bundle: Path) -> bool:
    """Whether a bundle is compressed by Zstandard."""
    return _begins_with(bundle, ZSTD_MARK)


def unpacked_archive(bundle: Path) -> Iterator[bytes]:
    """Yield the plain archive of a bundle that was checked when it came. Raises `OSError`, `ValueError`."""
    with bundle.open("rb") as file:
        stream = LimitedStream(file.read, lambda _: sys.maxsize)
        while data := stream.read(_CHUNK):
            yield bytes(data)


def _begins_with(bundle: Path, mark: bytes) -> bool:
    with bundle.open("rb") as file:
        return file.read(len(mark)) == mark


class _Disk:
    """Where the members of a bundle are written."""

    def __init__(self, top: Path) -> None:
        self._top = top

    def directory(self, path: PurePosixPath) -> None:
        (self._top / path).mkdir(parents=True, exist_ok=True)

    def link(self, path: PurePosixPath, target: str) -> None:
        self._make_way(path).symlink_to(target)

    def file(self, path: PurePosixPath, content: Iterable[memoryview], executable: bool) -> str:
        place, digest = self._make_way(path), hashlib.sha256()
        with place.open("xb") as file:
            for data in content:
                file.write(data)
                digest.update(data)
        place.chmod(0o755 if executable else 0o644)
        return digest.hexdigest()

    def _make_way(self, path: PurePosixPath) -> Path:
        place = self._top / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.unlink(missing_ok=True)
        return place


class _Nowhere:
    """Members are read and left."""

    def directory(self, path: PurePosixPath) -> None:
        _refuse_long(path)

    def link(self, path: PurePosixPath, target: str) -> None:
        _refuse_long(path)
        _refuse_long(PurePosixPath(target))

    def file(self, path: PurePosixPath, content: Iterable[memoryview], _executable: bool) -> str:
        _refuse_long(path)
        digest = hashlib.sha256()
        for data in content:
            digest.update(data)
        return digest.hexdigest()


class _Tree:
    """What is where, member after member. A later one takes the place of an earlier one, as on a disk."""

    def __init__(self, place: _Disk | _Nowhere) -> None:
        self._place = place
        self._directories: set[PurePosixPath] = {PurePosixPath(".")}
        self._entries: dict[PurePosixPath, Entry] = {}

    def add(self, tar: TarStream, member: tarfile.TarInfo) -> None:
        """Take in a member. Raises `InvalidBundle` if it cannot be here, or leads elsewhere."""
        path = _inside(member.name)
        if path == PurePosixPath("."):
            return
        self._check_parents(path)
        if member.isdir():
            self._add_directory(path)
        elif path in self._directories:
            raise InvalidBundle(f"The bundle holds `{path}` both as a directory and as a file.")
        else:
            self._entries[path] = self._added(tar, member, path)

    @property
    def manifest(self) -> Manifest:
        """What is there in the end."""
        return Manifest(tuple(sorted(self._entries.values(), key=lambda entry: entry.path)))

    def _check_parents(self, path: PurePosixPath) -> None:
        for parent in path.parents:
            if parent in self._directories:  # and so are those above
                break
            if parent in self._entries:
                kind = "a symbolic link" if self._entries[parent].link is not None else "a file"
                raise InvalidBundle(f"The bundle writes `{path}` through {kind}, as if it were a directory.")
        self._directories.update(path.parents)

    def _add_directory(self, path: PurePosixPath) -> None:
        if path in self._entries:
            raise InvalidBundle(f"The bundle holds `{path}` both as a directory and as a file.")
        self._place.directory(path)
        self._directories.add(path)

    def _added(self, tar: TarStream, member: tarfile.TarInfo, path: PurePosixPath) -> Entry:
        name = path.as_posix()
        if member.issym():
            if leads_out(name, member.linkname) or not member.linkname or "\0" in member.linkname:
                shown = f"{member.name} -> {member.linkname}"
                raise InvalidBundle(f"The bundle holds the link `{shown}`, which leads out of the job's directory.")
            self._place.link(path, member.linkname)
            # a path is written to the disk as it is, and read from there without a `.` or a `/` too many
            link = str(PurePosixPath(member.linkname))
            return Entry(name, Path(path), 0, False, hash_of_link(link), link)
        if not member.isreg():
            raise InvalidBundle(
                f"The bundle holds `{member.name}`, which is neither file, directory nor symbolic link."
            )
        executable = bool(member.mode & stat.S_IXUSR)
        digest = self._place.file(path, _content(tar, member.size), executable)
        return Entry(name, Path(path), member.size, executable, digest)


def _read(
    read: Callable[[int], Piece], max_bytes: int, limit: Callable[[int], int], place: _Disk | _Nowhere
) -> Manifest:
    tree, left = _Tree(place), max_bytes
    stream = LimitedStream(read, lambda taken: limit(taken) + _OVERHEAD)
    try:
        with TarStream.of(ForwardFile(lambda: stream.read(_CHUNK))) as tar:
            for count, member in enumerate(tar, start=1):
                left -= max(member.size, 0)
                if left < 0:
                    raise BundleTooLarge(f"The bundle unpacks to more than {readable(max_bytes)}.", limit=max_bytes)
                if count > MAX_ENTRIES:
                    raise BundleTooLarge(f"The bundle holds more than {MAX_ENTRIES} entries.", limit=MAX_ENTRIES)
                tree.add(tar, member)
                tar.forget()
        while stream.read(_CHUNK):  # only then is the checksum of the whole compared, and a cut file noticed
            pass
        if max_bytes - left > (most := limit(stream.taken)):
            raise BundleTooLarge(f"The bundle unpacks to more than {readable(most)}.", limit=most)
    except Exception as error:
        if _is_damage(error):
            raise InvalidBundle(f"The bundle is damaged or no tar archive: {error}.") from error
        raise
    return tree.manifest


def _content(tar: TarStream, left: int) -> Iterator[memoryview]:
    """Yield the content of the member at whose header the archive is; uncopied, unlike `extractfile`."""
    while left:
        data = tar.fileobj.take(left)
        if not data:
            raise EOFError("it ends too early")
        left -= len(data)
        yield data


def _is_damage(error: Exception) -> bool:
    """Whether the archive is to blame: how it is written, or names that no directory can hold together."""
    if isinstance(error, OSError):
        return isinstance(error, gzip.BadGzipFile) or error.errno in _BAD_NAMES
    return isinstance(error, (tarfile.TarError, EOFError, zlib.error, ValueError, RecursionError))


def _inside(name: str) -> PurePosixPath:
    """Return the path that `name` means below the directory; raises `InvalidBundle` if it is absolute or has `..`."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\0" in name:
        raise InvalidBundle(f"The bundle holds `{name}`, which leads out of the job's directory.")
    return path


def _refuse_long(path: PurePosixPath) -> None:
    raw = os.fsencode(path)
    if len(raw) > _LONGEST_PATH or max(map(len, raw.split(b"/"))) > _LONGEST_NAME:
        raise InvalidBundle(f"The bundle holds a name that is too long: `{str(path)[:100]}...`.")


def _refuse_left_out(entry: Entry) -> None:
    *folders, name = PurePosixPath(entry.path).parts
    if not LEFT_OUT.isdisjoint(folders) or (folders and name == ENVIRONMENT_MARK and entry.link is None):
        raise InvalidBundle(f"The bundle holds `{entry.path}`, which no bundle may hold.")
