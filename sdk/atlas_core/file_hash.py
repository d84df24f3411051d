"""The hash by which the content of a file is known."""

from __future__ import annotations

import hashlib
import math
from pathlib import Path
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


def sha256_of_file(path: Path) -> str:
    """Return the SHA-256 of a file. Raises `OSError`."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        digest.update(data := file.read(_CHUNK))
        if len(data) == _CHUNK:  # one room for all the rest: memory from the system costs as much as the reading
            room = memoryview(bytearray(_CHUNK))
            while count := file.readinto(room):
                digest.update(room[:count])
    return digest.hexdigest()
