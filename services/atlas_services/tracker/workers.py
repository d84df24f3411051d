"""The workers: how many jobs run at a time, each under a number of its own, as people have changed it."""

from __future__ import annotations

from atlas_services.tracker import keys
from atlas_services.tracker.connection import Client, Pipeline


class Workers:
    """The numbers of the workers. `configured` is how many the settings ask for.

    What people changed counts, over restarts too, until the settings ask for another number than at that time.
    """

    def __init__(self, client: Client) -> None:
        self._redis = client

    def ids(self, configured: int) -> list[int]:
        """Return the numbers of all workers, in order."""
        return _numbers(self._redis.get(keys.WORKERS), configured)

    def add(self, configured: int) -> int:
        """Add a worker; returns its number, one more than the largest."""

        def change(pipe: Pipeline) -> int:
            present = _numbers(pipe.get(keys.WORKERS), configured)
            worker = max(present, default=-1) + 1
            _write(pipe, configured, [*present, worker])
            return worker

        return int(self._redis.transaction(change, keys.WORKERS, value_from_callable=True))

    def remove(self, worker: int, configured: int) -> int | None:
        """Remove a worker; returns which place it had among all, or None when there is no such worker."""

        def change(pipe: Pipeline) -> int | None:
            present = _numbers(pipe.get(keys.WORKERS), configured)
            if worker not in present:
                return None
            _write(pipe, configured, [other for other in present if other != worker])
            return present.index(worker)

        place = self._redis.transaction(change, keys.WORKERS, value_from_callable=True)
        return None if place is None else int(place)


def _numbers(stored: bytes | None, configured: int) -> list[int]:
    """Return the workers in what is stored: the number that was configured at that time, and theirs."""
    words = [int(word) for word in (stored or b"").split()]
    return words[1:] if words[:1] == [configured] else list(range(configured))


def _write(pipe: Pipeline, configured: int, workers: list[int]) -> None:
    pipe.multi()
    pipe.set(keys.WORKERS, " ".join(map(str, [configured, *workers])))
    fields = {"kind": "workers.changed", "job_id": "", "project": "", "status": ""}
    pipe.xadd(keys.EVENTS, fields, maxlen=keys.EVENTS_KEPT, approximate=True)
