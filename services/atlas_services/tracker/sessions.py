"""Who is logged in by a browser. A session is found by the hash of its cookie; what it holds its maker knows."""

from __future__ import annotations

from atlas_services.tracker import keys
from atlas_services.tracker.connection import Client

#: Sessions of one user; with another one, the oldest ends.
MOST_OF_A_USER = 20


class Sessions:
    """Every session. Each ends by itself after its time."""

    def __init__(self, client: Client) -> None:
        self._redis = client

    def begin(self, name: str, subject: str, content: str, now: float, seconds: int) -> None:
        """Keep a session of a user."""
        everyone = keys.user_sessions(subject)
        with self._redis.pipeline() as pipe:
            pipe.set(keys.session(name), content, ex=seconds)
            pipe.zremrangebyscore(everyone, "-inf", now)
            pipe.zadd(everyone, {name: now + seconds})
            pipe.expire(everyone, seconds)
            pipe.zrange(everyone, 0, -MOST_OF_A_USER - 1)
            surplus = pipe.execute()[-1]
        for old in surplus:
            self.end(old.decode(), subject)

    def read(self, name: str) -> str | None:
        """Return what a session holds; None when there is none."""
        found = self._redis.get(keys.session(name))
        return None if found is None else str(found.decode())

    def change(self, name: str, content: str) -> None:
        """Replace what a session holds, if it is still there."""
        self._redis.set(keys.session(name), content, xx=True, keepttl=True)

    def end(self, name: str, subject: str) -> None:
        """End a session."""
        with self._redis.pipeline() as pipe:
            pipe.delete(keys.session(name))
            pipe.zrem(keys.user_sessions(subject), name)
            pipe.execute()

    def keys_of_issuer(self) -> str | None:
        """Return the issuer's public keys as they were last seen."""
        found = self._redis.get(keys.ISSUER_KEYS)
        return None if found is None else str(found.decode())

    def remember_keys_of_issuer(self, text: str) -> None:
        """Keep the issuer's public keys."""
        self._redis.set(keys.ISSUER_KEYS, text)
