"""Where the points of a series are read from, and the blocks of its envelope: Redis, or the file of a sealed job."""

from __future__ import annotations

from typing import Protocol

from atlas_core.errors import NotFound
from atlas_core.records import POINT
from atlas_services.tracker import keys
from atlas_services.tracker.connection import Client
from atlas_services.tracker.envelopes import ENTRY

#: Points of a segment. Nearly every series is one segment, and one round trip reads it. With the 1 MB that Redis adds
#: to a text that grows, a full one fits in 16 MiB; a little more would take 20.
SEGMENT = 622_592


class SealedFiles(Protocol):
    """The files of sealed jobs, to read. Each raises `NotFound` when the file is not there."""

    def points(self, job_id: str, file: str, name: str, start: int, stop: int) -> bytes:
        """Return packed points of a series."""

    def blocks(self, job_id: str, file: str, name: str, level: int, start: int, stop: int) -> bytes:
        """Return packed blocks of a level of its envelope."""

    def others(self, job_id: str, file: str, name: str) -> list[bytes]:
        """Return the JSON values of a series that no double holds."""


class NoSealedFiles:
    """In place of `SealedFiles` for a process that reads no archive."""

    def points(self, job_id: str, file: str, name: str, start: int, stop: int) -> bytes:
        """Raise `NotFound`."""
        raise _lost(job_id)

    def blocks(self, job_id: str, file: str, name: str, level: int, start: int, stop: int) -> bytes:
        """Raise `NotFound`."""
        raise _lost(job_id)

    def others(self, job_id: str, file: str, name: str) -> list[bytes]:
        """Raise `NotFound`."""
        raise _lost(job_id)


class Source(Protocol):
    """The packed points and blocks of one series."""

    def points(self, start: int, stop: int) -> bytes:
        """Return the points at these places."""

    def blocks(self, level: int, start: int, stop: int) -> bytes:
        """Return blocks of a level, as far as they are there."""


class RedisSource:
    """A series in Redis."""

    def __init__(self, client: Client, job_id: str, name: str) -> None:
        self._redis = client
        self._job_id = job_id
        self._name = name

    def points(self, start: int, stop: int) -> bytes:
        """Return the points at these places, in one round trip."""
        pipe = self._redis.pipeline(transaction=False)
        for segment in range(start // SEGMENT, -(-stop // SEGMENT)):
            first, last = (max(0, min(SEGMENT, place - segment * SEGMENT)) for place in (start, stop))
            key = keys.points(self._job_id, segment, self._name)
            pipe.getrange(key, first * POINT.size, last * POINT.size - 1)
        return b"".join(pipe.execute()) if start < stop else b""

    def blocks(self, level: int, start: int, stop: int) -> bytes:
        """Return blocks of a level, as far as they are there."""
        key = keys.envelope(self._job_id, level, self._name)
        return bytes(self._redis.getrange(key, start * ENTRY, stop * ENTRY - 1))


class SealedSource:
    """A series in the file of a sealed job."""

    def __init__(self, files: SealedFiles, job_id: str, file: str, name: str) -> None:
        self._files = files
        self._place = (job_id, file, name)

    def points(self, start: int, stop: int) -> bytes:
        """Return the points at these places. Raises `NotFound` if the file is not there."""
        return self._files.points(*self._place, start, stop) if start < stop else b""

    def blocks(self, level: int, start: int, stop: int) -> bytes:
        """Return blocks of a level. Raises `NotFound` if the file is not there."""
        return self._files.blocks(*self._place, level, start, stop)


def _lost(job_id: str) -> NotFound:
    return NotFound(f"The metrics of job `{job_id}` are in the archive, which this process cannot read.", job_id=job_id)
