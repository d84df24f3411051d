"""Bundles: a project directory packed into one gzip tar, named by the hash of what is in it.

The id is the SHA-256 over the sorted list of entries (path, kind, executable bit, content hash), so it does not depend
on time stamps, on who packed it, or on how it is compressed; the same tree is never sent twice. Unpacking trusts
nothing: it writes regular files, directories and links that stay inside, below one new directory, and stops at a limit.
"""

from __future__ import annotations

import errno
import gzip
import hashlib
import os
import shutil
import stat
import tarfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, cast

from atlas_core.errors import BundleTooLarge, InvalidBundle, InvalidInput
from atlas_core.gzip_blocks import GzipBlocks
from atlas_core.ignore_rules import FILE_NAME, IgnoreRules
from atlas_core.known_hashes import KnownHashes
from atlas_core.tar_stream import LimitedStream, TarStream

_CHUNK = 1024 * 1024
#: Directories that tools make and that mean nothing on another machine. Python environments are left out as well.
_NEVER = frozenset({"__pycache__", ".git", "node_modules"})
_ENVIRONMENT_MARK = "pyvenv.cfg"
#: More entries than this is a mistake (a data set, a file system) or an attack.
MAX_ENTRIES = 200_000
#: A bundle may unpack to so many bytes whatever its size, and beyond that to so many times its size. Projects shrink to
#: a tenth at best; a file made to fill a disk shrinks to a thousandth.
_UNQUESTIONED = 1024**3
_RATIO = 100
#: Bytes of an archive that are no file's content: headers, and what fills up the blocks.
_OVERHEAD = MAX_ENTRIES * 4096
#: What a system says to names that cannot be, alone or beside each other.
_BAD_NAMES = frozenset({errno.EEXIST, errno.EISDIR, errno.ENOTDIR, errno.ENAMETOOLONG, errno.EILSEQ})


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


def read_manifest(directory: Path, max_bytes: int | None = None, home: Path | None = None) -> Manifest:
    """Hash every file below `directory` that its `.foundationsignore` does not keep out.

    Sockets, pipes and devices are left out. Raises `InvalidInput` when there is no such directory or a file cannot be
    read, `BundleTooLarge` when the files together exceed `max_bytes`. With a `home`, large files that are as they were
    the last time are not read again.
    """
    if not directory.is_dir():
        raise InvalidInput(f"job_directory: `{directory}` is no directory.", field="job_directory")
    known = None if home is None else KnownHashes.of(directory, home)
    manifest = manifest_of(directory, _rules(directory), max_bytes, known=known)
    if known is not None:
        known.save()
    return manifest


def manifest_of(
    directory: Path,
    rules: IgnoreRules,
    max_bytes: int | None = None,
    max_files: int = MAX_ENTRIES,
    known: KnownHashes | None = None,
) -> Manifest:
    """Hash every file below `directory` that `rules` do not keep out. Raises what `read_manifest` raises."""
    entries, total = [], 0
    for entry in _walk(directory, rules, known):
        entries.append(entry)
        total += entry.size
        if max_bytes is not None and total > max_bytes:
            raise BundleTooLarge(
                f"The job directory `{directory}` holds more than {_readable(max_bytes)}; keep data sets and "
                f"environments out of it with a file `{FILE_NAME}`.",
                field="job_directory",
                limit=max_bytes,
            )
        if len(entries) > max_files:
            raise BundleTooLarge(
                f"The job directory `{directory}` holds more than {max_files} files; keep those that are "
                f"not needed out of it with a file `{FILE_NAME}`.",
                field="job_directory",
                limit=max_files,
            )
    return Manifest(tuple(sorted(entries, key=lambda entry: entry.path)))


def _rules(directory: Path) -> IgnoreRules:
    try:
        return IgnoreRules.of(directory)
    except OSError as error:
        raise InvalidInput(
            f"job_directory: `{directory / FILE_NAME}` cannot be read ({error.strerror}).", field="job_directory"
        ) from error


