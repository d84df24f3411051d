"""Jobs with what they logged, but for the points of their metrics: many in each round trip."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from atlas_core.records import SYSTEM_PREFIX
from atlas_services.tracker import keys, ordered
from atlas_services.tracker.connection import Client
from atlas_services.tracker.job_record import JobRecord, read_record
from atlas_services.tracker.ordered import Stored

#: Jobs that are read in one round trip, for which Redis answers nobody else for a few milliseconds.
BATCH = 200


@dataclass(frozen=True)
class JobView:
    """A job with what it logged. Every mapping is in the order in which its names were first logged.

    `metrics` holds for each name `count`, `first`, `last`, `min`, `max` (of numbers; null without any) and `last_time`.
    """

    record: JobRecord
    params: Mapping[str, Any]
    tags: Mapping[str, Any]
    metrics: Mapping[str, Mapping[str, Any]]
    artifacts: Mapping[str, Mapping[str, Any]]
    #: Those of `metrics` that tell of the machine; they are not among the others.
    system_metrics: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class StoredView(JobView):
    """A job with what it logged as it is stored: nothing is decoded that nobody asks for."""

    params: Stored
    tags: Stored
    metrics: Stored
    artifacts: Stored


def _lua_key(make: Callable[[str], str]) -> str:
    """Return the expression that makes the key of the job `id` in a script."""
    before, _, behind = make("|").partition("|")
    return f"'{before}' .. id .. '{behind}'"


VIEW_KEYS = (keys.job, keys.params, keys.tags, keys.metrics, keys.artifacts)
#: A function for scripts: puts what the hashes of `VIEW_KEYS` hold behind a list, if there is such a job; returns
#: whether there is. redis-py would need a third of a millisecond to ask for them one by one.
ADD_VIEW = "".join(
    [
        "local function add_view(found, id)\n",
        f"  if redis.call('EXISTS', {_lua_key(keys.job)}) == 0 then return false end\n",
        *(f"  found[#found + 1] = redis.call('HGETALL', {_lua_key(make)})\n" for make in VIEW_KEYS),
        "  return true\nend\n",
    ]
)
#: ARGV: ids of jobs. Read-only. Returns for each that exists what the hashes of `VIEW_KEYS` hold.
READ_VIEWS = ADD_VIEW + "local found = {}\nfor _, id in ipairs(ARGV) do add_view(found, id) end\nreturn found"


class JobViews:
    """Reads jobs with what they logged."""

    def __init__(self, client: Client) -> None:
        self._read = client.register_script(READ_VIEWS)

    def of(self, job_ids: Iterable[str]) -> list[JobView]:
        """Return the jobs that exist."""
        return [_view(*map(_fields, hashes)) for hashes in self._hashes(job_ids)]

    def stored(self, job_ids: Iterable[str]) -> list[StoredView]:
        """Return the same without decoding what the jobs logged. None has `system_metrics`."""
        return [stored_view(*hashes) for hashes in self._hashes(job_ids)]

    def _hashes(self, job_ids: Iterable[str]) -> Iterator[Sequence[Sequence[bytes]]]:
        """Yield what `VIEW_KEYS` hold of each job that exists, field and value after each other."""
        ids, size = list(job_ids), len(VIEW_KEYS)
        for start in range(0, len(ids), BATCH):
            found = self._read(args=ids[start : start + BATCH])
            for place in range(0, len(found), size):
                yield found[place : place + size]


def stored_view(facts: Sequence[bytes], *logged: Sequence[bytes]) -> StoredView:
    """Return a job of what its hashes hold, field and value after each other."""
    params, tags, metrics, artifacts = map(ordered.stored_in_order, logged)
    shown = {name: text for name, text in metrics.texts.items() if not name.startswith(SYSTEM_PREFIX)}
    return StoredView(read_record(_fields(facts)), params, tags, Stored(shown), artifacts)


def _view(facts: Mapping[bytes, bytes], *logged: Mapping[bytes, bytes]) -> JobView:
    params, tags, metrics, artifacts = map(ordered.in_order, logged)
    system = {name: metrics.pop(name) for name in list(metrics) if name.startswith(SYSTEM_PREFIX)}
    return JobView(read_record(facts), params, tags, metrics, artifacts, system)


def _fields(flat: Sequence[bytes]) -> dict[bytes, bytes]:
    return dict(zip(flat[::2], flat[1::2], strict=True))
