"""Who has logged in, and what the issuer said of them last: tokens that they made may do no more than that."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from atlas_services.tracker import keys
from atlas_services.tracker.connection import Client

#: Writes what is known of somebody, unless what is known already is newer.
_NOTE = """
local known = redis.call('HGET', KEYS[1], ARGV[1])
if not known or cjson.decode(known).said <= tonumber(ARGV[2]) then
    redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
end
"""


@dataclass(frozen=True)
class Person:
    """Somebody, as the issuer described them at the time `said`. `role` is None for who has none any more."""

    user: str
    role: str | None
    projects: list[str] | None
    said: float


class People:
    """Everybody who ever logged in, by subject."""

    def __init__(self, client: Client) -> None:
        self._redis = client
        self._note = client.register_script(_NOTE)

    def note(self, subject: str, person: Person) -> None:
        """Keep what was said of somebody. What is older than what is known is left out."""
        self._note(keys=[keys.PEOPLE], args=[subject, repr(person.said), json.dumps(asdict(person))])

    def get(self, subject: str) -> Person | None:
        """Return what was last said of somebody; None for who never logged in."""
        found = self._redis.hget(keys.PEOPLE, subject)
        return None if found is None else Person(**json.loads(found))
