"""Where the points of a series lie in Redis: whole chunks packed tight in a hash, the rest as they come in a text.

The text belongs to one chunk. Once this is whole, it is packed into the hash, and the points that follow begin another
text; the old one goes after the summary counts them. So what the summary counts is always there: in the text of the
last chunk as long as it holds enough, else in the hash. What a refused write left there lies behind what is counted.

Older versions kept all points in texts of `OLDER_SEGMENT` points. These are read where there is no chunk, until the job
is sealed; the first text has the same name in both.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeAlias

from atlas_core.records import POINT
from atlas_services.tracker import keys
from atlas_services.tracker.connection import Client, Pipeline

#: Points of a chunk: a whole number of blocks of an envelope, and more than a listing reads of a short series.
CHUNK = 256
#: Points of a text of older versions.
OLDER_SEGMENT = 622_592
#: Bytes of a point, and of all of a chunk.
_SIZE, _WHOLE = POINT.size, POINT.size * CHUNK
#: A higher level takes longer and gains a hundredth.
_LEVEL = 1

#: A command that changes something: its name, a key, and the rest.
Command: TypeAlias = tuple[Any, ...]
#: Takes the answers to what it asked for from those of a pipeline.
Answer: TypeAlias = Callable[[Iterator[Any]], bytes]


@dataclass(frozen=True)
class StoredPoints:
    """The points of a series in Redis, of which the summary counts so many."""

    job_id: str
    name: str
    count: int

    @property
    def text(self) -> str:
        """The key of the text of the last chunk."""
        return keys.open_points(self.job_id, self.count // CHUNK, self.name)

    def ask(self, pipe: Pipeline, start: int, stop: int) -> Answer:
        """Ask for the packed points from `start` to `stop`; call what is returned once the pipeline is executed.

        Fewer come if the job is sealed meanwhile.
        """
        wanted = range(start // CHUNK, -(-stop // CHUNK))
        older = list(_older_ranges(wanted.start * CHUNK, stop)) if self.count >= CHUNK else []
        pipe.get(self.text)  # first: it goes once its points are in the hash
        pipe.hmget(keys.chunks(self.job_id, self.name), [*wanted] or [0])
        for segment, first, end in older:
            pipe.getrange(keys.points(self.job_id, segment, self.name), first * _SIZE, end * _SIZE - 1)

        def take(answers: Iterator[Any]) -> bytes:
            text, packed = next(answers) or b"", next(answers)
            plain = b"".join(islice(answers, len(older)))
            found = b"".join(self._chunks(wanted, stop, text, packed, plain))
            return found[(start - wanted.start * CHUNK) * _SIZE :]

        return take

    def read(self, client: Client, start: int, stop: int) -> bytes:
        """Return the packed points from `start` to `stop`, in one round trip of its own.

        `client` may be a pipeline that watches keys: another connection is asked, so that the pipeline watches on, and
        gets no command. Whatever changes points in between changes keys that the tracker's journals watch.
        """
        pipe = client.pipeline(transaction=False)
        answer = self.ask(pipe, start, stop)
        return answer(iter(pipe.execute()))

    def _chunks(
        self, wanted: range, stop: int, text: bytes, packed: list[bytes | None], plain: bytes
    ) -> Iterator[bytes]:
        """Yield the points of each chunk up to `stop`, or to the first of which some are missing."""
        for chunk, stored in zip(wanted, packed, strict=False):
            size = min(_WHOLE, (stop - chunk * CHUNK) * _SIZE)
            found = text if chunk == self.count // CHUNK else b""
            if len(found) < size:
                begin = (chunk - wanted.start) * _WHOLE
                found = plain[begin : begin + size] if stored is None else unpacked(stored)
            if len(found) < size:
                return
            yield found[:size]


def appended(stored: StoredPoints, text: bytes | None, before: bytes, packed: bytes) -> Iterator[Command]:
    """Yield what writes points behind those that are stored.

    `before` are those of the last chunk, and `text` what its text holds: less, if they are those of an older version.
    """
    job_id, name, chunk = stored.job_id, stored.name, stored.count // CHUNK
    points = before + packed
    whole = len(points) // _WHOLE
    for place in range(whole):
        piece = points[place * _WHOLE : (place + 1) * _WHOLE]
        yield "HSET", keys.chunks(job_id, name), chunk + place, packed_tight(piece)
    if not whole and before and text is not None and len(text) >= len(before):
        yield "SETRANGE", stored.text, len(before), packed
    elif len(points) > whole * _WHOLE:
        yield "SET", keys.open_points(job_id, chunk + whole, name), points[whole * _WHOLE :]


def packed_tight(points: bytes) -> bytes:
    """Return packed points with the bytes of one place of all together: most of them are alike, and compress well."""
    return zlib.compress(b"".join([points[place::_SIZE] for place in range(_SIZE)]), _LEVEL)


def unpacked(data: bytes) -> bytes:
    """Return the points that `packed_tight` made this of."""
    columns = zlib.decompress(data)
    count = len(columns) // _SIZE
    points = bytearray(len(columns))
    for place in range(_SIZE):
        points[place::_SIZE] = columns[place * count : (place + 1) * count]
    return bytes(points)


def older_keys(job_id: str, name: str, count: int) -> list[str]:
    """Return the texts that an older version may have made of a series of so many points."""
    return [keys.points(job_id, segment, name) for segment in range(count // OLDER_SEGMENT + 1)]


def _older_ranges(start: int, stop: int) -> Iterator[tuple[int, int, int]]:
    """Yield each text of older versions that held some of these points, and the places in it."""
    for segment in range(start // OLDER_SEGMENT, -(-stop // OLDER_SEGMENT)):
        first, last = (max(0, min(OLDER_SEGMENT, place - segment * OLDER_SEGMENT)) for place in (start, stop))
        yield segment, first, last
