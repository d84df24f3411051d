"""A directory on this machine as a list of files with their hashes, each read again only when it has changed."""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any, Callable, NamedTuple, Union, cast

from atlas_core.file_hash import sha256_of

#: The end of the name of a file that is on its way here.
_PART = ".foundations-part"


def _nothing() -> None:
    """Do nothing: nobody waits for the file."""


class LocalFile(NamedTuple):
    """A file as it was when it was looked at. One that grows has since begun with the same bytes."""

    path: Path
    size: int
    modified: float
    executable: bool
    sha256: str

    def described(self) -> dict[str, Any]:
        """Return what a manifest says of it."""
        return {name: value for name, value in self._asdict().items() if name != "path"}

    def open(self) -> Union[IO[bytes], bytes]:
        """Return the bytes that were hashed, as the HTTP library wants them. Raises `OSError`."""
        return cast("IO[bytes]", Beginning(self.path.open("rb"), self.size)) if self.size else b""


class _Stamp(NamedTuple):
    size: int
    modified_ns: int
    inode: int


class LocalTree:
    """The files below `root`, which need not exist."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._known: dict[str, tuple[_Stamp, str]] = {}

    def files(self) -> dict[str, LocalFile]:
        """Return every file by its path with '/' between names. Those that vanish meanwhile are left out.

        Raises `OSError` when something cannot be read.
        """
        found = {}
        for path in self._paths():
            with contextlib.suppress(FileNotFoundError):
                name = path.relative_to(self.root).as_posix()
                file = self._look(name, path)
                if file is not None:
                    found[name] = file
        self._known = {name: known for name, known in self._known.items() if name in found}
        return found

    def write(self, name: str, content: Iterable[bytes], described: dict[str, Any]) -> bool:
        """Put a file in place in one step; False, with nothing changed, if the content has another hash."""
        target = self.root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(f"{target.name[:100]}.{os.urandom(4).hex()}{_PART}")
        digest = hashlib.sha256()
        try:
            with part.open("wb") as file:
                for chunk in content:
                    digest.update(chunk)
                    file.write(chunk)
            if digest.hexdigest() != described["sha256"]:
                return False
            modified = float(described.get("modified", 0.0))
            os.utime(part, (modified, modified))
            part.chmod(stat.S_IMODE(part.stat().st_mode) | (0o111 if described.get("executable") is True else 0))
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)
        return True

    def remove(self, name: str) -> None:
        """Remove a file, and the directories that are empty then."""
        path = self.root / name
        path.unlink(missing_ok=True)
        for parent in path.parents:
            if parent == self.root:
                return
            try:
                parent.rmdir()
            except OSError:  # something else is in it
                return

    def _paths(self) -> Iterator[Path]:
        for root, _, names in os.walk(self.root):
            yield from (Path(root, name) for name in names if not name.endswith(_PART))

    def _look(self, name: str, path: Path) -> LocalFile | None:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode) or not _is_text(name):
            return None
        stamp = _Stamp(status.st_size, status.st_mtime_ns, status.st_ino)
        known, digest = self._known.get(name, (None, ""))
        if known != stamp:
            digest = _hash(path, status.st_size)
            self._known[name] = (stamp, digest)
        executable = bool(status.st_mode & stat.S_IXUSR)
        return LocalFile(path, status.st_size, status.st_mtime, executable, digest)


class Beginning(io.RawIOBase):
    """The first `size` bytes of a file. Where it has become shorter, zeros: the receiver then sees a wrong hash.

    `meanwhile` is called whenever some more of it is wanted.
    """

    def __init__(self, file: IO[bytes], size: int, meanwhile: Callable[[], None] = _nothing) -> None:
        self._file = file
        self._size = size
        self._meanwhile = meanwhile

    def __len__(self) -> int:
        return self._size

    def readable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._file.tell()

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        return self._file.seek(offset, whence)

    def read(self, size: int = -1, /) -> bytes:
        self._meanwhile()
        left = self._size - self._file.tell()
        wanted = min(left, size if size >= 0 else left)
        data = self._file.read(wanted)
        if data or not wanted:
            return data
        self._size -= wanted
        return bytes(wanted)

    def close(self) -> None:
        self._file.close()
        super().close()


def _is_text(name: str) -> bool:
    """Whether a name can be told to a server: it is text, and no other system's separator."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return "\\" not in name


def _hash(path: Path, size: int) -> str:
    with path.open("rb") as file:
        return sha256_of(file, size)
