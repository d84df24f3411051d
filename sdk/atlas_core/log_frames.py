"""A log as it is sent to who follows it and also wants to see the line that is not finished yet.

Each part is a frame: a byte that says what it is, its length in four bytes, and its bytes. `L` is a piece of the log;
these together are the log, and an offset counts nothing else. `U` is the line that the job has begun behind that, as
far as the log lacks it: it is valid until the next frame, and what stands in it comes again in the log.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator

#: The media type of such an answer.
FRAMES_TYPE = "application/vnd.atlas.log-frames"
_HEADER = struct.Struct(">cI")
_LOG, _UNFINISHED = b"L", b"U"


class UnfinishedLine(bytes):
    """What a job has written of a line that is not in its log yet; a carriage return at its beginning may redraw it."""


def log_frames(parts: Iterable[bytes]) -> Iterator[bytes]:
    """Yield a frame for each part, which is a piece of the log or an `UnfinishedLine`."""
    for part in parts:
        yield _HEADER.pack(_UNFINISHED if isinstance(part, UnfinishedLine) else _LOG, len(part)) + part


def log_parts(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the parts of a log that was sent in frames, however these are cut. A part that is not whole is left out."""
    waiting = bytearray()
    for chunk in chunks:
        waiting += chunk
        while len(waiting) >= _HEADER.size:
            kind, length = _HEADER.unpack_from(waiting)
            end = _HEADER.size + length
            if len(waiting) < end:
                break
            part = bytes(waiting[_HEADER.size : end])
            del waiting[:end]
            yield UnfinishedLine(part) if kind == _UNFINISHED else part
