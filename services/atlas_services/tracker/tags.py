"""Tags that people set and remove from outside, with the index and the event in the same step."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from atlas_core.errors import JobNotFound
from atlas_core.ids import is_job_id
from atlas_services.tracker import keys, ordered
from atlas_services.tracker.connection import Client, Pipeline
from atlas_services.tracker.events import publish_logged
from atlas_services.tracker.index import value_cells
from atlas_services.tracker.scripts import WRITE_IN_ORDER


class Tags:
    """The tags of every job, to change."""

    def __init__(self, client: Client) -> None:
        self._redis = client
        self._write = client.register_script(WRITE_IN_ORDER)

    def change(self, job_id: str, values: Mapping[str, Any], removed: Iterable[str] = ()) -> None:
        """Remove some tags, if they are there, and set others. Raises `JobNotFound`."""
        if not is_job_id(job_id):  # its key might be another's
            raise _missing(job_id)
        job, tags, gone = keys.job(job_id), keys.tags(job_id), list(removed)

        def step(pipe: Pipeline) -> None:
            project, status, row = pipe.hmget(job, "project", "status", keys.ROW)
            if project is None:
                raise _missing(job_id)
            stored = ordered.merge(pipe.hgetall(tags), values)
            commands: list[tuple[Any, ...]] = []
            if row is not None:
                cells = [*((f"t:{key}", "", "") for key in gone), *value_cells("t", values)]
                commands += [("INDEX", project, row, *cell) for cell in cells]
            commands += [("HDEL", tags, key) for key in gone]
            commands += [("HSET", tags, key, value) for key, value in stored.items()]
            pipe.multi()
            words = [word for command in commands for word in (len(command), *command)]
            self._write(keys=[tags], args=words, client=pipe)
            publish_logged(pipe, job_id, project.decode(), status.decode())

        self._redis.transaction(step, job, tags)


def _missing(job_id: str) -> JobNotFound:
    return JobNotFound(f"Job `{job_id}` does not exist.", job_id=job_id)
