"""Hashes of large files, remembered from one look at a directory to the next.

A file counts as unchanged while its inode, size, and times of change are what they were: the system sets the last of
them at every change, and no program can set it back. A file that changed just before it was looked at is read again,
for a second change in the same tick of the clock would not show.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import time
from pathlib import Path

#: Smaller files are read again sooner than they are looked up.
LEAST = 256 * 1024
#: Nanoseconds for which a change counts as just now; file systems count in two seconds at worst.
_JUST_NOW = 3 * 10**9
#: Seconds after which what was remembered of a directory that nobody looks at is forgotten.
_FORGOTTEN = 30 * 24 * 3600.0


class KnownHashes:
    """What is known of the files of one directory. What cannot be kept is read again next time; nothing is raised."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._before = _read(path)
        self._now: dict[str, list[object]] = {}

    @classmethod
    def of(cls, directory: Path, home: Path) -> KnownHashes:
        """Return what `home` remembers of `directory`."""
        name = hashlib.sha256(os.fsencode(directory.resolve())).hexdigest()[:32]
        return cls(home / "cache" / "hashes" / f"{name}.json")

    def get(self, relative: str, status: os.stat_result) -> str | None:
        """Return the hash of a file that is as it was, or None."""
        known = self._before.get(relative)
        if not isinstance(known, list) or known[:-1] != [*_mark(status)] or not isinstance(known[-1], str):
            return None
        self._now[relative] = known
        return known[-1]

    def put(self, relative: str, status: os.stat_result, digest: str) -> None:
        """Remember the hash of a file that looked like `status` before it was read."""
        changed = max(status.st_mtime_ns, status.st_ctime_ns)
        if status.st_size >= LEAST and changed < time.time_ns() - _JUST_NOW:
            self._now[relative] = [*_mark(status), digest]

    def save(self) -> None:
        """Keep what was looked at since the beginning, and forget the rest."""
        if self._now == self._before:
            return
        part = self._path.with_suffix(f".{os.getpid()}.part")
        with contextlib.suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            part.write_text(json.dumps(self._now))
            part.replace(self._path)
            self._forget_old()

    def _forget_old(self) -> None:
        for other in self._path.parent.iterdir():
            if other.stat().st_mtime < time.time() - _FORGOTTEN:
                other.unlink(missing_ok=True)


def _mark(status: os.stat_result) -> tuple[int, int, int, int]:
    return status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


def _read(path: Path) -> dict[str, list[object]]:
    try:
        data = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return data if isinstance(data, dict) else {}
