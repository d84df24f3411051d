"""Files of a journal, opened as what they are: whoever sends a journal may have more rights than whoever wrote it."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO


def open_plain(path: Path | str, flags: int = os.O_RDONLY) -> int:
    """Return a descriptor of a plain file. Raises `OSError`: of a link, a pipe or a device too, and never waits."""
    descriptor = os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, 0o600)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "Not a plain file", str(path))
    return descriptor


def plain_file(path: Path) -> BinaryIO:
    """Return a plain file to read from. Raises as `open_plain` does."""
    return open(open_plain(path), "rb")
