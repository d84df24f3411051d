"""The output of jobs that run without the scheduler: appended by position, so that each byte is kept exactly once."""

from __future__ import annotations

import fcntl
from pathlib import Path

from atlas_core.errors import JournalGap, PayloadTooLarge

#: Where every job's output lies, below its directory.
PATH = "logs/output.log"
#: Bytes of one request.
MAX_PIECE = 8 * 1024 * 1024


class Output:
    """The log of one job, in its directory `base`."""

    def __init__(self, base: Path, max_bytes: int) -> None:
        self._path = base / PATH
        self._max_bytes = max_bytes

    def append(self, offset: int, data: bytes) -> int:
        """Add what is new of the bytes that stand at `offset`; return how long the log is now.

        Raises `JournalGap` if something before them is missing, `PayloadTooLarge` if the log would grow too long.
        """
        if len(data) > MAX_PIECE:
            raise PayloadTooLarge(f"The piece is larger than {MAX_PIECE} bytes; send less at once.", limit=MAX_PIECE)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("ab") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            size = file.tell()
            if offset > size:
                raise JournalGap(f"The log has {size} bytes, and the piece begins at {offset}.", applied=size)
            if offset + len(data) > self._max_bytes:
                raise PayloadTooLarge(f"The log grows longer than {self._max_bytes} bytes.", limit=self._max_bytes)
            file.write(data[size - offset :])
        return max(size, offset + len(data))
