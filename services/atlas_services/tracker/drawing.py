"""Reading a metric for a chart: about as many points as it has pixels, however many there are; no spike is lost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from atlas_core.records import NO_STEP, POINT, unpack_value
from atlas_services.tracker import keys, ordered
from atlas_services.tracker.connection import Client
from atlas_services.tracker.envelopes import LEVELS, Block, Row, block_of, is_missing, joined, size_of, unpack
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
        reading: dict[Name, tuple[Source, Reading[list[Row] | None]]] = {}
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
            return RedisSource(*name)
        return SealedSource(self._files, name[0], file.decode(), name[1])


@dataclass(frozen=True)
class _Stretch:
    """The points from `start` to `stop`, by their places in the series, and their block."""

    block: Block
    start: int
    stop: int

    def is_seen(self, window: Window) -> bool:
        """Whether the window shows any of it, by the ends of the axis."""
        first, last = self._ends(window)
        return first <= window.end and last >= window.start

    def is_within(self, window: Window) -> bool:
        """Whether the window shows all of it."""
        first, last = self._ends(window)
        return window.start <= first and last <= window.end

    def _ends(self, window: Window) -> tuple[float, float]:
        block = self.block
        return (block.first_step, block.last_step) if window.axis == "step" else (block.first_time, block.last_time)


class _Stored:
    """A series of `count` points. What it needs of them it asks for as it goes, for whoever reads to bring."""

    def __init__(self, count: int) -> None:
        self._count = count

    def rows(self, window: Window) -> Reading[list[Row] | None]:
        """Return the points to draw, in the order of their times; None without envelopes."""
        start, stop = 0, self._count
        for level in reversed(LEVELS):
            size = size_of(level)
            whole = (stop - start) // size
            if whole == 0 or (window.is_whole and whole * 2 < window.width):
                continue
            if window.is_whole:
                return (yield from self._whole(level, window))
            stretches = yield from self._stretches(level, start // size * size, stop)
            if stretches is None:
                return None
            seen = [stretch for stretch in stretches if stretch.is_seen(window)]
            if not seen:
                return []
            if len(seen) * 2 >= window.width:
                blocks = yield from self._cut_all(seen, level, window)
                return (yield from self._with_ends(_thinned(blocks, window.width), window))
            start, stop = seen[0].start, seen[-1].stop
        return (yield from self._raw(start, stop, window))

    def _whole(self, level: int, window: Window) -> Reading[list[Row] | None]:
        found: list[Block] = []
        start, stop = 0, self._count
        for each in range(level, 0, -1):
            blocks = yield from self._blocks(each, start, stop)
            if blocks is None:
                return None
            found += blocks
            start = stop // size_of(each) * size_of(each)
        rest = yield from self._points(start, stop)
        found += [block_of([row]) for row in rest]
        return (yield from self._with_ends(_thinned(found, window.width), window))

    def _cut_all(self, stretches: Sequence[_Stretch], level: int, window: Window) -> Reading[list[Block]]:
        found: list[Block] = []
        for stretch in stretches:
            found += yield from self._cut(stretch, level, window)
        return found

    def _cut(self, stretch: _Stretch, level: int, window: Window) -> Reading[list[Block]]:
        """Return the blocks of what is seen of a stretch: itself, or if it is seen in part, its parts."""
        if stretch.is_within(window):
            return [stretch.block]
        if level == 1:
            points = yield from self._points(stretch.start, stretch.stop)
            rows = [row for row in points if window.shows_row(row)]
            return [block_of(rows)] if rows else []
        parts = (yield from self._stretches(level - 1, stretch.start, stretch.stop)) or []
        return (yield from self._cut_all([part for part in parts if part.is_seen(window)], level - 1, window))

    def _raw(self, start: int, stop: int, window: Window) -> Reading[list[Row]]:
        points = yield from self._points(start, stop)
        rows = sorted(filter(window.shows_row, points), key=lambda row: row[1])
        if len(rows) <= 2 * window.width:
            return rows
        pixels = (block_of(rows[first:last]) for first, last in _pixels(len(rows), window.width))
        return (yield from self._with_ends([row for block in pixels for row in block.points()], window))

    def _with_ends(self, rows: list[Row], window: Window) -> Reading[list[Row]]:
        """Return the rows with the first and the last point of the series, if they are seen."""
        first = yield from self._points(0, 1)
        last = yield from self._points(self._count - 1, self._count)
        ends = [*first, *last]
        return sorted({*rows, *filter(window.shows_row, ends)}, key=lambda row: row[1])

    def _stretches(self, level: int, start: int, stop: int) -> Reading[list[_Stretch] | None]:
        """Return the blocks of a level, then those of lower levels and the points up to `stop` that fill none."""
        found: list[_Stretch] = []
        for each in range(level, 0, -1):
            size = size_of(each)
            blocks = yield from self._blocks(each, start, stop)
            if blocks is None:
                return None
            numbered = enumerate(blocks, start // size)
            found += [_Stretch(block, place * size, (place + 1) * size) for place, block in numbered]
            start += len(blocks) * size
        points = yield from self._points(start, stop)
        rows = enumerate(points, start)
        return found + [_Stretch(block_of([row]), place, place + 1) for place, row in rows]

    def _blocks(self, level: int, start: int, stop: int) -> Reading[list[Block] | None]:
        """Return the blocks of the points from `start`, where one begins, that are whole before `stop`."""
        begin, end = start // size_of(level), stop // size_of(level)
        if begin == end:
            return []
        data = yield Part(level, begin, end)
        return None if is_missing(data, end - begin) else unpack(data)

    def _points(self, start: int, stop: int) -> Reading[list[Row]]:
        if start >= stop:
            return []
        data = yield Part(POINTS, start, stop)
        return [*POINT.iter_unpack(data)]


def _thinned(blocks: Sequence[Block], width: int) -> list[Row]:
    """Return the points of each pixel."""
    count = len(blocks)
    if count <= width:
        return [row for block in blocks for row in block.points()]
    pixels = (joined(blocks[first:last]) for first, last in _pixels(count, width))
    return [row for block in pixels for row in block.points()]


def _pixels(count: int, width: int) -> Iterator[tuple[int, int]]:
    """Yield where each of `width` pixels begins and ends among `count` things, at least one to a pixel."""
    return pairwise(pixel * count // width for pixel in range(width + 1))


def _points(rows: Sequence[Row]) -> SeriesPoints:
    return SeriesPoints(
        values=[unpack_value(row[2], row[3]) for row in rows],
        times=[row[1] for row in rows],
        steps=[None if row[0] == NO_STEP else row[0] for row in rows],
    )
