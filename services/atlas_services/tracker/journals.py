"""Applying journals: what a job logged takes effect exactly once, however often it is sent.

A batch is applied in one transaction together with the position up to which its journal is then applied. If anything
else touched the job meanwhile the transaction is refused and worked out again from the new state.

Redis takes nothing back when it refuses a command in the midst of a transaction (a text that grows too long, say). So
everything that a batch logs is written by one script, which ends at the first refusal, in this order:

1. points, their envelopes and values, each at a place that follows from the summaries as they are before: nobody sees
   them yet, and who applies a batch next writes over them;
2. parameters, tags and artifacts, and the index: to write them again changes nothing;
3. the summaries, which make the points part of their series; then go texts of points that lie elsewhere by now, and
   last the position is written.

A refusal therefore raises, leaves the position where it was, and the same batch sent again is applied once. Only
between the fields of step 3 could one do harm; they are small, and memory is not checked again once a script has
written. What a batch says about the job's life follows in the same transaction, refused or not: said
twice it is the same.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import redis

from atlas_core.errors import (
    InvalidTransition,
    JobNotFound,
    JournalGap,
    ProjectNotFound,
    ServerUnreachable,
    Unauthorized,
)
from atlas_core.ids import check_project_name
from atlas_core.records import Operation, read_frames
from atlas_core.states import Cause, JobStatus
from atlas_services.identity import ANYBODY, Identity
from atlas_services.tracker import keys, scripts
from atlas_services.tracker.batch import Batch, number_of, read_batch
from atlas_services.tracker.batch_commands import batch_commands
from atlas_services.tracker.connection import Client, Pipeline
from atlas_services.tracker.events import publish_logged
from atlas_services.tracker.job_record import JobRecord
from atlas_services.tracker.jobs import Jobs
from atlas_services.tracker.sealed import Seals

_log = logging.getLogger("atlas.tracker")

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
        time = number_of(body, "time", now)
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
        batch = read_batch(data, applied - offset)
        row, file = pipe.hmget(keys.job(job_id), keys.ROW, keys.SEALED)
        if batch.points and file is not None:
            raise _IsSealed
        commands = [
            *batch_commands(pipe, job_id, batch, (record.project, row)),
            ("HSET", keys.journals(job_id), writer, end),
        ]
        pipe.multi()
        words = [word for command in commands for word in (len(command), *command)]
        written = sorted({str(command[1]) for command in commands if command[0] != "INDEX"})
        self._write(keys=written, args=words, client=pipe)
        publish_logged(pipe, job_id, record.project, record.status.value)  # first: an end follows what was logged
        if delivery.by_job:
            self._live(pipe, record, batch, delivery)
            pipe.zadd(keys.HEARTBEATS, {job_id: delivery.now}, xx=True)
        pipe.execute()
        return end

    def _live(self, pipe: Pipeline, record: JobRecord, batch: Batch, delivery: _Delivery) -> None:
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

    def _live_by_itself(self, pipe: Pipeline, record: JobRecord, batch: Batch, now: float) -> None:
        """The life of a job of execution mode is what its journal says; a scheduled job's is the scheduler's."""
        if batch.end is None:
            if record.cause is Cause.LOST_HEARTBEAT:
                self._jobs.transition_from(record.job_id, (), JobStatus.RUNNING, now, reopen=True, pipe=pipe)
            return
        time = number_of(batch.end, "time", now)
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
