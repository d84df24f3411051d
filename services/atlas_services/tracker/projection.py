"""Parts of jobs: no more is read of each than a table shows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from atlas_core.records import SYSTEM_PREFIX
from atlas_services.tracker import keys, ordered
from atlas_services.tracker.connection import Client
from atlas_services.tracker.index_scripts import with_index

_BEFORE_ID, _, _BEHIND_ID = keys.job("|").partition("|")
_FACTS = ("job_id", "project", "status", "user", "mode", "cause", "creation_time", "start_time", "completed_time")
_TIMES = frozenset({"creation_time", "start_time", "completed_time"})


@dataclass(frozen=True)
class Projection:
    """Which parameters, metrics and tags to read: those of these names, or all of them for None."""

    params: Sequence[str] | None = None
    metrics: Sequence[str] | None = None
    tags: Sequence[str] | None = None


@dataclass(frozen=True)
class JobPart:
    """What was asked for of a job. `facts` are `job_id`, `project`, `status`, `user`, `mode`, `cause` and the times."""

    facts: Mapping[str, Any]
    params: Mapping[str, Any]
    metrics: Mapping[str, Mapping[str, Any]]
    tags: Mapping[str, Any]


#: ARGV: a project, or "" for none; of parameters, metrics and tags how many names follow, and these, or -1 for all;
#: then rows of that project's index, or without a project the ids of jobs. Read-only.
#: Returns for each job that exists four lists: facts, and of the three groups the values of the names, or all pairs.
READ_PARTS = with_index(
    """
local project, at, groups = ARGV[1], 2, {}
for _, suffix in ipairs({':params', ':metrics', ':tags'}) do
  local count, names = tonumber(ARGV[at]), {}
  for place = 1, count do names[place] = ARGV[at + place] end
  groups[#groups + 1] = {suffix, count, names}
  at = at + 1 + math.max(count, 0)
end
local found = {}
for place = at, #ARGV do
  local id = ARGV[place]
  if project ~= '' then id = redis.call('HGET', index_key('rows', project, ''), id) end
  local job = id and '{before_id}' .. id .. '{behind_id}'
  local facts = job and redis.call('HMGET', job, {facts})
  if facts and facts[1] then
    found[#found + 1] = facts
    for _, group in ipairs(groups) do
      local key, count, names = job .. group[1], group[2], group[3]
      if count < 0 then found[#found + 1] = redis.call('HGETALL', key)
      elseif count == 0 then found[#found + 1] = {}
      else found[#found + 1] = redis.call('HMGET', key, unpack(names)) end
    end
  end
end
return found
""".replace("{before_id}", _BEFORE_ID)
    .replace("{behind_id}", _BEHIND_ID)
    .replace("{facts}", ", ".join(f"'{name}'" for name in _FACTS))
)


class Parts:
    """Reads parts of many jobs in one round trip."""

    def __init__(self, client: Client) -> None:
        self._read = client.register_script(READ_PARTS)

    def of_ids(self, job_ids: Iterable[str], projection: Projection) -> list[JobPart]:
        """Return these parts of the jobs that exist."""
        return self._parts("", list(job_ids), projection)

    def of_rows(self, project: str, rows: Sequence[int], projection: Projection) -> list[JobPart]:
        """Return these parts of the jobs in these rows of a project's index, without those that have gone."""
        return self._parts(project, rows, projection)

    def _parts(self, project: str, jobs: Sequence[str | int], projection: Projection) -> list[JobPart]:
        if not jobs:
            return []
        groups = (projection.params, projection.metrics, projection.tags)
        words = [word for names in groups for word in ((-1,) if names is None else (len(names), *names))]
        found = self._read(args=[project, *words, *jobs])
        return list(
            map(_part, found[::4], *(_decoded(found[place::4], names) for place, names in enumerate(groups, 1)))
        )


def _decoded(answers: Sequence[Sequence[bytes | None]], names: Sequence[str] | None) -> Iterator[dict[str, Any]]:
    """Yield one group of each job: name and value of those of `names` that it has; or of all, in their order."""
    if names is None:
        pairs = [_in_order(answer) for answer in answers]
    else:
        pairs = [[(name, value) for name, value in zip(names, answer, strict=True) if value] for answer in answers]
    values = iter(ordered.decode_all([value for found in pairs for _, value in found]))
    for found in pairs:
        yield {name: next(values) for name, _ in found}


def _in_order(flat: Sequence[bytes | None]) -> list[tuple[str, bytes]]:
    """Return the fields and values of a whole hash, in the order in which the fields were first set."""
    pairs = [(name.decode(), value) for name, value in zip(flat[::2], flat[1::2], strict=True) if name and value]
    return sorted(pairs, key=lambda pair: ordered.place_of(pair[1]))


def _part(
    facts: Sequence[bytes | None], params: dict[str, Any], metrics: dict[str, Any], tags: dict[str, Any]
) -> JobPart:
    known: dict[str, Any] = {}
    for name, value in zip(_FACTS, facts, strict=True):
        known[name] = None if not value else float(value) if name in _TIMES else value.decode()
    shown = {name: summary for name, summary in metrics.items() if not name.startswith(SYSTEM_PREFIX)}
    return JobPart(known, params, shown, tags)
