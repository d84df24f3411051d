"""Applying journals: what a job logged takes effect exactly once, however often it is sent.

A batch is applied in one transaction together with the position up to which its journal is then applied. If anything
else touched the job meanwhile the transaction is refused and worked out again from the new state.

Redis takes nothing back when it refuses a command in the midst of a transaction (a text that grows too long, say). So
everything that a batch logs is written by one script, which ends at the first refusal, in this order:

1. points, their envelopes and values, each at a place that follows from the summaries as they are before: nobody sees
   them yet, and who applies a batch next writes over them;
2. parameters, tags and artifacts, and the index: to write them again changes nothing;
3. the summaries, which make the points part of their series, and last the position.

A refusal therefore raises, leaves the position where it was, and the same batch sent again is applied once. Only
between the fields of step 3 could one do harm; they are small, and memory is not checked again once a script has
written. What a batch says about the job's life follows in the same transaction, refused or not: said
twice it is the same.
"""

from __future__ import annotations

import contextlib
import logging
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, TypeAlias

import redis

from atlas_core.errors import (
    InvalidInput,
    InvalidTransition,
    JobNotFound,
    JournalGap,
    ProjectNotFound,
    ServerUnreachable,
    Unauthorized,
)
from atlas_core.ids import check_bundle_id, check_project_name, now
from atlas_core.records import NO_STEP, OTHER, POINT, Operation, Point, read_frames
from atlas_core.states import Cause, JobStatus
from atlas_core.values import dumps
from atlas_services.identity import ANYBODY, Identity
from atlas_services.tracker import keys, ordered, scripts
from atlas_services.tracker.connection import Client, Pipeline
from atlas_services.tracker.envelopes import ENTRY, new_blocks
from atlas_services.tracker.events import publish_logged
from atlas_services.tracker.index import metric_cells, value_cells
from atlas_services.tracker.job_record import JobRecord
from atlas_services.tracker.jobs import Jobs
from atlas_services.tracker.sealed import Seals
from atlas_services.tracker.series import pieces, summarize
from atlas_services.tracker.sources import SEGMENT

_log = logging.getLogger("atlas.tracker")

#: A command of the script: its name, a key, and the rest.
_Command: TypeAlias = tuple[Any, ...]
#: A job's project, and its row in the index of that.
_Place: TypeAlias = tuple[str, "bytes | None"]
#: Words of one command: Lua passes on no more than about eight thousand.
_WORDS = 4000
#: What is kept of an artifact record.
_ARTIFACT_FIELDS = ("filename", "path", "size", "sha256")
#: What is known of an artifact that is no mere file: what it shows, and which of a series it is.
_ARTIFACT_FACTS: dict[str, type] = {"kind": str, "name": str, "step": int}
#: The end of the year 9999: the last second that a date can show.
_LATEST = 253402300799.0
_CAUSES = {cause.value: cause for cause in Cause}


@dataclass(frozen=True)
class _Delivery:
    """Frames that stand at `offset` of a journal. Those that the job itself sent say that it lives."""

    job_id: str
    writer: str
    offset: int
    data: bytes
    now: float
    caller: Identity = ANYBODY
    by_job: bool = True


class _IsSealed(Exception):
    """Raised when points come for a job whose series are in the archive already."""


@dataclass
class _Batch:
    """The new records of a batch, grouped by what they change."""

    points: dict[str, list[bytes]] = field(default_factory=lambda: defaultdict(list))
    others: dict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))
    params: dict[str, Any] = field(default_factory=dict)
    tags: dict[str, Any] = field(default_factory=dict)
    artifacts: dict[str, Any] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    start: dict[str, Any] | None = None
    project: str | None = None
    error: dict[str, Any] | None = None
    end: dict[str, Any] | None = None


