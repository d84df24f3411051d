"""Reading a metric for a chart: about as many points as it has pixels, however many there are; no spike is lost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from atlas_core.records import NO_STEP, POINT, unpack_value
from atlas_services.tracker import keys, ordered
from atlas_services.tracker.connection import Client
from atlas_services.tracker.envelopes import LEVELS, Block, Row, block_of, is_missing, joined, size_of, unpack
from atlas_services.tracker.series import SeriesPoints, is_short
from atlas_services.tracker.sources import NoSealedFiles, RedisSource, SealedFiles, SealedSource, Source


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
        file = self._redis.hget(keys.job(job_id), keys.SEALED)
        while True:
            found = self._drawn(job_id, name, window, file)
            before, file = file, self._redis.hget(keys.job(job_id), keys.SEALED)
            if file == before:  # else its points went elsewhere while they were read
                return found

    def _drawn(self, job_id: str, name: str, window: Window, file: bytes | None) -> SeriesPoints | None:
        stored = self._redis.hget(keys.metrics(job_id), name)
        if stored is None:
            return SeriesPoints([], [], [])
        summary = ordered.decode(stored)
        if summary["others"]:
            return None
        source: Source = RedisSource(self._redis, job_id, name)
        if file is not None and not is_short(summary):
            source = SealedSource(self._files, job_id, file.decode(), name)
        rows = _Stored(source, int(summary["count"])).rows(window)
        return None if rows is None else _points(rows)


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
    def __init__(self, source: Source, count: int) -> None:
        self._source = source
        self._count = count

    def rows(self, window: Window) -> list[Row] | None:
        """Return the points to draw, in the order of their times; None without envelopes."""
        start, stop = 0, self._count
        for level in reversed(LEVELS):
            size = size_of(level)
            whole = (stop - start) // size
            if whole == 0 or (window.is_whole and whole * 2 < window.width):
                continue
            if window.is_whole:
                return self._whole(level, window)
            stretches = self._stretches(level, start // size * size, stop)
            if stretches is None:
                return None
            seen = [stretch for stretch in stretches if stretch.is_seen(window)]
            if not seen:
                return []
            if len(seen) * 2 >= window.width:
                blocks = [block for stretch in seen for block in self._cut(stretch, level, window)]
                return self._with_ends(_thinned(blocks, window.width), window)
            start, stop = seen[0].start, seen[-1].stop
        return self._raw(start, stop, window)

    def _whole(self, level: int, window: Window) -> list[Row] | None:
        found: list[Block] = []
        start, stop = 0, self._count
        for each in range(level, 0, -1):
            blocks = self._blocks(each, start, stop)
            if blocks is None:
                return None
            found += blocks
            start = stop // size_of(each) * size_of(each)
        found += [block_of([row]) for row in self._points(start, stop)]
        return self._with_ends(_thinned(found, window.width), window)

    def _cut(self, stretch: _Stretch, level: int, window: Window) -> list[Block]:
        """Return the blocks of what is seen of a stretch: itself, or if it is seen in part, its parts."""
        if stretch.is_within(window):
            return [stretch.block]
        if level == 1:
            rows = [row for row in self._points(stretch.start, stretch.stop) if window.shows_row(row)]
            return [block_of(rows)] if rows else []
        parts = self._stretches(level - 1, stretch.start, stretch.stop) or []
        return [block for part in parts if part.is_seen(window) for block in self._cut(part, level - 1, window)]

    def _raw(self, start: int, stop: int, window: Window) -> list[Row]:
        rows = sorted(filter(window.shows_row, self._points(start, stop)), key=lambda row: row[1])
        if len(rows) <= 2 * window.width:
            return rows
        pixels = (block_of(rows[first:last]) for first, last in _pixels(len(rows), window.width))
        return self._with_ends([row for block in pixels for row in block.points()], window)

    def _with_ends(self, rows: list[Row], window: Window) -> list[Row]:
        """Return the rows with the first and the last point of the series, if they are seen."""
        ends = [*self._points(0, 1), *self._points(self._count - 1, self._count)]
        return sorted({*rows, *filter(window.shows_row, ends)}, key=lambda row: row[1])

    def _stretches(self, level: int, start: int, stop: int) -> list[_Stretch] | None:
        """Return the blocks of a level, then those of lower levels and the points up to `stop` that fill none."""
        found: list[_Stretch] = []
        for each in range(level, 0, -1):
            size = size_of(each)
            blocks = self._blocks(each, start, stop)
            if blocks is None:
                return None
            numbered = enumerate(blocks, start // size)
            found += [_Stretch(block, place * size, (place + 1) * size) for place, block in numbered]
            start += len(blocks) * size
        rows = enumerate(self._points(start, stop), start)
        return found + [_Stretch(block_of([row]), place, place + 1) for place, row in rows]

    def _blocks(self, level: int, start: int, stop: int) -> list[Block] | None:
        """Return the blocks of the points from `start`, where one begins, that are whole before `stop`."""
        begin, end = start // size_of(level), stop // size_of(level)
        if begin == end:
            return []
        data = self._source.blocks(level, begin, end)
        return None if is_missing(data, end - begin) else unpack(data)

    def _points(self, start: int, stop: int) -> list[Row]:
        return [*POINT.iter_unpack(self._source.points(start, stop))]


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
