"""The audit log: who changed what, when, and from where. Entries are added and never changed.

Each entry carries the hash of the one before it. Who changes or removes one breaks the chain; who cuts off its end, or
writes all of it anew, makes another end of it, which is why that should be noted elsewhere now and then.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from atlas_services.tracker import keys
from atlas_services.tracker.connection import Client, Pipeline

#: The hash before the first entry.
_BEGINNING = "0" * 64
#: Entries that are read at a time.
_PAGE = 1000


@dataclass(frozen=True)
class AuditEntry:
    """One request that was to change something. `job_id` is the job that asked in its user's name.

    Where the path does not say it, `changed` is how many jobs it changed, and `changed_ids` names the first of them.
    """

    time: float
    user: str
    subject: str
    address: str
    method: str
    path: str
    status: int
    request_id: str
    job_id: str | None = None
    changed: int | None = None
    changed_ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class Verdict:
    """Whether the chain is whole: how many entries are, and the first that is not, if one is not; the last hash."""

    entries: int
    broken_at: int | None
    head: str


class Audit:
    """The log."""

    def __init__(self, client: Client) -> None:
        self._redis = client

    def add(self, entry: AuditEntry) -> None:
        """Add an entry behind the last one."""

        def append(pipe: Pipeline) -> None:
            before = _hash_of(pipe.lindex(keys.AUDIT, -1))
            pipe.multi()
            pipe.rpush(keys.AUDIT, _chained(asdict(entry), before))

        self._redis.transaction(append, keys.AUDIT)

    def entries(self, last: int) -> list[dict[str, Any]]:
        """Return the last entries, oldest first. One that nobody can read is `{"unreadable": <its text>}`."""
        return [_shown(line) for line in self._redis.lrange(keys.AUDIT, -last, -1)]

    def verify(self) -> Verdict:
        """Return whether every entry is as it was written, behind the one that it was written behind."""
        before, count = _BEGINNING, 0
        for line in self._lines():
            if not _follows(line, before):
                return Verdict(count, count, before)
            before, count = _hash_of(line), count + 1
        return Verdict(count, None, before)

    def _lines(self) -> Iterator[bytes]:
        place = 0
        while page := self._redis.lrange(keys.AUDIT, place, place + _PAGE - 1):
            yield from page
            place += len(page)


def _chained(facts: dict[str, Any], before: str) -> str:
    content = {**facts, "before": before}
    return json.dumps({**content, "hash": _digest(content)})


def _digest(content: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _follows(line: bytes, before: str) -> bool:
    try:
        content = json.loads(line)
        claimed = content.pop("hash")
    except (ValueError, KeyError, AttributeError, TypeError):
        return False
    return bool(content.get("before") == before and claimed == _digest(content))


def _shown(line: bytes) -> dict[str, Any]:
    try:
        content = json.loads(line)
    except ValueError:
        content = None
    return content if isinstance(content, dict) else {"unreadable": line.decode(errors="replace")}


def _hash_of(line: bytes | None) -> str:
    """Return what the next entry refers to. One that is none breaks the chain, but must not keep the next one out."""
    if line is None:
        return _BEGINNING
    claimed = _shown(line).get("hash")
    return claimed if isinstance(claimed, str) else hashlib.sha256(line).hexdigest()
