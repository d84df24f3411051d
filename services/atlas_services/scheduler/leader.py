"""One scheduler at a time: the others wait until the kernel says that it is gone."""

from __future__ import annotations

import fcntl
from pathlib import Path
from typing import IO


class Leadership:
    """A lock on a file of the home. The kernel releases it when its holder dies, however that comes about."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[str] | None = None

    @property
    def held(self) -> bool:
        """Whether this process is the one."""
        return self._file is not None

    def acquire(self) -> None:
        """Wait until no other process holds the lock, and hold it."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        file = self._path.open("a")
        fcntl.flock(file, fcntl.LOCK_EX)
        self._file = file

    def release(self) -> None:
        """Let another process have it."""
        if self._file is not None:
            self._file.close()
            self._file = None