class Journals:
    """How far each journal of each job has been applied."""

    def __init__(self, client: Client, jobs: Jobs, seals: Seals) -> None:
        self._redis = client
        self._jobs = jobs
        self._seals = seals
        self._write = client.register_script(scripts.WRITE_IN_ORDER)

    def apply(
        self,
        job_id: str,
        writer: str,
        offset: int,
        data: bytes,
        token: str | None,
        now: float,
        caller: Identity = ANYBODY,
    ) -> int:
        """Apply the frames that stand at `offset` of this writer's journal; return up to where it is applied now.

        The first batch of a job of execution mode creates it, in its caller's name. Raises `JournalGap` if `offset`
        lies beyond what is applied, `JobNotFound` for an unknown or deleted job, `ProjectNotFound` for a project that
        its caller does not see, `Unauthorized`, `Forbidden`, `InvalidInput` for damage, or `ServerUnreachable` if Redis
        refuses to write: it may be out of memory, and take the same batch later.
        """
        with _refusals_told(job_id):
            self._create_if_new(job_id, offset, data, token, now, caller)
            self._jobs.check_token(job_id, token)
            return self._apply(_Delivery(job_id, writer, offset, data, now, caller))

    def take_in(self, job_id: str, writer: str, offset: int, data: bytes, now: float) -> int:
        """Apply frames that the server made of a job's files, as `apply` does; they are no sign of its life.

        Raises `JobNotFound`, or else as `apply`.
        """
        with _refusals_told(job_id):
            return self._apply(_Delivery(job_id, writer, offset, data, now, by_job=False))

    def _apply(self, delivery: _Delivery) -> int:
        while True:
            with self._redis.pipeline() as pipe:
                try:
                    return self._try(pipe, delivery)
                except redis.exceptions.WatchError:
                    continue
                except _IsSealed:
                    self._seals.open(delivery.job_id, delivery.now)

    def note_life(self, job_id: str, now: float) -> None:
        """Note that the job lives. One that was closed for its silence opens again."""
        with self._redis.pipeline(transaction=False) as pipe:
            pipe.zadd(keys.HEARTBEATS, {job_id: now}, xx=True)
            pipe.hget(keys.job(job_id), "cause")
            _, cause = pipe.execute()
        if cause == Cause.LOST_HEARTBEAT.value.encode():
            with contextlib.suppress(InvalidTransition):  # somebody else opened it, or ended it for good
                self._jobs.transition_from(job_id, (), JobStatus.RUNNING, now, reopen=True)

    def _create_if_new(
        self, job_id: str, offset: int, data: bytes, token: str | None, now: float, caller: Identity
    ) -> None:
        if self._redis.exists(keys.job(job_id)):
            return
        if self._redis.zscore(keys.DELETED, job_id) is not None:
            raise JobNotFound(f"Job `{job_id}` was deleted.", job_id=job_id)
        first = next(read_frames(data), None) if offset == 0 else None
        if first is None:
            if offset:
                raise JournalGap(f"Job `{job_id}` is unknown; send its journal from the start.", applied=0)
            raise JobNotFound(f"Job `{job_id}` does not exist.", job_id=job_id)
        start = first[1]
        if not isinstance(start, Operation) or start.op != "start":
            raise JobNotFound(f"Job `{job_id}` does not exist, and its journal does not begin it.", job_id=job_id)
        if not token:
            raise Unauthorized(f"Job `{job_id}`: the first batch must bring the job's token.", job_id=job_id)
        project = check_project_name(start.body.get("project"))
        if not caller.sees(project):
            raise ProjectNotFound(f"Project `{project}` does not exist.", project=project)
        user = caller.named(str(start.body.get("user") or ""))
        self._create(job_id, {**start.body, "user": user}, token, now)

    def _create(self, job_id: str, body: dict[str, Any], token: str, now: float) -> None:
        time = _number(body, "time", now)
        self._jobs.create(
            job_id,
            check_project_name(body.get("project")),
            JobStatus.RUNNING,
            time,
            token,
            mode="execution",
            user=str(body.get("user") or ""),
            start_time=time,
            facts={name: value for name, value in body.items() if name not in {"project", "user", "time"}},
        )
        self._redis.zadd(keys.HEARTBEATS, {job_id: now}, xx=True)

    def _try(self, pipe: Pipeline, delivery: _Delivery) -> int:
        job_id, writer, offset, data = delivery.job_id, delivery.writer, delivery.offset, delivery.data
        pipe.watch(keys.journals(job_id), keys.job(job_id))
        applied = int(pipe.hget(keys.journals(job_id), writer) or 0)
        if offset > applied:
            raise JournalGap(f"The journal is applied up to byte {applied}, not {offset}.", applied=applied)
        end = offset + len(data)
        if end <= applied:
            if delivery.by_job:
                self.note_life(job_id, delivery.now)
            return applied
        record = self._jobs.get(job_id)
        batch = _sort(data, applied - offset)
        row, file = pipe.hmget(keys.job(job_id), keys.ROW, keys.SEALED)
        if batch.points and file is not None:
            raise _IsSealed
        commands = [
            *_commands(pipe, job_id, batch, (record.project, row)),
            ("HSET", keys.journals(job_id), writer, end),
        ]
        pipe.multi()
        words = [word for command in commands for word in (len(command), *command)]
        written = sorted({str(command[1]) for command in commands if command[0] != "INDEX"})
        self._write(keys=written, args=words, client=pipe)
        if delivery.by_job:
            self._live(pipe, record, batch, delivery)
            pipe.zadd(keys.HEARTBEATS, {job_id: delivery.now}, xx=True)
        publish_logged(pipe, job_id, record.project, record.status.value)
        pipe.execute()
        return end

    def _live(self, pipe: Pipeline, record: JobRecord, batch: _Batch, delivery: _Delivery) -> None:
        """Add what the batch says about the job's life to the transaction."""
        now = delivery.now
        if batch.project is not None and batch.project != record.project:
            self._move(pipe, record, batch.project, delivery)
        if batch.error is not None and not record.status.is_waiting:  # else it is about an attempt that is over
            late = record.status is JobStatus.FAILED and record.cause is Cause.EXIT_CODE
            self._jobs.update(record.job_id, pipe, error=batch.error, cause=Cause.USER_CODE if late else None)
        if record.mode == "execution":
            self._live_by_itself(pipe, record, batch, now)

    def _move(self, pipe: Pipeline, record: JobRecord, project: str, delivery: _Delivery) -> None:
        if delivery.caller.sees(project):
            self._jobs.move(record.job_id, project, delivery.now, pipe)
        else:  # refused, the batch would take with it all that was logged beside
            _log.warning("job %s stays in project %s: it may not move to %s", record.job_id, record.project, project)

    def _live_by_itself(self, pipe: Pipeline, record: JobRecord, batch: _Batch, now: float) -> None:
        """The life of a job of execution mode is what its journal says; a scheduled job's is the scheduler's."""
        if batch.end is None:
            if record.cause is Cause.LOST_HEARTBEAT:
                self._jobs.transition_from(record.job_id, (), JobStatus.RUNNING, now, reopen=True, pipe=pipe)
            return
        time = _number(batch.end, "time", now)
        status = JobStatus.COMPLETED if batch.end.get("status") == "completed" else JobStatus.FAILED
        self._jobs.transition_from(
            record.job_id,
            (JobStatus.RUNNING,),
            status,
            time,
            reopen=True,
            pipe=pipe,
            completed_time=time,
            exit_code=batch.end.get("exit_code"),
            cause=_CAUSES.get(str(batch.end.get("cause"))),
        )


