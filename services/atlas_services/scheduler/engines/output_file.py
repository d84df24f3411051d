"""The file that a container's output is copied to: every byte has its place, so that it may be written twice."""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO


class OutputFile:
    """A job's log, opened to copy output to.

    A scheduler that was paused may go on with a copy that its successor has taken over: both write the same bytes at
    the same places. Everything raises `OSError`.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file: BinaryIO = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666), "r+b", 0)

    @property
    def length(self) -> int:
        """How much is in it."""
        return os.fstat(self._file.fileno()).st_size

    def write_at(self, position: int, piece: memoryview) -> tuple[int, int]:
        """Write the beginning of a piece; return how much, and the position behind it.

        What other output than this stands at its place is a sentence about the job, which stays: the piece goes behind.
        """
        there = os.pread(self._file.fileno(), len(piece), position)
        if there != piece[: len(there)]:
            position = self.length
        written = os.pwrite(self._file.fileno(), piece, position)
        return written, position + written

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()
