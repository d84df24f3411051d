"""Reading a metric for a chart: about as many points as it has pixels, however many there are; no spike is lost."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import Any, NamedTuple

from atlas_core.records import NO_STEP, POINT, unpack_value
from atlas_services.tracker import keys, ordered
from atlas_services.tracker.chunks import StoredPoints
from atlas_services.tracker.connection import Client
from atlas_services.tracker.envelopes import ENTRY, LEVELS, Row, block_of, is_missing, size_of
from atlas_services.tracker.series import SeriesPoints, is_short
from atlas_services.tracker.sources import (
    POINTS,
    Name,
    NoSealedFiles,
    Part,
    Reading,
    RedisSource,
    SealedFiles,
    SealedSource,
    Source,
    read_together,
)
from atlas_services.tracker.thinning import as_blocks, in_order, thinned_blocks, thinned_points, time_of

#: The ends of a packed block on each axis.
_ENDS = {"time": struct.Struct("<75xdd16x"), "step": struct.Struct("<91xqq")}


@dataclass(frozen=True)
class Window:
    """The part of a chart that is seen: `width` pixels of the axis `time` or `step`, from `start` to `end`."""

    width: int
    axis: str = "time"
    start: float = float("-inf")
    end: float = float("inf")

    @property
    def is_whole(self) -> bool:
        """Whether it shows everything."""
        return self.start == float("-inf") and self.end == float("inf")

    def shows(self, place: float) -> bool:
        """Whether this place of the axis is seen."""
        return self.start <= place <= self.end

    def shows_row(self, row: Row) -> bool:
        """Whether this point is seen."""
        return self.shows(row[0] if self.axis == "step" else row[1])


class Drawing:
    """Reads the envelopes of every metric."""

    def __init__(self, client: Client, files: SealedFiles | None = None) -> None:
        self._redis = client
        self._files = files or NoSealedFiles()

    def drawn(self, job_id: str, name: str, window: Window) -> SeriesPoints | None:
        """Return the points to draw; None for a metric with values that no double holds, or without envelopes.

        Raises `NotFound` if the file of a sealed job is lost.
        """
        return self.drawn_many([(job_id, name)], window)[0]

    def drawn_many(self, wanted: Sequence[Name], window: Window) -> list[SeriesPoints | None]:
        """Return the same of several (job id, metric name), each told once, in as many round trips as for one."""
        found: dict[Name, SeriesPoints | None] = {}
        files = self._sealed(wanted)
        while missing := [name for name in wanted if name not in found]:
            drawn = self._drawn(missing, files, window)
            before, files = files, self._sealed(missing)
            # else its points went elsewhere while they were read
            found.update((name, drawn[name]) for name in missing if files[name] == before[name])
        return [found[name] for name in wanted]

    def _sealed(self, wanted: Sequence[Name]) -> dict[Name, bytes | None]:
        """Return the file of each job that is sealed."""
        pipe = self._redis.pipeline(transaction=False)
        for job_id, _ in wanted:
            pipe.hget(keys.job(job_id), keys.SEALED)
        return dict(zip(wanted, pipe.execute(), strict=True))

    def _drawn(
        self, wanted: Sequence[Name], files: Mapping[Name, bytes | None], window: Window
    ) -> dict[Name, SeriesPoints | None]:
        pipe = self._redis.pipeline(transaction=False)
        for job_id, metric in wanted:
            pipe.hget(keys.metrics(job_id), metric)
        found: dict[Name, SeriesPoints | None] = {}
        reading: dict[Name, tuple[Source, Reading[Sequence[Row] | None]]] = {}
        for name, stored in zip(wanted, pipe.execute(), strict=True):
            summary = None if stored is None else ordered.decode(stored)
            if summary is None:
                found[name] = SeriesPoints([], [], [])
            elif summary["others"]:
                found[name] = None
            else:
                reading[name] = self._source(name, files[name], summary), _Stored(summary["count"]).rows(window)
        rows = read_together(self._redis, reading)
        return {**found, **{name: None if each is None else _points(each) for name, each in rows.items()}}

    def _source(self, name: Name, file: bytes | None, summary: Mapping[str, Any]) -> Source:
        if file is None or is_short(summary):
            return RedisSource(StoredPoints(*name, summary["count"]))
        return SealedSource(self._files, name[0], file.decode(), name[1])


class _Stretch(NamedTuple):
    """A packed block, its ends on the axis, and the places in the series from which and up to which it tells."""

    first: float
    last: float
    start: int
    stop: int
    block: bytes

    def is_within(self, window: Window) -> bool:
        """Whether the window shows all of it."""
        return window.start <= self.first and self.last <= window.end


class _Stored:
    """A series of `count` points. What it needs of them it asks for as it goes, for whoever reads to bring."""

    def __init__(self, count: int) -> None:
        self._count = count

    def rows(self, window: Window) -> Reading[Sequence[Row] | None]:
        """Return the points to draw, in the order of their times; None without envelopes."""
        start, stop = 0, self._count
        for level in reversed(LEVELS):
            whole = (stop - start) // size_of(level)
            if whole == 0 or (window.is_whole and whole * 2 < window.width):
                continue
            if window.is_whole:
                blocks = yield from self._blocks(level, start, stop)
                return None if blocks is None else (yield from self._thinned(blocks, window))
            seen = yield from self._seen(level, start // size_of(level) * size_of(level), stop, window)
            if not seen:
                return None if seen is None else []
            if len(seen) * 2 >= window.width:
                cut = yield from self._cut(seen, level, window)
                return (yield from self._thinned(cut, window))
            start, stop = seen[0].start, seen[-1].stop
        return thinned_points((yield from self._shown(start, stop, window)), window.width)

    def _thinned(self, blocks: bytes, window: Window) -> Reading[list[Row]]:
        """Return the points of each pixel, and the first and the last point of the series, if they are seen."""
        ends = yield [Part(POINTS, 0, 1), Part(POINTS, self._count - 1, self._count)]
        first, last = ([end] if any(map(window.shows_row, POINT.iter_unpack(end))) else [] for end in ends)
        return in_order([*first, *thinned_blocks(blocks, window.width), *last])

    def _cut(self, stretches: Iterable[_Stretch], level: int, window: Window) -> Reading[bytes]:
        """Return the blocks of what is seen of each: its own, or if it is seen in part, those of its parts."""
        found = []
        for stretch in stretches:
            if stretch.is_within(window):
                found.append(stretch.block)
            elif level > 1:
                parts = yield from self._seen(level - 1, stretch.start, stretch.stop, window)
                found.append((yield from self._cut(parts or [], level - 1, window)))
            elif rows := (yield from self._shown(stretch.start, stretch.stop, window)):
                found.append(block_of(rows).pack())
        return b"".join(found)

    def _seen(self, level: int, start: int, stop: int, window: Window) -> Reading[list[_Stretch] | None]:
        """Return of `_blocks` those of which the window shows any, by the ends of the axis."""
        packed = yield from self._blocks(level, start, stop)
        if packed is None:
            return None
        places = pairwise(chain(chain.from_iterable(map(_places, _parts(level, start, stop))), [stop]))
        blocks = (packed[place : place + ENTRY] for place in range(0, len(packed), ENTRY))
        return [
            _Stretch(first, last, *ends, block)
            for (first, last), ends, block in zip(_ENDS[window.axis].iter_unpack(packed), places, blocks, strict=True)
            if first <= window.end and last >= window.start
        ]

    def _blocks(self, level: int, start: int, stop: int) -> Reading[bytes | None]:
        """Return the packed blocks of a level from `start`, where one begins, then what they leave up to `stop`.

        Those are blocks of lower levels, and blocks of one point. None if any are missing.
        """
        parts = _parts(level, start, stop)
        found = yield parts
        whole = [blocks for blocks in map(_as_blocks, parts, found) if blocks is not None]
        return b"".join(whole) if len(whole) == len(parts) else None

    def _shown(self, start: int, stop: int, window: Window) -> Reading[list[Row]]:
        """Return the points between two places that the window shows, in the order of their times."""
        (packed,) = yield [Part(POINTS, start, stop)]
        rows: Iterable[Row] = POINT.iter_unpack(packed)
        return sorted(rows if window.is_whole else filter(window.shows_row, rows), key=time_of)


def _parts(level: int, start: int, stop: int) -> list[Part]:
    """Return the whole blocks of a level from a place, where one begins, then of each lower one, then the points."""
    found = []
    for each in range(level, 0, -1):
        size = size_of(each)
        if start // size < stop // size:
            found.append(Part(each, start // size, stop // size))
            start = stop // size * size
    return [*found, Part(POINTS, start, stop)] if start < stop else found


def _as_blocks(part: Part, data: bytes) -> bytes | None:
    """Return the packed blocks of a part; None if any are missing."""
    count = part.stop - part.start
    if part.level != POINTS:
        return None if is_missing(data, count) else data
    return as_blocks(data) if len(data) == count * POINT.size else None


def _places(part: Part) -> range:
    """Return where in the series each block of a part, or each point, begins."""
    size = 1 if part.level == POINTS else size_of(part.level)
    return range(part.start * size, part.stop * size, size)


def _points(rows: Sequence[Row]) -> SeriesPoints:
    if not rows:
        return SeriesPoints([], [], [])
    steps, times, kinds, values = zip(*rows, strict=True)
    return SeriesPoints(
        values=list(map(unpack_value, kinds, values)) if any(kinds) else list(values),
        times=list(times),
        steps=[None if step == NO_STEP else step for step in steps],
    )
