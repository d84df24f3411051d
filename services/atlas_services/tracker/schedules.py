"""Schedules: jobs that are queued again and again. Each is one JSON document, changed whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from atlas_core.errors import NotFound
from atlas_core.values import dumps, loads
from atlas_services.tracker import keys
from atlas_services.tracker.connection import Client, Pipeline
from atlas_services.tracker.lease import Lease

#: A schedule remembers so many of its last runs.
RUNS_KEPT = 20


@dataclass(frozen=True)
class ScheduleRecord:
    """The facts of one schedule. Times are seconds since the epoch.

    `properties` is the submission as it came, `submission` as it was checked; `schedule` says when. Fire times up to
    `since` do not count, those up to `fired` have been dealt with. `runs` are the ids of the last runs, oldest first;
    `skipped` is the last fire time that gave none, and why: `time` and `reason`.
    """

    job_id: str
    project: str
    submission: Mapping[str, Any]
    properties: Mapping[str, Any]
    schedule: Mapping[str, Any]
    active: bool
    created: float
    since: float
    fired: float | None = None
    skipped: Mapping[str, Any] | None = None
    runs: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Fire:
    """What comes of a schedule that is due: how it stands afterwards, and the run that joins the queue, if any.

    `queue` adds the job with the id that it is given to the transaction.
    """

    record: ScheduleRecord
    run_id: str | None = None
    queue: Callable[[str, Pipeline], object] | None = None


class Schedules:
    """Every schedule that the tracker knows."""

    def __init__(self, client: Client, lease: Lease) -> None:
        self._redis = client
        self._lease = lease

    def create(self, record: ScheduleRecord) -> bool:
        """Add a schedule, and its project. Returns False, and changes nothing, if there is one of this id."""
        key = keys.schedule(record.job_id)

        def add(pipe: Pipeline) -> bool:
            if pipe.exists(key):
                return False
            pipe.multi()
            pipe.set(key, _dump(record))
            pipe.zadd(keys.SCHEDULES, {record.job_id: record.created})
            pipe.zadd(keys.PROJECTS, {record.project: record.created}, nx=True)
            _announce(pipe, record.job_id)
            return True

        return bool(self._redis.transaction(add, key, value_from_callable=True))

    def get(self, job_id: str) -> ScheduleRecord:
        """Return the facts of a schedule. Raises `NotFound`."""
        return _load(job_id, self._redis.get(keys.schedule(job_id)))

    def all(self) -> list[ScheduleRecord]:
        """Return every schedule, oldest first."""
        ids = [job_id.decode() for job_id in self._redis.zrange(keys.SCHEDULES, 0, -1)]
        stored = self._redis.mget([keys.schedule(job_id) for job_id in ids]) if ids else []
        return [_load(job_id, text) for job_id, text in zip(ids, stored, strict=True) if text]

    def change(self, job_id: str, make: Callable[[ScheduleRecord], ScheduleRecord]) -> ScheduleRecord:
        """Replace a schedule by what `make` makes of it, and return that; `make` may be called again.

        Raises `NotFound`, and what `make` raises.
        """
        key = keys.schedule(job_id)

        def replace(pipe: Pipeline) -> ScheduleRecord:
            changed = make(_load(job_id, pipe.get(key)))
            pipe.multi()
            pipe.set(key, _dump(changed))
            _announce(pipe, job_id)
            return changed

        changed = self._redis.transaction(replace, key, value_from_callable=True)
        assert isinstance(changed, ScheduleRecord)
        return changed

    def fire(self, job_id: str, term: int, decide: Callable[[ScheduleRecord], Fire | None]) -> str | None:
        """Do what `decide` makes of the schedule in one step: its run is queued and the schedule remembers it.

        Returns the id of the run: the one wished for, or with `_2`, `_3`, ... behind it where that is taken. `decide`
        may be called again. It is the act of the scheduler that leads in this term. Raises `NotFound`, or `Fenced` if
        the term is over.
        """
        key = keys.schedule(job_id)

        def step(pipe: Pipeline) -> str | None:
            self._lease.guard(pipe, term)
            fire = decide(_load(job_id, pipe.get(key)))
            if fire is None:
                return None
            run_id = _free_id(pipe, fire.run_id) if fire.run_id else None
            pipe.multi()
            runs = [*fire.record.runs, run_id][-RUNS_KEPT:] if run_id else fire.record.runs
            pipe.set(key, _dump(fire.record, runs=runs))
            if run_id and fire.queue:
                fire.queue(run_id, pipe)
            return run_id

        run_id = self._redis.transaction(step, key, value_from_callable=True)
        return None if run_id is None else str(run_id)

    def remove(self, job_id: str) -> None:
        """Remove a schedule, if it is there. Its runs stay."""
        pipe = self._redis.pipeline(transaction=True)
        pipe.delete(keys.schedule(job_id))
        pipe.zrem(keys.SCHEDULES, job_id)
        _announce(pipe, job_id)
        pipe.execute()

    def last_change(self) -> str:
        """Return the mark of the newest change: what comes after it has not happened yet."""
        newest = self._redis.xrevrange(keys.SCHEDULE_CHANGES, count=1)
        return str(newest[0][0].decode()) if newest else "0-0"

    def changes(self, after: str, timeout: float) -> tuple[str, list[str] | None]:
        """Return a new mark and the ids of what somebody changed since the old one, waiting a while for the first.

        Fires are no changes. Instead of the ids there is None when the first of many may be forgotten.
        """
        answer = self._redis.xread({keys.SCHEDULE_CHANGES: after}, block=int(timeout * 1000) or None)
        entries = answer[0][1] if answer else []
        mark = str(entries[-1][0].decode()) if entries else after
        if len(entries) >= keys.SCHEDULE_CHANGES_KEPT:
            return mark, None
        return mark, [fields[b"job_id"].decode() for _, fields in entries]


def _announce(pipe: Pipeline, job_id: str) -> None:
    pipe.xadd(keys.SCHEDULE_CHANGES, {"job_id": job_id}, maxlen=keys.SCHEDULE_CHANGES_KEPT, approximate=True)


def _free_id(pipe: Pipeline, wanted: str) -> str:
    """Return the first id that no job has or had, and have the transaction fail if one takes it meanwhile."""
    job_id, number = wanted, 1
    while True:
        pipe.watch(keys.job(job_id))
        if not pipe.exists(keys.job(job_id)) and pipe.zscore(keys.DELETED, job_id) is None:
            return job_id
        number += 1
        job_id = f"{wanted}_{number}"


def _dump(record: ScheduleRecord, **changes: Any) -> str:
    return dumps({**asdict(record), **changes})


def _load(job_id: str, stored: bytes | None) -> ScheduleRecord:
    if stored is None:
        raise NotFound(f"Scheduled job {job_id} not found", job_id=job_id)
    return ScheduleRecord(**loads(stored))
