"""What happened, as it happens: readers wait for it instead of asking again and again."""

from __future__ import annotations

from dataclasses import dataclass

from atlas_services.tracker import keys
from atlas_services.tracker.connection import Client, Pipeline

#: The largest answer of one `wait`.
_BATCH = 500


@dataclass(frozen=True)
class Event:
    """Something that happened to a job. `kind` is `job.created`, `job.running`, `job.logged`, `job.deleted`, ..."""

    id: str
    kind: str
    job_id: str
    project: str
    status: str


class Events:
    """The stream of events."""

    def __init__(self, client: Client) -> None:
        self._redis = client

    def last_id(self) -> str:
        """Return the id of the newest event: what comes after it has not happened yet."""
        newest = self._redis.xrevrange(keys.EVENTS, count=1)
        return str(newest[0][0].decode()) if newest else "0-0"

    def id_of(self, ago: int) -> str:
        """Return the id behind which what happened within so many seconds comes, by the tracker's own clock."""
        seconds, microseconds = self._redis.time()
        return f"{(seconds - ago) * 1000 + microseconds // 1000}-0"

    def wait(self, after: str, timeout: float) -> list[Event]:
        """Return the events after the one with id `after`, waiting up to `timeout` seconds for the first."""
        answer = self._redis.xread({keys.EVENTS: after}, count=_BATCH, block=max(1, int(timeout * 1000)))
        return [_event(event_id, fields) for _, entries in answer or [] for event_id, fields in entries]


def publish_logged(pipe: Pipeline, job_id: str, project: str, status: str) -> None:
    """Add to a transaction that the job has logged something."""
    fields = {"kind": "job.logged", "job_id": job_id, "project": project, "status": status}
    pipe.xadd(keys.EVENTS, fields, maxlen=keys.EVENTS_KEPT, approximate=True)


def _event(event_id: bytes, fields: dict[bytes, bytes]) -> Event:
    text = {name.decode(): value.decode() for name, value in fields.items()}
    return Event(
        event_id.decode(), text["kind"], text.get("job_id", ""), text.get("project", ""), text.get("status", "")
    )
