"""The queue: which jobs wait, and in which order. Joining and leaving it is part of a job's transitions.

Larger priorities stand first, and among equal ones whoever came first, until somebody moves a job.
"""

from __future__ import annotations

from typing import Literal

from atlas_core.errors import NotFound
from atlas_services.tracker import keys, scripts
from atlas_services.tracker.connection import Client

#: Redis counts no further.
_LAST = 2**63 - 1


class Queue:
    """The ids of the waiting jobs, first to run first."""

    def __init__(self, client: Client) -> None:
        self._redis = client
        self._reposition = client.register_script(scripts.REPOSITION)

    def __len__(self) -> int:
        return int(self._redis.zcard(keys.QUEUE))

    def ids(self, start: int = 0, stop: int = -1) -> list[str]:
        """Return the ids at the positions `start` to `stop`, both included."""
        return [job_id.decode() for job_id in self._redis.zrange(keys.QUEUE, start, stop)]

    def at(self, position: int) -> str:
        """Return the id at a position. Raises `NotFound`."""
        found = self.ids(position, position) if 0 <= position <= _LAST else []
        if not found:
            raise NotFound(f"Bad queue position {position}", position=position)
        return found[0]

    def position(self, job_id: str) -> int | None:
        """Return where a job stands, 0 is next; None when it does not wait."""
        place = self._redis.zrank(keys.QUEUE, job_id)
        return None if place is None else int(place)

    def moves(self) -> int:
        """Return how often a waiting job has moved to another project so far."""
        return int(self._redis.get(keys.QUEUE_MOVES) or 0)

    def joined(self) -> int:
        """Return a number that grows whenever a job joins the queue."""
        return int(self._redis.get(keys.QUEUE_TAIL) or 0)

    def reposition(self, job_id: str, position: int) -> None:
        """Move a waiting job so that it stands at `position`; beyond the end means last. Others change nothing."""
        self._reposition(keys=[keys.QUEUE], args=[job_id, "at", max(0, position)])

    def place(self, job_id: str, side: Literal["before", "after"], other: str) -> bool:
        """Move a waiting job so that it stands next to the other one; False when one of them does not wait."""
        return bool(self._reposition(keys=[keys.QUEUE], args=[job_id, side, other]) == 1)
