"""The hash by which the content of a file is known."""

from __future__ import annotations

import hashlib
import math
from typing import IO

#: Bytes that are read at a time: they stay in the cache of a core until they are hashed.
_CHUNK = 256 * 1024


def sha256_of(file: IO[bytes], size: int | None = None) -> str:
    """Return the SHA-256 of what follows in a file, of `size` bytes at most. Raises `OSError`."""
    digest, left = hashlib.sha256(), math.inf if size is None else size
    while left and (data := file.read(int(min(left, _CHUNK)))):
        digest.update(data)
        left -= len(data)
    return digest.hexdigest()