@contextlib.contextmanager
def _refusals_told(job_id: str) -> Iterator[None]:
    """Raise `ServerUnreachable` when Redis refuses to write what a job logged."""
    try:
        yield
    except redis.exceptions.ResponseError as error:
        _log.warning("Redis refuses a batch of job %s: %s", job_id, error)
        raise ServerUnreachable("The tracker's database refuses to write; try again later.") from error


def _commands(pipe: Pipeline, job_id: str, batch: _Batch, place: _Place) -> Iterator[_Command]:
    """Read what the batch changes, and yield what writes the change, in the order that the module promises."""
    stored = pipe.hgetall(keys.metrics(job_id)) if batch.points else {}
    old = {name: ordered.decode(stored[name.encode()]) for name in batch.points if name.encode() in stored}
    summaries = {}
    for name, chunks in batch.points.items():
        others = batch.others.get(name, ())
        known = int(old[name]["others"]) if name in old else 0
        packed = _join(chunks, known)
        summaries[name] = summarize(old.get(name), packed, others)
        for segment, start, piece in pieces(packed, old[name]["count"] if name in old else 0):
            yield "SETRANGE", keys.points(job_id, segment, name), start, piece
        yield from _envelope(pipe, job_id, name, summaries[name]["count"], packed)
        if others:
            yield from _append(keys.values(job_id, name), known, [dumps(value) for value in others])
    hashes = {
        keys.params(job_id): batch.params,
        keys.tags(job_id): batch.tags,
        keys.artifacts(job_id): batch.artifacts,
    }
    for key, changes in hashes.items():
        if changes:
            yield from _set(key, ordered.merge(pipe.hgetall(key), changes))
    yield from _set(keys.facts(job_id), {name: dumps(value) for name, value in batch.facts.items()})
    yield from _bundle(job_id, batch)
    yield from _index(place, batch, summaries)
    yield from _set(keys.metrics(job_id), ordered.merge(stored, summaries))


def _bundle(job_id: str, batch: _Batch) -> Iterator[_Command]:
    """Yield what lists the job among those of its code, once it tells which that is."""
    source = batch.facts.get("source")
    with contextlib.suppress(InvalidInput):  # nobody looks for the code of a job that tells of none
        bundle_id = check_bundle_id(source.get("bundle_id") if isinstance(source, dict) else None)
        yield "HSET", keys.job(job_id), "bundle_id", bundle_id
        yield "ZADD", keys.bundle_jobs(bundle_id), now(), job_id


