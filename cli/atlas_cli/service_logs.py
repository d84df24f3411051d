"""What the services of a stack write to their log files, as lines for people."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO


class ServiceLogs:
    """The log files in a directory, from the moment when this was made. Files may come, and may be rotated away."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._files: dict[str, IO[bytes]] = {}
        self._rests: dict[str, bytes] = {}
        for path in self._paths():
            self._open(path).seek(0, os.SEEK_END)

    def new_lines(self) -> Iterator[str]:
        """Yield each whole line that was written since the last call, behind the name of its service."""
        for path in self._paths():
            file = self._files.get(path.name)
            if file is not None:
                yield from self._read(path, file)
                if not _is_the_same(path, file):
                    self._rests.pop(path.name, None)  # of a line that was never finished
                    file.close()
                    file = None
            if file is None:
                yield from self._read(path, self._open(path))

    def _paths(self) -> list[Path]:
        return sorted(self._directory.glob("*.log"))

    def _open(self, path: Path) -> IO[bytes]:
        file = self._files[path.name] = path.open("rb")
        return file

    def _read(self, path: Path, file: IO[bytes]) -> Iterator[str]:
        *lines, rest = (self._rests.pop(path.name, b"") + file.read()).split(b"\n")
        self._rests[path.name] = rest
        for line in lines:
            yield f"{path.stem}: {_for_people(line.decode(errors='replace'))}"


def _is_the_same(path: Path, file: IO[bytes]) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(file.fileno()))
    except FileNotFoundError:  # it is being rotated just now
        return True


def _for_people(line: str) -> str:
    """Return a structured line as a plain one; what is no structured line stays as it is."""
    try:
        entry = json.loads(line)
        shown = f"{entry['time'][:19].replace('T', ' ')} {entry['level']} {entry['message']}"
    except (ValueError, KeyError, TypeError):
        return line
    return f"{shown}\n{entry['exception']}" if entry.get("exception") else shown
