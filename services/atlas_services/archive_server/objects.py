"""The contents of stored files by their hash: the same content lies on the disk once, however many jobs have it.

    .objects/<first two digits>/<sha256>    another name, a hard link, of each file whose content it is

A content that only this place still names belongs to no job any more.
"""

from __future__ import annotations

import contextlib
import threading
import time
import uuid
from pathlib import Path

#: No job id begins with a dot, so no job's directory is meant.
_DIRECTORY = ".objects"
#: Seconds between two looks for what no job needs any more; after a file came, for other services remove files of jobs
#: too, and after files were removed here.
_PERIOD, _PERIOD_AFTER_REMOVAL = 3600.0, 3.0


class Objects:
    """The contents below an archive. On a file system without hard links there are none, and all else is as it was."""

    def __init__(self, archive_root: Path) -> None:
        self._directory = archive_root / _DIRECTORY
        self._looked = time.monotonic()
        self._lock = threading.Lock()
        self._is_planned = False

    def link(self, sha256: str, size: int, target: Path) -> bool:
        """Put the content at `target`, if it is here. Whether it was."""
        part = self._directory / uuid.uuid4().hex
        try:
            part.hardlink_to(self._path(sha256))
        except OSError:  # it is not here, or has as many names as it can have
            return False
        try:
            if part.stat().st_size != size:
                return False
            target.parent.mkdir(parents=True, exist_ok=True)
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)  # a name that the target had already is not taken away by `replace`
        return True

    def place(self, part: Path, sha256: str, target: Path) -> None:
        """Put a received file, whose hash was checked, at `target` and remember its content."""
        if self.link(sha256, part.stat().st_size, target):
            part.unlink()
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            path = self._path(sha256)
            path.parent.mkdir(parents=True, exist_ok=True)
            with contextlib.suppress(OSError):  # it came twice at the same time, or there are no links here
                path.hardlink_to(part)
            part.replace(target)
        if self._wait(_PERIOD) <= 0:
            self.remove_unused()

    def forget_removed(self) -> None:
        """Remove what no job needs any more, soon after files were removed; nobody has to come by for that."""
        with self._lock:
            if self._is_planned:
                return
            self._is_planned = True
        timer = threading.Timer(max(0.0, self._wait(_PERIOD_AFTER_REMOVAL)), self._look_again)
        timer.daemon = True
        timer.start()

    def remove_unused(self) -> None:
        """Remove what no job needs any more."""
        self._looked = time.monotonic()
        for path in self._directory.glob("??/*"):
            with contextlib.suppress(FileNotFoundError):
                if path.stat().st_nlink == 1:
                    path.unlink()

    def _look_again(self) -> None:
        with self._lock:
            self._is_planned = False
        self.remove_unused()

    def _wait(self, seconds: float) -> float:
        return self._looked + seconds - time.monotonic()

    def _path(self, sha256: str) -> Path:
        return self._directory / sha256[:2] / sha256
