"""Parts of jobs: no more is read of each than a table shows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from atlas_core.records import SYSTEM_PREFIX
from atlas_services.tracker import keys, ordered
from atlas_services.tracker.connection import Client

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


def read_parts(client: Client, job_ids: Iterable[str], projection: Projection) -> list[JobPart]:
    """Return these parts of the jobs that exist, in one round trip."""
    wanted = ((keys.params, projection.params), (keys.metrics, projection.metrics), (keys.tags, projection.tags))
    pipe = client.pipeline(transaction=False)
    count = 0
    for job_id in job_ids:
        count += 1
        pipe.hmget(keys.job(job_id), _FACTS)
        for make, names in wanted:
            if names is None:
                pipe.hgetall(make(job_id))
            elif names:
                pipe.hmget(make(job_id), names)
    answers = iter(pipe.execute())
    parts = []
    for _ in range(count):
        facts = next(answers)
        hashes = [_hash(names, () if names == () or names == [] else next(answers)) for _, names in wanted]
        if facts[0] is not None:
            parts.append(_part(facts, *hashes))
    return parts


def _hash(names: Sequence[str] | None, answer: Any) -> dict[str, Any]:
    if names is None:
        return ordered.in_order(answer)
    found = zip(names, answer, strict=True)
    return {name: ordered.decode(value) for name, value in found if value is not None}


def _part(facts: Sequence[bytes | None], *hashes: dict[str, Any]) -> JobPart:
    params, metrics, tags = hashes
    known: dict[str, Any] = {}
    for name, value in zip(_FACTS, facts, strict=True):
        known[name] = None if not value else float(value) if name in _TIMES else value.decode()
    shown = {name: summary for name, summary in metrics.items() if not name.startswith(SYSTEM_PREFIX)}
    return JobPart(known, params, shown, tags)
