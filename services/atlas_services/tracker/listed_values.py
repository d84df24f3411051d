"""The values of many series at a time, for tables that show all of them.

A script reads thousands of short series in one round trip, for which redis-py would need fifty microseconds each. The
long ones, those of sealed jobs and those with values that no double holds are read one by one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, pairwise
from operator import itemgetter
from typing import Any

from atlas_core.records import POINT, unpack_value
from atlas_services.tracker import keys
from atlas_services.tracker.connection import Client
from atlas_services.tracker.series import Series

#: Points of a series that is read with others.
_SHORT = 200
#: Series of one round trip: 5 MB, for which Redis answers nobody else for a few milliseconds.
_BATCH = 1000
#: Of the others, which may be long.
_SMALL_BATCH = 50
_SIZE = POINT.size

_BEFORE_NAME, _, _BEHIND_NAME = keys.points("|", 0, "").partition("|")

#: ARGV: bytes to read of each at most, then job and name of each series. Read-only.
READ_POINTS = """
local last, found = tonumber(ARGV[1]) - 1, {}
for place = 2, #ARGV, 2 do
  found[#found + 1] = redis.call('GETRANGE', '{before}' .. ARGV[place] .. '{behind}' .. ARGV[place + 1], 0, last)
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

    def of(self, summaries: Mapping[Name, Mapping[str, Any]]) -> dict[Name, list[Any]]:
        """Return the values of each series that there is a summary of. Raises `NotFound` if a sealed job's are lost."""
        short = [name for name, summary in summaries.items() if summary["count"] <= _SHORT and not summary["others"]]
        found: dict[Name, list[Any]] = {}
        for batch in _batches(short, _BATCH):
            words = [word for name in batch for word in name]
            for name, packed in zip(batch, self._read(args=[_SHORT * _SIZE, *words]), strict=True):
                size = summaries[name]["count"] * _SIZE
                if len(packed) >= size:
                    found[name] = _values(packed[:size])
        for batch in _batches([name for name in summaries if name not in found], _SMALL_BATCH):
            found |= dict(zip(batch, (series.values for series in self._series.of_many(batch)), strict=True))
        return found


def _batches(names: Sequence[Name], size: int) -> Iterator[list[Name]]:
    remaining = iter(names)
    while batch := list(islice(remaining, size)):
        yield batch


def _values(packed: bytes) -> list[Any]:
    _, times, kinds, values = zip(*POINT.iter_unpack(packed), strict=True)
    shown = list(values) if not any(kinds) else [unpack_value(*each) for each in zip(kinds, values, strict=True)]
    if any(later < earlier for earlier, later in pairwise(times)):
        shown = [value for _, value in sorted(zip(times, shown, strict=True), key=itemgetter(0))]
    return shown
