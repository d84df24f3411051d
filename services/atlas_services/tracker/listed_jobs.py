"""Jobs with every value of their metrics, for tables that show all of them.

A script reads thousands of short series in one round trip, for which redis-py would need fifty microseconds each. The
long ones, those of sealed jobs and those with values that no double holds are read one by one.
"""

from __future__ import annotations

import sys
from array import array
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import accumulate, compress, count, islice
from operator import gt, itemgetter
from typing import Any

from atlas_core.records import POINT, SYSTEM_PREFIX, unpack_value
from atlas_services.tracker import keys
from atlas_services.tracker.connection import Client
from atlas_services.tracker.job_views import ADD_VIEW, BATCH, VIEW_KEYS, StoredView, stored_view
from atlas_services.tracker.reading_ahead import read_ahead
from atlas_services.tracker.series import Series, points_of

#: Points of a series that is read with others.
_SHORT = 200
#: Bytes of points of one round trip: the job whose points exceed it is the last. Redis answers nobody else meanwhile.
_ROOM = 4 * 1024 * 1024
#: Series of one round trip among the others, which may be long.
_SMALL_BATCH = 50
#: Where time, kind and value of a packed point begin.
_TIME, _KIND, _VALUE, _SIZE = 8, 16, 17, POINT.size

_BEFORE_ID, _, _BEHIND_ID = keys.points("|", 0, "").partition("|")
#: ARGV: bytes of points, and ids of jobs. Read-only. Returns how many of the jobs it has looked at, and for each that
#: exists what the hashes of `VIEW_KEYS` hold, with a list of points in the order of the hash of metrics: none of those
#: that have one value, which the summary has, that are read one by one, or that tell of the machine.
READ_LISTED = (
    ADD_VIEW
    + """
local function short_series(id, metrics)
  local points, size = {}, 0
  for at = 1, #metrics, 2 do
    local name, summary, packed = metrics[at], metrics[at + 1], ''
    local known = tonumber(string.match(summary, '^%d+|{"count":(%d+),'))
    local is_plain = string.find(summary, '"others":0}', -11, true)
    if is_plain and known and known > 1 and known <= {short} and string.find(name, '{prefix}', 1, true) ~= 1 then
      packed = redis.call('GETRANGE', '{before_id}' .. id .. '{behind_id}' .. name, 0, known * {size} - 1)
    end
    points[#points + 1], size = packed, size + #packed
  end
  return points, size
end
local room, found = tonumber(ARGV[1]), {0}
for place = 2, #ARGV do
  found[1] = place - 1
  if add_view(found, ARGV[place]) then
    local points, size = short_series(ARGV[place], found[#found - 1])
    found[#found + 1], room = points, room - size
    if room < 0 then break end
  end
end
return found
""".replace("{prefix}", SYSTEM_PREFIX)
    .replace("{short}", str(_SHORT))
    .replace("{before_id}", _BEFORE_ID)
    .replace("{behind_id}", _BEHIND_ID)
    .replace("{size}", str(_SIZE))
)


@dataclass(frozen=True)
class ListedJob(StoredView):
    """A job as it is stored; `series` are the values of each metric with two or more, in the order of their times."""

    series: Mapping[str, Sequence[Any]] = field(default_factory=dict)


class ListedJobs:
    """Reads jobs with the values of their metrics."""

    def __init__(self, client: Client, series: Series) -> None:
        self._redis = client
        self._series = series

    def of(self, job_ids: Iterable[str]) -> list[ListedJob]:
        """Return the jobs that exist, of different ids. Raises `NotFound` if the values of a sealed one are lost."""
        ids = list(job_ids)
        waiting = deque(ids[start : start + BATCH] for start in range(0, len(ids), BATCH))
        asked: deque[list[str]] = deque()
        found: list[ListedJob] = []
        while waiting:
            with closing(read_ahead(self._redis, READ_LISTED, _questions(waiting, asked))) as answers:
                for looked_at, *read in answers:
                    batch = asked.popleft()
                    found += self._with_others(_listed(read))
                    if looked_at < len(batch):
                        waiting.appendleft(batch[looked_at:])
        places = {job_id: place for place, job_id in enumerate(ids)}
        return sorted(found, key=lambda job: places[job.record.job_id])

    def _with_others(self, jobs: Sequence[ListedJob]) -> Iterator[ListedJob]:
        """Yield the jobs with those of their series too that are read one by one."""
        missing = [(job.record.job_id, name) for job in jobs for name in _missing(job)]
        read: dict[str, dict[str, Sequence[Any]]] = {}
        for start in range(0, len(missing), _SMALL_BATCH):
            batch = missing[start : start + _SMALL_BATCH]
            for (job_id, name), series in zip(batch, self._series.of_many(batch), strict=True):
                read.setdefault(job_id, {})[name] = series.values
        for job in jobs:
            more = read.get(job.record.job_id)
            yield _job(job, {**job.series, **more}) if more else job


def _questions(waiting: deque[list[str]], asked: deque[list[str]]) -> Iterator[list[Any]]:
    """Yield what the script is asked, as long as jobs wait, and note which batches it was asked for."""
    while waiting:
        asked.append(waiting.popleft())
        yield [_ROOM, *asked[-1]]


def _missing(job: ListedJob) -> Iterator[str]:
    for name, summary in job.metrics.texts.items():
        if name not in job.series and points_of(summary) > 1:
            yield name


def _listed(read: Sequence[Any]) -> list[ListedJob]:
    """Return the jobs that a script has read, with their short series."""
    size = len(VIEW_KEYS) + 1
    jobs = [stored_view(*read[place : place + size - 1]) for place in range(0, len(read), size)]
    metrics, points = read[VIEW_KEYS.index(keys.metrics) :: size], read[size - 1 :: size]
    names = [compress(hash_[::2], packed) for hash_, packed in zip(metrics, points, strict=True)]
    values = _values([packed for job in points for packed in job if packed])
    return [_job(job, {name.decode(): next(values) for name in own}) for job, own in zip(jobs, names, strict=True)]


def _job(view: StoredView, series: Mapping[str, Sequence[Any]]) -> ListedJob:
    return ListedJob(view.record, view.params, view.tags, view.metrics, view.artifacts, series=series)


def _values(series: Sequence[bytes]) -> Iterator[list[Any]]:
    """Yield the values of each series in the order of their times. All of them are unpacked in one."""
    points = b"".join(series)
    times, values, kinds = _doubles(points, _TIME), list(_doubles(points, _VALUE)), points[_KIND::_SIZE]
    if any(kinds):
        values = list(map(unpack_value, kinds, values))
    stops = list(accumulate(len(packed) // _SIZE for packed in series))
    falls = set(compress(count(1), map(gt, times, islice(times, 1, None)))).difference(stops)
    start = 0
    for stop in stops:
        shown = values[start:stop]
        if falls and not falls.isdisjoint(range(start + 1, stop)):
            shown = [value for _, value in sorted(zip(times[start:stop], shown, strict=True), key=itemgetter(0))]
        yield shown
        start = stop


def _doubles(points: bytes, place: int) -> array[float]:
    """Return the double that stands at this place of each packed point."""
    found = bytearray(len(points) // _SIZE * 8)
    for byte in range(8):
        found[byte::8] = points[place + byte :: _SIZE]
    doubles = array("d", bytes(found))
    if sys.byteorder == "big":
        doubles.byteswap()
    return doubles
