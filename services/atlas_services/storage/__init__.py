"""Where the files of jobs lie: a directory of this machine, and if the settings say so an object store behind it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True)
class Entry:
    """A file or a directory. `tag` changes when the content of a file does."""

    name: str
    is_directory: bool
    size: int
    modified: float
    tag: str


class Storage(Protocol):
    """Files by their paths, with `/` between the names. A path is checked by who takes it from outside."""

    def find(self, path: str) -> Entry | None:
        """Return what lies there, if anything does."""

    def entries(self, path: str) -> list[Entry]:
        """Return what a directory holds, by name; nothing if it is none."""

    def read(self, path: str, start: int, stop: int) -> bytes:
        """Return the bytes from `start` up to `stop`, as far as there are any. Raises `FileNotFoundError`."""

    def chunks(self, path: str, start: int, stop: int) -> Iterator[bytes]:
        """Yield the same piece by piece. Raises `FileNotFoundError` before the first piece."""

    def put(self, source: Path, path: str) -> None:
        """Put a file there, whole or not at all, so that it survives a failure of the machine; `source` is gone."""

    def remove(self, path: str) -> None:
        """Remove a file, or a directory with all that it holds, if it is there."""
