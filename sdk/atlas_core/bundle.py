"""Bundles: a project directory packed into one tar archive, named by the hash of what is in it.

The id is the SHA-256 over the sorted list of entries (path, kind, executable bit, content hash), so it does not depend
on time stamps, on who packed it, or on how it is compressed; the same tree is never sent twice.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import tarfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, NoReturn

from atlas_core.errors import BundleTooLarge, InvalidInput
from atlas_core.file_hash import sha256_of_file
from atlas_core.gzip_blocks import gzip_members
from atlas_core.ignore_rules import FILE_NAME, IgnoreRules
from atlas_core.known_hashes import LEAST, KnownHashes

if TYPE_CHECKING:  # it cannot be imported while the interpreter ends
    from concurrent.futures import Executor

#: Bytes that are read at a time: they stay in the cache of a core until they are written or sent.
_CHUNK = 256 * 1024
#: Directories that tools make and that mean nothing on another machine. Python environments are left out as well.
LEFT_OUT = frozenset({"__pycache__", ".git", "node_modules"})
ENVIRONMENT_MARK = "pyvenv.cfg"
#: More entries than this is a mistake (a data set, a file system) or an attack.
MAX_ENTRIES = 200_000
#: What an archive ends with.
_END = bytes(2 * tarfile.BLOCKSIZE)


@dataclass(frozen=True)
class Entry:
    """One file or symbolic link of a bundle, by its path relative to the top, with '/' separators."""

    path: str
    source: Path
    size: int
    executable: bool
    digest: str
    link: str | None = None

    @property
    def line(self) -> str:
        """What the id is the hash of. Lengths are not needed: no path holds a NUL."""
        kind = "link" if self.link is not None else ("exec" if self.executable else "file")
        return f"{self.path}\0{kind}\0{self.digest}\n"


@dataclass(frozen=True)
class Manifest:
    """What a bundle of a directory would hold."""

    entries: tuple[Entry, ...]

    @property
    def bundle_id(self) -> str:
        """The content hash."""
        digest = hashlib.sha256()
        for entry in self.entries:
            digest.update(entry.line.encode("utf-8", "surrogateescape"))
        return digest.hexdigest()

    @property
    def size(self) -> int:
        """Bytes of all files together."""
        return sum(entry.size for entry in self.entries)


def read_manifest(
    directory: Path, max_bytes: int | None = None, home: Path | None = None, pool: Executor | None = None
) -> Manifest:
    """Hash every file below `directory` that its `.foundationsignore` does not keep out.

    Sockets, pipes and devices are left out. Raises `InvalidInput` when there is no such directory or a file cannot be
    read, `BundleTooLarge` when the files together exceed `max_bytes`. With a `home`, large files that are as they were
    the last time are not read again.
    """
    check_directory(directory)
    known = None if home is None else KnownHashes.of(directory, home)
    try:
        manifest = manifest_of(directory, IgnoreRules.of(directory), max_bytes, known=known, pool=pool)
    except OSError as error:  # a file of rules
        _refuse_unreadable(error)
    if known is not None:
        known.save()
    return manifest


def check_directory(directory: Path) -> None:
    """Raise `InvalidInput` unless there is such a directory."""
    if not directory.is_dir():
        raise InvalidInput(
            f"job_directory: `{directory}` is no directory; name the one that holds the code of the job.",
            field="job_directory",
        )


def manifest_of(
    directory: Path,
    rules: IgnoreRules,
    max_bytes: int | None = None,
    max_files: int = MAX_ENTRIES,
    known: KnownHashes | None = None,
    pool: Executor | None = None,
) -> Manifest:
    """Hash every file below `directory` that `rules` do not keep out. Raises what `read_manifest` raises.

    The threads of a `pool` read large files side by side; an interpreter that ends can start none.
    """
    found, total = [], 0
    for each in _walk(directory, rules):
        found.append(each)
        total += each.size
        if max_bytes is not None and total > max_bytes:
            raise BundleTooLarge(
                f"The job directory `{directory}` holds more than {readable(max_bytes)}; keep data sets and "
                f"environments out of it with a file `{FILE_NAME}`.",
                field="job_directory",
                limit=max_bytes,
            )
        if len(found) > max_files:
            raise BundleTooLarge(
                f"The job directory `{directory}` holds more than {max_files} files; keep those that are "
                f"not needed out of it with a file `{FILE_NAME}`.",
                field="job_directory",
                limit=max_files,
            )
    return Manifest(tuple(sorted(_entries(found, known, pool), key=lambda entry: entry.path)))


def _entries(found: list[_Found], known: KnownHashes | None, pool: Executor | None) -> Iterator[Entry]:
    if pool is not None:
        yield from pool.map(lambda each: _entry(each, known), [each for each in found if each.size >= LEAST])
        found = [each for each in found if each.size < LEAST]
    for each in found:
        yield _entry(each, known)


def pack(manifest: Manifest, target: Path, advance: Callable[[int], object] = int) -> None:
    """Write the bundle. The same manifest gives the same bytes.

    `advance` is told how many more bytes of files are in. Raises `OSError`, also when a file is not as it was.
    """
    with target.open("wb") as file:
        file.writelines(pieces(manifest, advance))


def pieces(manifest: Manifest, advance: Callable[[int], object] = int) -> Iterator[bytes]:
    """Yield what `pack` writes, and raise what it raises."""
    return gzip_members(tar_pieces(manifest, advance))


def archive_size(manifest: Manifest) -> int:
    """Return how many bytes the archive has before it is compressed."""
    headers = sum(len(_header(entry)) for entry in manifest.entries)
    contents = sum(entry.size + -entry.size % tarfile.BLOCKSIZE for entry in manifest.entries)
    return headers + contents + len(_END)


def tar_pieces(manifest: Manifest, advance: Callable[[int], object]) -> Iterator[bytes]:
    """Yield the archive, not compressed; raises as `pack` does."""
    for entry in manifest.entries:
        yield _header(entry)
        if entry.link is None:
            yield from _content(entry, advance)
    yield _END


def _header(entry: Entry) -> bytes:
    info = tarfile.TarInfo(entry.path)
    info.mode = 0o755 if entry.executable else 0o644
    info.size = entry.size
    if entry.link is not None:
        info.type, info.linkname = tarfile.SYMTYPE, entry.link
    return info.tobuf(tarfile.PAX_FORMAT, "utf-8", "surrogateescape")


def _content(entry: Entry, advance: Callable[[int], object]) -> Iterator[bytes]:
    left = entry.size
    with entry.source.open("rb") as file:
        while left and (data := file.read(min(left, _CHUNK))):
            left -= len(data)
            yield data
            advance(len(data))
        if left or file.read(1):
            raise OSError(errno.EIO, "it has changed meanwhile", str(entry.source))
    yield bytes(-entry.size % tarfile.BLOCKSIZE)


@dataclass(frozen=True)
class _Found:
    """A file or symbolic link that is to be an entry."""

    relative: str
    path: Path
    status: os.stat_result

    @property
    def is_link(self) -> bool:
        return stat.S_ISLNK(self.status.st_mode)

    @property
    def size(self) -> int:
        return 0 if self.is_link else self.status.st_size


def _walk(directory: Path, rules: IgnoreRules) -> Iterator[_Found]:
    for root, folders, files in os.walk(directory, onerror=_refuse_unreadable):
        here, below = Path(root), Path(root).relative_to(directory)
        kept = [name for name in folders if name not in LEFT_OUT and not _is_environment(here / name)]
        links = [name for name in kept if (here / name).is_symlink()]
        folders[:] = sorted(name for name in {*kept} - {*links} if not rules.ignores((below / name).as_posix(), True))
        for name in [*files, *links]:
            relative = (below / name).as_posix()
            if not rules.ignores(relative):
                yield from _looked_at(relative, here / name)


def _looked_at(relative: str, path: Path) -> Iterable[_Found]:
    try:
        found = _Found(relative, path, path.lstat())
    except OSError as error:
        _refuse_unreadable(error)
    return [found] if found.is_link or stat.S_ISREG(found.status.st_mode) else []


def _is_environment(folder: Path) -> bool:
    return (folder / ENVIRONMENT_MARK).is_file()


def _refuse_unreadable(error: OSError) -> NoReturn:
    """What `os.walk` would leave out without a word, the bundle would lack."""
    raise InvalidInput(
        f"job_directory: `{error.filename}` cannot be read ({error.strerror}).", field="job_directory"
    ) from error


def _entry(found: _Found, known: KnownHashes | None) -> Entry:
    if found.is_link:
        return _link_entry(found)
    digest = None if known is None else known.get(found.relative, found.status)
    if digest is None:
        try:
            digest = sha256_of_file(found.path)
        except OSError as error:
            _refuse_unreadable(error)
        if known is not None:
            known.put(found.relative, found.status, digest)
    executable = bool(found.status.st_mode & stat.S_IXUSR)
    return Entry(found.relative, found.path, found.size, executable, digest)


def _link_entry(found: _Found) -> Entry:
    link = str(found.path.readlink())
    if leads_out(found.relative, link):
        raise InvalidInput(
            f"job_directory: `{found.path}` is a link to `{link}`, which leads out of the job directory; put a copy in "
            "its place, or remove it.",
            field="job_directory",
        )
    return Entry(found.relative, found.path, 0, False, hash_of_link(link), link)


def hash_of_link(link: str) -> str:
    """Return what stands for a symbolic link's content."""
    return hashlib.sha256(os.fsencode(link)).hexdigest()


def leads_out(name: str, link: str) -> bool:
    """Whether a link may lead out of the directory, whatever else in it is a link.

    `..` may only come first: behind the name of another link it would start from wherever that one leads.
    """
    depth = len(PurePosixPath(name).parent.parts)
    parts = PurePosixPath(link).parts
    climbing = next((index for index, part in enumerate(parts) if part != ".."), len(parts))
    return link.startswith("/") or climbing > depth or ".." in parts[climbing:]


def readable(size: int) -> str:
    """Return a number of bytes for people."""
    amount = float(size)
    for unit in ("bytes", "KB", "MB"):
        if amount < 1024:
            return f"{amount:.4g} {unit}"
        amount /= 1024
    return f"{amount:.4g} GB"