def pack(manifest: Manifest, target: Path, advance: Callable[[int], object] | None = None) -> None:
    """Write the bundle. The same manifest gives the same bytes.

    `advance` is told of each file how many bytes it has, once it is in.
    """
    with (
        target.open("wb") as raw,
        closing(GzipBlocks(raw)) as zipped,
        tarfile.open(fileobj=cast("IO[bytes]", zipped), mode="w", format=tarfile.PAX_FORMAT) as tar,
    ):
        for entry in manifest.entries:
            _add(tar, entry)
            if advance is not None:
                advance(entry.size)


def unpack(bundle: Path, target: Path, max_bytes: int) -> Manifest:
    """Unpack into the new directory `target`, which is removed again if anything is wrong.

    Returns what was unpacked, so that its id can be checked. Raises `InvalidBundle` for damage, absolute paths, `..`,
    links that lead out, devices and the like; `BundleTooLarge` beyond `max_bytes`, what a bundle of this size can
    sensibly hold, or `MAX_ENTRIES`.
    """
    max_bytes = min(max_bytes, max(_UNQUESTIONED, _RATIO * bundle.stat().st_size))
    target.mkdir(parents=True)
    try:
        with closing(LimitedStream(bundle, max_bytes + _OVERHEAD)) as stream:
            with TarStream.open(fileobj=cast("IO[bytes]", stream), mode="r|") as tar:
                _extract_all(tar, target, max_bytes)
            _drain(stream)
    except BaseException as error:
        shutil.rmtree(target, ignore_errors=True)
        if _is_damage(error):
            raise InvalidBundle(f"The bundle is damaged or no tar archive: {error}.") from error
        raise
    return manifest_of(target, IgnoreRules())  # what a bundle holds it holds, whatever a file in it says


def _is_damage(error: BaseException) -> bool:
    """Whether the archive is to blame: how it is written, or names that no directory can hold together."""
    if isinstance(error, OSError):
        return isinstance(error, gzip.BadGzipFile) or error.errno in _BAD_NAMES
    return isinstance(error, (tarfile.TarError, EOFError, zlib.error, ValueError, RecursionError))


def _drain(stream: LimitedStream) -> None:
    """Read what follows the archive's end: only then is the checksum of the whole compared, and a cut file noticed."""
    while stream.read(_CHUNK):
        pass


def _walk(directory: Path, rules: IgnoreRules, known: KnownHashes | None) -> Iterator[Entry]:
    for root, folders, files in os.walk(directory, onerror=_refuse_unreadable):
        here, below = Path(root), Path(root).relative_to(directory)
        kept = [name for name in folders if name not in _NEVER and not _is_environment(here / name)]
        links = [name for name in kept if (here / name).is_symlink()]
        folders[:] = sorted(name for name in {*kept} - {*links} if not rules.ignores((below / name).as_posix(), True))
        for name in [*files, *links]:
            relative = (below / name).as_posix()
            entry = None if rules.ignores(relative) else _entry(here / name, relative, known)
            if entry is not None:
                yield entry


def _is_environment(folder: Path) -> bool:
    return (folder / _ENVIRONMENT_MARK).is_file()


def _refuse_unreadable(error: OSError) -> None:
    """What `os.walk` would leave out without a word, the bundle would lack."""
    raise InvalidInput(
        f"job_directory: `{error.filename}` cannot be read ({error.strerror}).", field="job_directory"
    ) from error


def _entry(path: Path, relative: str, known: KnownHashes | None) -> Entry | None:
    try:
        status = path.lstat()
        if stat.S_ISLNK(status.st_mode):
            return _link_entry(path, relative)
        if not stat.S_ISREG(status.st_mode):
            return None
        executable = bool(status.st_mode & stat.S_IXUSR)
        digest = None if known is None else known.get(relative, status)
        if digest is None:
            digest = _hash_file(path)
            if known is not None:
                known.put(relative, status, digest)
        return Entry(relative, path, status.st_size, executable, digest)
    except OSError as error:
        raise InvalidInput(
            f"job_directory: `{path}` cannot be read ({error.strerror}).", field="job_directory"
        ) from error


