"""The values of many series at a time, for tables that show all of them.

A script reads thousands of short series in one round trip, for which redis-py would need fifty microseconds each. The
long ones, those of sealed jobs and those with values that no double holds are read one by one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby, islice
from operator import gt, itemgetter
from typing import Any

from atlas_core.records import POINT, unpack_value
from atlas_services.tracker import keys
from atlas_services.tracker.connection import Client
from atlas_services.tracker.series import Extent, Series

#: Points of a series that is read with others.
_SHORT = 200
#: Series of one round trip: 5 MB, for which Redis answers nobody else for a few milliseconds.
_BATCH = 1000
#: Of the others, which may be long.
_SMALL_BATCH = 50
_SIZE = POINT.size

_BEFORE_NAME, _, _BEHIND_NAME = keys.points("|", 0, "").partition("|")

#: ARGV: bytes to read of each at most; then of each job its id, of how many series, and their names. Read-only.
READ_POINTS = """
local last, place, found = tonumber(ARGV[1]) - 1, 2, {}
while place < #ARGV do
  local before, names = '{before}' .. ARGV[place] .. '{behind}', place + 2
  place = names + tonumber(ARGV[place + 1])
  for at = names, place - 1 do found[#found + 1] = redis.call('GETRANGE', before .. ARGV[at], 0, last) end
end
return found
""".replace("{before}", _BEFORE_NAME).replace("{behind}", _BEHIND_NAME)

#: Job and name of a series.
Name = tuple[str, str]


class ListedValues:
    """Reads the values of series, in the order of their times."""

    def __init__(self, client: Client, series: Series) -> None:
        self._series = series
        self._read = client.register_script(READ_POINTS)

    def of(self, extents: Mapping[Name, Extent]) -> dict[Name, list[Any]]:
        """Return the values of each series that there is an extent of. Raises `NotFound` if a sealed job's are lost."""
        short = [name for name, extent in extents.items() if extent.is_plain and extent.points <= _SHORT]
        found: dict[Name, list[Any]] = {}
        for batch in _batches(short, _BATCH):
            packed = self._read(args=[_SHORT * _SIZE, *_words(batch)])
            sizes = [extents[name].points * _SIZE for name in batch]
            whole = [
                (name, data[:size]) for name, data, size in zip(batch, packed, sizes, strict=True) if len(data) >= size
            ]
            found.update(zip([name for name, _ in whole], _values([data for _, data in whole]), strict=True))
        for batch in _batches([name for name in extents if name not in found], _SMALL_BATCH):
            found |= dict(zip(batch, (series.values for series in self._series.of_many(batch)), strict=True))
        return found


def _batches(names: Sequence[Name], size: int) -> Iterator[list[Name]]:
    remaining = iter(names)
    while batch := list(islice(remaining, size)):
        yield batch


def _words(batch: Iterable[Name]) -> Iterator[str | int]:
    """Yield what the script takes of these series."""
    for job_id, group in groupby(batch, itemgetter(0)):
        names = [name for _, name in group]
        yield job_id
        yield len(names)
        yield from names


def _values(series: Sequence[bytes]) -> Iterator[list[Any]]:
    """Yield the values of each series. To unpack all of them in one takes a third of the time."""
    rows = [*POINT.iter_unpack(b"".join(series))]
    _, times, kinds, values = zip(*rows, strict=True) if rows else [()] * 4
    if any(kinds):
        values = tuple(map(unpack_value, kinds, values))
    start = 0
    for packed in series:
        stop = start + len(packed) // _SIZE
        shown = list(values[start:stop])
        if any(map(gt, times[start : stop - 1], times[start + 1 : stop])):
            shown = [value for _, value in sorted(zip(times[start:stop], shown, strict=True), key=itemgetter(0))]
        yield shown
        start = stop
