"""How the daemon sends the output of a container: in pieces, each behind a header that names its stream."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator

#: In front of each piece of output: which stream it belongs to, and its length.
_HEADER = struct.Struct(">BxxxL")


def pieces_of_output(sent: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """Yield each piece with its stream, 1 for standard output and 2 for standard error, in the daemon's order."""
    waiting = bytearray()
    for part in sent:
        waiting += part
        while len(waiting) >= _HEADER.size:
            stream, length = _HEADER.unpack_from(waiting)
            end = _HEADER.size + length
            if len(waiting) < end:
                break
            yield stream, bytes(waiting[_HEADER.size : end])
            del waiting[:end]
