"""Jobs: their life, and what they said besides metrics. Every change of state is one atomic script."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
from collections.abc import Iterable, Sequence
from itertools import chain, compress
from typing import Any

from atlas_core.errors import Conflict, Forbidden, InvalidTransition, JobNotFound, Unauthorized
from atlas_core.states import REOPENED, Cause, JobStatus, sources
from atlas_core.values import loads
from atlas_services.tracker import keys, scripts
from atlas_services.tracker.connection import Client, Pipeline
from atlas_services.tracker.job_record import JobRecord, read_record, stored_pairs
from atlas_services.tracker.job_views import JobView, JobViews, StoredView
from atlas_services.tracker.lease import Fenced
from atlas_services.tracker.projection import JobPart, Parts, Projection
from atlas_services.tracker.tags import Tags

#: The states in which a job may be deleted.
_DELETABLE = (JobStatus.COMPLETED, JobStatus.FAILED)


class Jobs:
    """Every job that the tracker knows."""

    def __init__(self, client: Client) -> None:
        self._redis = client
        self._create = client.register_script(scripts.CREATE)
        self._transition = client.register_script(scripts.TRANSITION)
        self._request_stop = client.register_script(scripts.REQUEST_STOP)
        self._find_active = client.register_script(scripts.FIND_ACTIVE)
        self._move = client.register_script(scripts.MOVE)
        self._update = client.register_script(scripts.UPDATE)
        self._tags = Tags(client)
        self._views = JobViews(client)
        self._parts = Parts(client)
        self._delete = client.register_script(scripts.DELETE)

    def create(
        self,
        job_id: str,
        project: str,
        status: JobStatus,
        time: float,
        token: str,
        *,
        pipe: Pipeline | None = None,
        **facts: Any,
    ) -> bool:
        """Add a job; a queued one joins the queue. Returns False, and changes nothing, if it exists already.

        `facts` are fields of `JobRecord`. Raises `Conflict` if a job of this id was deleted. As part of a transaction
        (`pipe`) it raises nothing, and what it returns says nothing.
        """
        spec = facts.get("spec") or {}
        known = {name: spec.get(name) for name in ("priority", "bundle_id")}
        fields = {**facts, **known, "token": token_hash(token)}
        args = [job_id, project, status.value, time, *stored_pairs(fields)]
        answer = self._create(keys=[keys.job(job_id)], args=args, client=pipe)
        if answer == -1:
            raise Conflict(f"Job `{job_id}` was deleted; its id cannot be used again.", job_id=job_id)
        return bool(answer)

    def transition(self, job_id: str, target: JobStatus, time: float, *, term: int | None = None, **facts: Any) -> None:
        """Bring the job into the state `target` and set `facts`, in one step.

        A job that returns to the queue loses what is known of its attempt. With `term`, it is the act of the scheduler
        that leads in that term. Raises `JobNotFound`, `InvalidTransition` if the state that the job is in does not lead
        there or if it was told to stop and would return to the queue, or `Fenced` if the term is over.
        """
        self.transition_from(job_id, sources(target), target, time, term=term, **facts)

    def transition_from(
        self,
        job_id: str,
        allowed: Iterable[JobStatus],
        target: JobStatus,
        time: float,
        *,
        reopen: bool = False,
        pipe: Pipeline | None = None,
        term: int | None = None,
        **facts: Any,
    ) -> None:
        """As `transition`, leaving one of the `allowed` states alone.

        With `reopen`, a job that was closed for its missing heartbeat may be left too. As part of a transaction
        (`pipe`) it raises nothing: a refusal changes nothing.
        """
        names = ",".join(status.value for status in allowed)
        args = [target.value, time, names, int(reopen and target in REOPENED), _term(term), *stored_pairs(facts)]
        answer = self._transition(keys=[keys.job(job_id)], args=args, client=pipe)
        if pipe is None:
            self._check(job_id, answer, f"cannot become {target.value}")

    def request_stop(self, job_id: str, cause: Cause, reason: str) -> JobStatus:
        """Note that the job is to stop, if it runs; from then on no other attempt follows. Returns the job's status.

        The first request counts. Raises `JobNotFound`.
        """
        status = self._request_stop(keys=[keys.job(job_id)], args=[cause.value, reason])
        if status is None:
            raise _missing(job_id)
        return JobStatus(status.decode())

    def move(self, job_id: str, project: str, time: float, pipe: Pipeline | None = None) -> None:
        """Move the job, with all that it logged, to another project. Raises `JobNotFound` outside a transaction."""
        if not self._move(keys=[keys.job(job_id)], args=[project, time], client=pipe) and pipe is None:
            raise _missing(job_id)

    def update(self, job_id: str, pipe: Pipeline | None = None, **facts: Any) -> None:
        """Set facts that are no state, such as `error`."""
        pairs = stored_pairs(facts)
        if pairs:
            self._update(keys=[keys.job(job_id)], args=pairs, client=pipe)

    def delete(self, job_id: str, time: float, pipe: Pipeline | None = None) -> None:
        """Remove an ended job and everything it logged; its id stays known as deleted.

        Raises `JobNotFound`, or `InvalidTransition` if the job has not ended. As part of a pipeline it raises nothing.
        """
        everything = [make(job_id) for make in _JOB_KEYS]
        allowed = ",".join(status.value for status in _DELETABLE)
        args = [allowed, time, keys.points_prefix(job_id), keys.values(job_id, "")]
        answer = self._delete(keys=everything, args=args, client=pipe)
        if pipe is None:
            self._check(job_id, answer, "cannot be deleted")

    def get(self, job_id: str) -> JobRecord:
        """Return the facts of a job. Raises `JobNotFound`."""
        fields = self._redis.hgetall(keys.job(job_id))
        if not fields:
            raise _missing(job_id)
        return read_record(fields)

    def view(self, job_id: str) -> JobView:
        """Return a job with what it logged. Raises `JobNotFound`."""
        views = self.views([job_id])
        if not views:
            raise _missing(job_id)
        return views[0]

    def facts(self, job_id: str) -> dict[str, Any]:
        """Return what the job told of how it ran: interpreter, machine, git, source."""
        return self.facts_of([job_id])[0]

    def facts_of(self, job_ids: Iterable[str]) -> list[dict[str, Any]]:
        """Return the same of several jobs, in one round trip."""
        pipe = self._redis.pipeline(transaction=False)
        for job_id in job_ids:
            pipe.hgetall(keys.facts(job_id))
        return [{name.decode(): loads(value) for name, value in sorted(stored.items())} for stored in pipe.execute()]

    def views(self, job_ids: Iterable[str]) -> list[JobView]:
        """Return the jobs that exist, with what they logged, many in each round trip."""
        return self._views.of(job_ids)

    def stored_views(self, job_ids: Iterable[str]) -> list[StoredView]:
        """Return the same without decoding what the jobs logged. None has `system_metrics`."""
        return self._views.stored(job_ids)

    def parts(self, job_ids: Iterable[str], projection: Projection) -> list[JobPart]:
        """Return what was asked for of the jobs that exist, in one round trip."""
        return self._parts.of_ids(job_ids, projection)

    def parts_of_rows(self, project: str, rows: Sequence[int], projection: Projection) -> list[JobPart]:
        """Return the same of the jobs in these rows of a project's index, without those that have gone."""
        return self._parts.of_rows(project, rows, projection)

    def records(self, job_ids: Iterable[str]) -> list[JobRecord]:
        """Return the facts of the jobs that exist, in one round trip."""
        pipe = self._redis.pipeline(transaction=False)
        for job_id in job_ids:
            pipe.hgetall(keys.job(job_id))
        return [read_record(fields) for fields in pipe.execute() if fields]

    def ids_of_project(self, project: str) -> list[str]:
        """Return the ids of a project's jobs, oldest first."""
        return _texts(self._redis.zrange(keys.project_jobs(project), 0, -1))

    def counts(self, projects: Iterable[str]) -> list[dict[JobStatus, int]]:
        """Return for each project how many of its jobs are in each state, in two round trips."""
        pipe = self._redis.pipeline(transaction=False)
        for status in JobStatus:
            pipe.zrange(keys.status_jobs(status), 0, -1)
        members = {status: set(ids) for status, ids in zip(JobStatus, pipe.execute(), strict=True)}
        for project in projects:
            pipe.zrange(keys.project_jobs(project), 0, -1)
        return [{status: len(members[status].intersection(ids)) for status in JobStatus} for ids in pipe.execute()]

    def ids_beginning(self, prefix: str) -> list[str]:
        """Return the ids that begin so, the newest job's first."""
        # A hundred thousand ids come in less than 0.1 s: people ask too seldom for an index, and ZSCAN takes longer.
        begin = prefix.encode()
        return [job_id.decode() for job_id in self._redis.zrevrange(keys.JOBS, 0, -1) if job_id.startswith(begin)]

    def children(self, job_id: str) -> list[str]:
        """Return the ids of the jobs that this one submitted, newest first."""
        return _texts(self._redis.zrevrange(keys.children(job_id), 0, -1))

    def ids_of_bundle(self, bundle_id: str) -> list[str]:
        """Return the ids of the jobs that run this code, newest first."""
        return _texts(self._redis.zrevrange(keys.bundle_jobs(bundle_id), 0, -1))

    def ids_in(self, status: JobStatus) -> list[str]:
        """Return the ids of the jobs in this state, the one that has been in it longest first."""
        return _texts(self._redis.zrange(keys.status_jobs(status), 0, -1))

    def ended_before(self, time: float) -> list[str]:
        """Return the ids of the jobs that ended before a time, the one that ended first first."""
        pipe = self._redis.pipeline(transaction=False)
        for status in _DELETABLE:
            pipe.zrangebyscore(keys.status_jobs(status), "-inf", f"({time}", withscores=True)
        found = sorted(chain(*pipe.execute()), key=lambda member: member[1])
        return [job_id.decode() for job_id, _ in found]

    def exists(self, job_id: str) -> bool:
        """Whether there is such a job."""
        return bool(self._redis.exists(keys.job(job_id)))

    def deleted(self, job_ids: Sequence[str]) -> list[str]:
        """Return those of which there was such a job, and it was deleted, within the last year; in one round trip."""
        pipe = self._redis.pipeline(transaction=False)
        for job_id in job_ids:
            pipe.zscore(keys.DELETED, job_id)
        known = compress(job_ids, (time is not None for time in pipe.execute()))
        return [job_id for job_id in known if not self.exists(job_id)]

    def active(self) -> list[JobRecord]:
        """Return the jobs of the scheduler that hold a slot, the one that has been in its state longest first."""
        pipe = self._redis.pipeline(transaction=False)
        pipe.exists(keys.ACTIVE_WHOLE)
        pipe.zrange(keys.ACTIVE, 0, -1)
        is_whole, ids = pipe.execute()
        records = self.records(_texts(ids if is_whole else self._find_active()))
        return [record for record in records if record.status in _ACTIVE]

    def silent_since(self, time: float) -> list[str]:
        """Return the running jobs of execution mode that gave no sign of life since `time`."""
        return _texts(self._redis.zrangebyscore(keys.HEARTBEATS, "-inf", f"({time}"))

    def oldest_sign_of_life(self) -> float | None:
        """Return when the running job of execution mode that is silent for longest was last heard; None without any."""
        oldest = self._redis.zrange(keys.HEARTBEATS, 0, 0, withscores=True)
        return float(oldest[0][1]) if oldest else None

    def set_tag(self, job_id: str, key: str, value: str) -> None:
        """Set a tag. Raises `JobNotFound`."""
        self._tags.change(job_id, {key: value})

    def remove_tag(self, job_id: str, key: str) -> None:
        """Remove a tag, if the job is there and has it."""
        with contextlib.suppress(JobNotFound):
            self._tags.change(job_id, {}, [key])

    def check_token(self, job_id: str, token: str | None) -> None:
        """Raise `Unauthorized` without a token, `Forbidden` with a wrong one, `JobNotFound` without such a job."""
        stored = self._redis.hget(keys.job(job_id), "token")
        if stored is None:
            raise _missing(job_id)
        if not token:
            raise Unauthorized(f"Job `{job_id}`: the request carries no token of this job.", job_id=job_id)
        if not hmac.compare_digest(stored, token_hash(token).encode()):
            raise Forbidden(f"Job `{job_id}`: the token belongs to another job.", job_id=job_id)

    def _check(self, job_id: str, answer: bytes | None, wish: str) -> None:
        if answer is None:
            raise _missing(job_id)
        if answer == b"fenced":
            raise Fenced
        if answer:
            current = answer.decode()
            raise InvalidTransition(f"Job `{job_id}` is {current} and {wish}.", job_id=job_id, current=current)


def token_hash(token: str) -> str:
    """Return what is stored of a job's token: enough to recognise it, nothing to use."""
    return hashlib.sha256(token.encode()).hexdigest()


_ACTIVE = (JobStatus.PENDING, JobStatus.RUNNING)
#: Everything of a job but its series; in the order that the script expects.
_JOB_KEYS = (keys.job, keys.metrics, keys.params, keys.tags, keys.artifacts, keys.journals, keys.facts, keys.children)


def _term(term: int | None) -> str:
    return "" if term is None else str(term)


def _missing(job_id: str) -> JobNotFound:
    return JobNotFound(f"Job `{job_id}` does not exist.", job_id=job_id)


def _texts(items: Iterable[bytes]) -> list[str]:
    return [item.decode() for item in items]
