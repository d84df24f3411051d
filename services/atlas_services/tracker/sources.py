"""Where the points of a series are read from, and the blocks of its envelope: Redis, or the file of a sealed job."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from typing import NamedTuple, Protocol, TypeAlias, TypeVar

from atlas_core.errors import NotFound
from atlas_services.tracker import keys
from atlas_services.tracker.chunks import Answer, StoredPoints
from atlas_services.tracker.connection import Client, Pipeline
from atlas_services.tracker.envelopes import ENTRY

#: The level of what is no block.
POINTS = 0
T = TypeVar("T")
#: Job id and metric.
Name: TypeAlias = tuple[str, str]
#: Yields the parts of a series that it needs next, is sent the bytes of each, and returns what it makes of them.
Reading: TypeAlias = Generator[Sequence["Part"], Sequence[bytes], T]


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


class Part(NamedTuple):
    """A part of a series: its points, or the blocks of a level of its envelope, from `start` to `stop`."""

    level: int
    start: int
    stop: int


class Source(Protocol):
    """The packed points and blocks of one series."""

    def ask(self, pipe: Pipeline, part: Part) -> Answer:
        """Ask for a part; call what is returned for it once the pipeline is executed."""


class RedisSource:
    """A series in Redis."""

    def __init__(self, points: StoredPoints) -> None:
        self._points = points

    def ask(self, pipe: Pipeline, part: Part) -> Answer:
        """Ask for a part; of blocks come those that are there."""
        level, start, stop = part
        if level == POINTS:
            return self._points.ask(pipe, start, stop)
        pipe.getrange(keys.envelope(self._points.job_id, level, self._points.name), start * ENTRY, stop * ENTRY - 1)
        return lambda answers: bytes(next(answers))


class SealedSource:
    """A series in the file of a sealed job."""

    def __init__(self, files: SealedFiles, job_id: str, file: str, name: str) -> None:
        self._files = files
        self._place = (job_id, file, name)

    def ask(self, pipe: Pipeline, part: Part) -> Answer:
        """Read a part. Raises `NotFound` if the file is not there."""
        level, start, stop = part
        if level == POINTS:
            data = self._files.points(*self._place, start, stop)
        else:
            data = self._files.blocks(*self._place, level, start, stop)
        return lambda _: data


def read_together(client: Client, reading: Mapping[Name, tuple[Source, Reading[T]]]) -> dict[Name, T]:
    """Return what comes of each reading. The parts that all of them need next come in one round trip."""
    found: dict[Name, T] = {}
    data: dict[Name, list[bytes] | None] = dict.fromkeys(reading)
    while data:
        pipe = client.pipeline(transaction=False)
        asked: dict[Name, list[Answer]] = {}
        for name, read in data.items():
            source, steps = reading[name]
            try:
                parts = next(steps) if read is None else steps.send(read)
            except StopIteration as end:
                found[name] = end.value
            else:
                asked[name] = [source.ask(pipe, part) for part in parts]
        answers = iter(pipe.execute())
        data = {name: [answer(answers) for answer in each] for name, each in asked.items()}
    return found


def _lost(job_id: str) -> NotFound:
    return NotFound(f"The metrics of job `{job_id}` are in the archive, which this process cannot read.", job_id=job_id)