def _envelope(pipe: Pipeline, job_id: str, name: str, total: int, packed: bytes) -> Iterator[_Command]:
    """Yield what writes the blocks of the envelope that become whole."""

    def points(start: int, stop: int) -> bytes:
        segment, first = divmod(start, SEGMENT)
        key, size = keys.points(job_id, segment, name), POINT.size
        return bytes(pipe.getrange(key, first * size, (first + stop - start) * size - 1))

    def blocks(level: int, start: int, stop: int) -> bytes:
        return bytes(pipe.getrange(keys.envelope(job_id, level, name), start * ENTRY, stop * ENTRY - 1))

    for level, place, data in new_blocks(total - len(packed) // POINT.size, packed, points, blocks):
        yield "SETRANGE", keys.envelope(job_id, level, name), place, data


def _index(place: _Place, batch: _Batch, summaries: Mapping[str, Mapping[str, Any]]) -> Iterator[_Command]:
    project, row = place
    if row is not None:  # else the job is older than the index, which takes it in from what is stored by then
        cells = (value_cells("p", batch.params), value_cells("t", batch.tags), metric_cells(summaries))
        for cell in chain(*cells):
            yield "INDEX", project, row, *cell


def _append(key: str, known: int, values: list[str]) -> Iterator[_Command]:
    """Append to a list behind the `known` values, whatever stands there."""
    yield ("LTRIM", key, 0, known - 1) if known else ("DEL", key)
    for start in range(0, len(values), _WORDS):
        yield "RPUSH", key, *values[start : start + _WORDS]


def _set(key: str, fields: Mapping[str, bytes | str]) -> Iterator[_Command]:
    words = [word for field in fields.items() for word in field]
    for start in range(0, len(words), _WORDS):
        yield "HSET", key, *words[start : start + _WORDS]


def _sort(data: bytes, start: int) -> _Batch:
    """Group the records of a batch from byte `start` on. `InvalidInput` if that is not where a frame begins."""
    batch = _Batch()
    points = batch.points
    for _, record in read_frames(data, start):
        if isinstance(record, Point):
            points[record.name].append(record.packed)
        else:
            _take(batch, record)
    return batch


def _take(batch: _Batch, operation: Operation) -> None:
    op, body = operation
    try:
        if op == "param":
            batch.params[str(body["name"])] = body["value"]
        elif op == "metric":
            _take_metric(batch, body)
        elif op == "tag":
            batch.tags[str(body["key"])] = body["value"]
        elif op == "artifact":
            batch.artifacts[str(body["key"])] = _artifact(body)
        elif op == "facts":
            batch.facts.update(body)
        elif op == "project":
            batch.project = check_project_name(body["name"])
        elif op in {"start", "error", "end"}:
            setattr(batch, op, body)
    except KeyError as error:
        raise InvalidInput(f"A `{op}` record of the journal lacks {error}.") from error


def _take_metric(batch: _Batch, body: dict[str, Any]) -> None:
    """Pack a value that no double holds as a reference to its place among those of this batch."""
    name, step, value = str(body["name"]), body.get("step"), body["value"]
    if step is not None and (isinstance(step, bool) or not isinstance(step, int) or not -(2**63) < step < 2**63):
        raise InvalidInput(f"step: {step!r} is no step of the metric `{name}`; give a whole number.", field="step")
    place = len(batch.others[name])
    batch.others[name].append(value)
    batch.points[name].append(POINT.pack(NO_STEP if step is None else step, _number(body, "time", 0.0), OTHER, place))


def _artifact(body: dict[str, Any]) -> dict[str, Any]:
    for name in ("filename", "path"):
        if not isinstance(body[name], str) or not body[name]:
            raise InvalidInput(f"{name}: {body[name]!r} does not name the file of an artifact.", field=name)
    if any(part in {"", ".", ".."} for part in body["path"].split("/")):
        raise InvalidInput(f"path: {body['path']!r} is no path below a job's directory.", field="path")
    facts = {name: body[name] for name, kind in _ARTIFACT_FACTS.items() if isinstance(body.get(name), kind)}
    return {**{name: body.get(name) for name in _ARTIFACT_FIELDS}, **facts}


def _join(chunks: list[bytes], known: int) -> bytes:
    """Return the packed points, references to other values counted from the `known` ones on."""
    packed = b"".join(chunks)
    if not known:
        return packed
    rows = (
        (step, time, kind, value + known if kind == OTHER else value)
        for step, time, kind, value in POINT.iter_unpack(packed)
    )
    return b"".join(POINT.pack(*row) for row in rows)


def _number(body: dict[str, Any], name: str, default: float) -> float:
    value = body.get(name, default)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= _LATEST:
        raise InvalidInput(f"{name}: {value!r} is no time in seconds since the epoch.", field=name)
    return float(value)
