"""Series that are in the archive: of an ended job, the tracker keeps the summaries and says where its points are.

A job is sealed when the field `sealed` of its hash names its file in the archive. All series are in that file then;
those of a few points stay in Redis as well, where they take no more room than their summaries.

Who seals writes the file first, and then takes the points out of Redis in one step, which fails if anything was logged
meanwhile. Whoever finds fewer points in Redis than the summary counts reads the file. Points that come late bring the
whole job back into Redis before they are applied.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import redis

from atlas_core.errors import ServerError
from atlas_core.records import POINT
from atlas_core.states import JobStatus
from atlas_services.tracker import keys, ordered, scripts
from atlas_services.tracker.chunks import CHUNK, StoredPoints, appended, older_keys
from atlas_services.tracker.connection import Client, Pipeline
from atlas_services.tracker.envelopes import ENTRY, LEVELS, size_of
from atlas_services.tracker.series import SHORT
from atlas_services.tracker.sources import SealedFiles

#: Jobs that are looked at in one go.
_BATCH = 1000
#: Points of a series that are moved in one go: a whole number of chunks.
_PIECE = 256 * CHUNK


@dataclass(frozen=True)
class StoredJob:
    """The series of a job that is being sealed, read piece by piece while nothing changes."""

    job_id: str
    project: str
    counts: Mapping[str, int]
    _redis: Client

    def points(self, name: str) -> Iterator[bytes]:
        """Yield the packed points of a series. Raises `ServerError` if some are missing."""
        count = self.counts[name]
        for start in range(0, count, _PIECE):
            stop = min(count, start + _PIECE)
            packed = StoredPoints(self.job_id, name, count).read(self._redis, start, stop)
            if len(packed) < (stop - start) * POINT.size:
                raise ServerError(f"Job `{self.job_id}`: the metric `{name}` lacks points.", job_id=self.job_id)
            yield packed

    def blocks(self, name: str, level: int) -> bytes:
        """Return the packed blocks of a level of its envelope, as far as there are any."""
        size = self.counts[name] // size_of(level) * ENTRY
        return bytes(self._redis.getrange(keys.envelope(self.job_id, level, name), 0, size - 1)) if size else b""

    def others(self, name: str) -> list[bytes]:
        """Return the JSON values that no double holds."""
        return list(self._redis.lrange(keys.values(self.job_id, name), 0, -1))


#: Writes the files of a job and returns the name of the one to read from.
Write = Callable[[StoredJob], str]


class Seals:
    """Which ended jobs are sealed, and the step by which they become so, or not any more."""

    def __init__(self, client: Client, files: SealedFiles) -> None:
        self._redis = client
        self._files = files
        self._take_turn = client.register_script(scripts.TAKE_TURN)

    def due(self, before: float) -> list[str]:
        """Return jobs that ended, or got late points, before a time and are not sealed, the longest ago first."""
        if not self._redis.exists(keys.UNSEALED_WHOLE):
            self._find_unsealed()
        found = self._redis.zrangebyscore(keys.UNSEALED, "-inf", f"({before}", start=0, num=_BATCH)
        return [job_id.decode() for job_id in found]

    def is_waiting(self, job_id: str) -> bool:
        """Whether the job has ended and is to be sealed yet."""
        return self._redis.zscore(keys.UNSEALED, job_id) is not None

    def file(self, job_id: str) -> str | None:
        """Return the file in which the job's series are; None unless it is sealed."""
        file = self._redis.hget(keys.job(job_id), keys.SEALED)
        return None if file is None else str(file.decode())

    def seal(self, job_id: str, write: Write) -> str | None:
        """Have the job's series written and take them out of Redis; returns the file, None if nothing was to be sealed.

        When the job changes meanwhile, it stays as it is and is due again.
        """
        with self._redis.pipeline() as pipe:
            try:
                return self._seal(pipe, job_id, write)
            except redis.exceptions.WatchError:
                return None

    def open(self, job_id: str, now: float) -> None:
        """Bring the series of a sealed job back into Redis; it is due to be sealed again from `now` on."""

        def step(pipe: Pipeline) -> None:
            file = pipe.hget(keys.job(job_id), keys.SEALED)
            counts = _counts(pipe, job_id)
            pipe.multi()
            if file is None:
                return
            for name, count in counts.items():
                self._bring_back(pipe, job_id, file.decode(), (name, count))
            pipe.hdel(keys.job(job_id), keys.SEALED)
            pipe.zadd(keys.UNSEALED, {job_id: now})

        self._redis.transaction(step, keys.job(job_id), keys.metrics(job_id))

    def postpone(self, job_id: str, time: float) -> None:
        """Have a job that cannot be sealed now be due as if it had ended at a later time."""
        self._redis.zadd(keys.UNSEALED, {job_id: time}, xx=True)

    def take_turn(self, holder: str, seconds: float) -> bool:
        """Whether it is this one's turn to seal jobs, for so many seconds from now: one does it at a time."""
        return bool(self._take_turn(keys=[keys.SEALER], args=[holder, max(1, int(seconds * 1000))]))

    def end_turn(self, holder: str) -> None:
        """Let others seal jobs."""
        if self.take_turn(holder, 1.0):
            self._redis.delete(keys.SEALER)

    def _seal(self, pipe: Pipeline, job_id: str, write: Write) -> str | None:
        pipe.watch(keys.job(job_id), keys.metrics(job_id))
        status, project, file = pipe.hmget(keys.job(job_id), "status", "project", keys.SEALED)
        counts = _counts(pipe, job_id)
        ended = status is not None and JobStatus(status.decode()).is_finished
        made = None
        if ended and counts and file is None:
            made = write(StoredJob(job_id, project.decode(), counts, pipe))
        pipe.multi()
        if made is not None:
            pipe.hset(keys.job(job_id), keys.SEALED, made)
            for name, count in counts.items():
                self._take_out(pipe, job_id, name, count)
        pipe.zrem(keys.UNSEALED, job_id)
        pipe.execute()
        return made

    def _take_out(self, pipe: Pipeline, job_id: str, name: str, count: int) -> None:
        if count <= SHORT:
            return
        pipe.unlink(
            *older_keys(job_id, name, count),
            StoredPoints(job_id, name, count).text,
            keys.chunks(job_id, name),
            *(keys.envelope(job_id, level, name) for level in LEVELS),
            keys.values(job_id, name),
        )

    def _bring_back(self, pipe: Pipeline, job_id: str, file: str, series: tuple[str, int]) -> None:
        name, count = series
        for start in range(0, count, _PIECE):
            packed = self._files.points(job_id, file, name, start, min(count, start + _PIECE))
            for command in appended(StoredPoints(job_id, name, start), None, b"", packed):
                pipe.execute_command(*command)
        for level in LEVELS:
            blocks = self._files.blocks(job_id, file, name, level, 0, count // size_of(level))
            if blocks:
                pipe.set(keys.envelope(job_id, level, name), blocks)
        others = self._files.others(job_id, file, name)
        pipe.delete(keys.values(job_id, name))
        for start in range(0, len(others), _BATCH):
            pipe.rpush(keys.values(job_id, name), *others[start : start + _BATCH])

    def _find_unsealed(self) -> None:
        """Find the jobs that ended before there was sealing."""
        for status in (JobStatus.COMPLETED, JobStatus.FAILED):
            for job_id, time in self._redis.zscan_iter(keys.status_jobs(status)):
                if not self._redis.hexists(keys.job(job_id.decode()), keys.SEALED):
                    self._redis.zadd(keys.UNSEALED, {job_id: time}, nx=True)
        self._redis.set(keys.UNSEALED_WHOLE, 1)


def _counts(pipe: Pipeline, job_id: str) -> dict[str, int]:
    stored = pipe.hgetall(keys.metrics(job_id))
    return {name: int(summary["count"]) for name, summary in ordered.in_order(stored).items()}
