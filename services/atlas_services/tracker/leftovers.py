"""Keys that belong to no job, or to no metric of one: what a write left behind that was refused half-way."""

from __future__ import annotations

from collections.abc import Iterator

from atlas_services.tracker import keys
from atlas_services.tracker.connection import Client

_BEFORE_ID, _, _BEHIND_ID = keys.job("|").partition("|")
_SERIES = ("points:", "envelope:", "values:")

#: KEYS: the key, the job's hash, the hash of its metrics.  ARGV: the metric it is of, "" for none.
#: Removes the key unless it is needed by now; returns whether it did. What a running job logs is not counted yet.
_REMOVE = """
local status = redis.call('HGET', KEYS[2], 'status')
local ended = status == 'completed' or status == 'failed'
local unneeded = not status or (ended and ARGV[1] ~= '' and redis.call('HEXISTS', KEYS[3], ARGV[1]) == 0)
if unneeded then return redis.call('UNLINK', KEYS[1]) end
return 0
"""


class LeftKeys:
    """Keys of jobs that are left over. To look reads the names of all keys: once in a while is enough."""

    def __init__(self, client: Client) -> None:
        self._redis = client
        self._remove = client.register_script(_REMOVE)

    def find(self) -> Iterator[tuple[str, int]]:
        """Yield each key that is left over, and its bytes."""
        for key in self._redis.scan_iter(f"{_BEFORE_ID}*", count=1000):
            text = key.decode()
            job_id, name = _parts(text)
            if self._is_left(job_id, name):
                yield text, int(self._redis.memory_usage(key) or 0)

    def remove(self, key: str) -> bool:
        """Remove such a key; False if it is needed by now."""
        job_id, name = _parts(key)
        return bool(self._remove(keys=[key, keys.job(job_id), keys.metrics(job_id)], args=[name]))

    def _is_left(self, job_id: str, name: str) -> bool:
        status = self._redis.hget(keys.job(job_id), "status")
        if status is None or not name:
            return status is None
        return status in {b"completed", b"failed"} and not self._redis.hexists(keys.metrics(job_id), name)


def _parts(key: str) -> tuple[str, str]:
    """Return the job of a key, and the metric, if it is of one."""
    job_id, _, rest = key.removeprefix(_BEFORE_ID).partition(_BEHIND_ID)
    kind = next((kind for kind in _SERIES if rest.startswith(f":{kind}")), None)
    if kind is None:
        return job_id, ""
    name = rest.removeprefix(f":{kind}")
    return job_id, name if kind == "values:" else name.partition(":")[2]
