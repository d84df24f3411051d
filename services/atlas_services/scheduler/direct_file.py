"""A large file that is written past the machine's cache.

Memory for the cache costs a virtual machine more than the disk does, and what is not in it need not be waited for at
the end. A file system that does not know of this writes as usual.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
from pathlib import Path

#: Disks take whole blocks, from memory that begins at a page. No disk wants larger ones.
_BLOCK = 4096
#: Not every system has it.
_DIRECT = getattr(os, "O_DIRECT", 0)


class DirectFile:
    """A new file. Each method raises `OSError`."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb", buffering=0)
        self._flags = fcntl.fcntl(self._file, fcntl.F_GETFL)
        self._is_direct = False
        with contextlib.suppress(OSError):  # it cannot be had here
            fcntl.fcntl(self._file, fcntl.F_SETFL, self._flags | _DIRECT)
            self._is_direct = bool(_DIRECT)

    def __enter__(self) -> DirectFile:
        return self

    def __exit__(self, *_error: object) -> None:
        self._file.close()

    def write(self, data: memoryview) -> None:
        """Append `data`, which begins at a page of memory. Once it is not made of whole blocks, the cache is used."""
        if len(data) % _BLOCK:
            self._use_cache()
        while data:
            try:
                data = data[self._file.write(data) or 0 :]  # a disk that fills up takes a part, and says so at the next
            except OSError as error:
                if error.errno != errno.EINVAL or not self._is_direct:
                    raise
                self._use_cache()

    def sync(self) -> None:
        """Have all of it on the disk."""
        os.fsync(self._file.fileno())

    def _use_cache(self) -> None:
        fcntl.fcntl(self._file, fcntl.F_SETFL, self._flags)
        self._is_direct = False