def _link_entry(path: Path, relative: str) -> Entry:
    link = str(path.readlink()) if hasattr(path, "readlink") else os.readlink(path)  # noqa: PTH115
    if _leads_out(relative, link):
        raise InvalidInput(
            f"job_directory: `{path}` is a link to `{link}`, which leads out of the job directory; put a copy in its "
            "place, or remove it.",
            field="job_directory",
        )
    return Entry(relative, path, 0, False, hashlib.sha256(os.fsencode(link)).hexdigest(), link)


def _hash_file(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        for chunk in iter(lambda: file.read(_CHUNK), b""):
            digest.update(chunk)
    return digest.hexdigest()


def _add(tar: tarfile.TarFile, entry: Entry) -> None:
    info = tarfile.TarInfo(entry.path)
    info.mode = 0o755 if entry.executable else 0o644
    if entry.link is not None:
        info.type, info.linkname = tarfile.SYMTYPE, entry.link
        tar.addfile(info)
        return
    with entry.source.open("rb") as file:
        info.size = os.fstat(file.fileno()).st_size
        tar.addfile(info, file)


def _extract_all(tar: TarStream, target: Path, max_bytes: int) -> None:
    left = max_bytes
    for count, member in enumerate(tar, start=1):
        left -= max(member.size, 0)
        if left < 0:
            raise BundleTooLarge(f"The bundle unpacks to more than {_readable(max_bytes)}.", limit=max_bytes)
        if count > MAX_ENTRIES:
            raise BundleTooLarge(f"The bundle holds more than {MAX_ENTRIES} entries.", limit=MAX_ENTRIES)
        _extract(tar, member, target)
        tar.forget()


def _extract(tar: tarfile.TarFile, member: tarfile.TarInfo, target: Path) -> None:
    path = target / _inside(member.name)
    if path == target:
        return
    _refuse_link_parents(path, target, member.name)
    if member.isdir():
        path.mkdir(parents=True, exist_ok=True)
    elif member.issym():
        _check_link(member)
        _make_way(path)
        path.symlink_to(member.linkname)
    elif member.isreg():
        content = tar.extractfile(member)
        assert content is not None  # a regular file has content
        _make_way(path)
        _write(content, path, 0o755 if member.mode & stat.S_IXUSR else 0o644)
    else:
        raise InvalidBundle(f"The bundle holds `{member.name}`, which is neither file, directory nor symbolic link.")


def _inside(name: str) -> PurePosixPath:
    """Return the path that `name` means below the directory; raises `InvalidBundle` if it is absolute or has `..`."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\0" in name:
        raise InvalidBundle(f"The bundle holds `{name}`, which leads out of the job's directory.")
    return path


def _check_link(member: tarfile.TarInfo) -> None:
    """Raise `InvalidBundle` unless the link stays inside."""
    if _leads_out(member.name, member.linkname):
        shown = f"{member.name} -> {member.linkname}"
        raise InvalidBundle(f"The bundle holds the link `{shown}`, which leads out of the job's directory.")


def _leads_out(name: str, link: str) -> bool:
    """Whether a link may lead out of the directory, whatever else in it is a link.

    `..` may only come first: behind the name of another link it would start from wherever that one leads.
    """
    depth = len(PurePosixPath(name).parent.parts)
    parts = PurePosixPath(link).parts
    climbing = next((index for index, part in enumerate(parts) if part != ".."), len(parts))
    return link.startswith("/") or climbing > depth or ".." in parts[climbing:]


def _refuse_link_parents(path: Path, target: Path, name: str) -> None:
    for parent in path.parents:
        if parent == target:
            return
        if parent.is_symlink():
            raise InvalidBundle(f"The bundle writes `{name}` through a symbolic link.")


def _make_way(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_symlink() or path.is_file():
        path.unlink()
    elif path.exists():
        raise InvalidBundle(f"The bundle holds `{path.name}` both as a directory and as a file.")


def _write(content: IO[bytes], path: Path, mode: int) -> None:
    with path.open("xb") as file:
        shutil.copyfileobj(content, file, _CHUNK)
    path.chmod(mode)


def _readable(size: int) -> str:
    amount = float(size)
    for unit in ("bytes", "KB", "MB"):
        if amount < 1024:
            return f"{amount:.4g} {unit}"
        amount /= 1024
    return f"{amount:.4g} GB"
