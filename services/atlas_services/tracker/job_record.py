"""The facts of one job, and how they are stored: the fields of a hash, each a text or JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from atlas_core.states import Cause, JobStatus
from atlas_core.values import dumps, loads

#: Fields of a job that are stored as JSON; the others are text.
_JSON_FIELDS = frozenset({"spec", "error", "exit_code", "facts", "attempt"})
_TIMES = frozenset({"creation_time", "start_time", "completed_time", "not_before"})
_TEXTS = frozenset(
    {"job_id", "project", "user", "mode", "cause_detail", "gpu_ids", "owner", "stop_reason", "parent", "bundle_id"}
)
_CAUSES = frozenset({"cause", "stop_cause"})
#: How each field of a job is read; the others are no facts.
_READERS: dict[bytes, tuple[str, Callable[[bytes], Any]]] = {
    name.encode(): (name, decode)
    for names, decode in (
        (_TEXTS, bytes.decode),
        (_TIMES, float),
        (_JSON_FIELDS, loads),
        ({"status"}, lambda value: JobStatus(value.decode())),
        (_CAUSES, lambda value: Cause(value.decode())),
    )
    for name in names
}


@dataclass(frozen=True)
class JobRecord:
    """The facts of one job. Times are seconds since the epoch; `mode` is `scheduled` or `execution`.

    `owner` is `uid:gid` of who submitted it, where the client said so. `attempt` counts from 1; a job that waits for
    another attempt does not begin before `not_before`. `parent` is the job that submitted it, as its client said;
    `bundle_id` names its code, where that is known. `stop_cause` and `stop_reason` say why a running job was told to
    stop.
    """

    job_id: str
    project: str
    status: JobStatus
    creation_time: float
    mode: str = "scheduled"
    user: str | None = None
    owner: str | None = None
    start_time: float | None = None
    completed_time: float | None = None
    cause: Cause | None = None
    cause_detail: str | None = None
    exit_code: int | None = None
    gpu_ids: str | None = None
    spec: Mapping[str, Any] = field(default_factory=dict)
    error: Mapping[str, Any] | None = None
    facts: Mapping[str, Any] | None = None
    attempt: int = 1
    not_before: float | None = None
    stop_cause: Cause | None = None
    stop_reason: str | None = None
    parent: str | None = None
    bundle_id: str | None = None


def read_record(fields: Mapping[bytes, bytes]) -> JobRecord:
    """Return the facts that the fields of a stored job hold."""
    read = ((_READERS[name], value) for name, value in fields.items() if name in _READERS)
    return JobRecord(**{name: decode(value) for (name, decode), value in read})


def stored_pairs(facts: Mapping[str, Any]) -> list[str]:
    """Return facts as they are stored, name and value after each other; those that are None are left out."""
    known = ((name, value) for name, value in facts.items() if value is not None)
    return [word for name, value in known for word in (name, dumps(value) if name in _JSON_FIELDS else _text(value))]


def _text(value: Any) -> str:
    return str(value.value) if isinstance(value, (Cause, JobStatus)) else str(value)
