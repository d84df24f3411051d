"""Keys that belong to no job, or to no metric of one: what a write left behind that was refused half-way."""

from __future__ import annotations

from collections.abc import Iterator

from atlas_services.tracker import keys
from atlas_services.tracker.chunks import CHUNK
from atlas_services.tracker.connection import Client

_BEFORE_ID, _, _BEHIND_ID = keys.job("|").partition("|")
#: Keys that are looked at in one go.
_BATCH = 1000

#: Whether nobody needs a key. What a running job logs is not counted yet, so that all of its keys stay.
_UNNEEDED = (
    (
        """
local function series_of(rest)
  local name = string.match(rest, '^:values:(.*)$') or string.match(rest, '^:chunks:(.*)$')
  if name then return name end
  local kind, number, text = string.match(rest, '^:(%a+):(%d+):(.*)$')
  if kind == 'points' or kind == 'envelope' then return text end
  if kind == 'open' then return text, tonumber(number) end
end
local function unneeded(key)
  local from, to = string.find(key, '{behind_id}', 1, true)
  if not from then return false end
  local job = string.sub(key, 1, to)
  local status = redis.call('HGET', job, 'status')
  if not status then return true end
  local name, chunk = series_of(string.sub(key, to + 1))
  if not name or (status ~= 'completed' and status ~= 'failed') then return false end
  local summary = redis.call('HGET', job .. ':metrics', name)
  if not summary then return true end
  return chunk and chunk ~= math.floor((string.match(summary, '"count": ?(%d+)') or 0) / {points_of_chunk})
end
"""
    )
    .replace("{points_of_chunk}", str(CHUNK))
    .replace("{behind_id}", _BEHIND_ID)
)
#: ARGV: keys. Read-only. Returns those that nobody needs.
_FIND = (
    _UNNEEDED
    + """
local found = {}
for _, key in ipairs(ARGV) do
  if unneeded(key) then found[#found + 1] = key end
end
return found
"""
)
#: KEYS: the key. Removes it unless it is needed by now; returns whether it did.
_REMOVE = (
    _UNNEEDED
    + """
if unneeded(KEYS[1]) then return redis.call('UNLINK', KEYS[1]) end
return 0
"""
)


class LeftKeys:
    """Keys of jobs that are left over. To look reads the names of all keys: once in a while is enough."""

    def __init__(self, client: Client) -> None:
        self._redis = client
        self._find = client.register_script(_FIND)
        self._remove = client.register_script(_REMOVE)

    def find(self) -> Iterator[tuple[str, int]]:
        """Yield each key that is left over, and its bytes."""
        cursor = None
        while cursor != 0:
            cursor, page = self._redis.scan(cursor or 0, f"{_BEFORE_ID}*", _BATCH)
            for key in self._find(args=page) if page else ():
                yield key.decode(), int(self._redis.memory_usage(key) or 0)

    def remove(self, key: str) -> bool:
        """Remove such a key; False if it is needed by now."""
        return bool(self._remove(keys=[key]))
