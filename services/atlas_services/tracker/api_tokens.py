"""Tokens that users make for programs. Of each the hash is stored: enough to recognise it, nothing to use."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from atlas_core.errors import Conflict, NotFound
from atlas_services.tracker import keys
from atlas_services.tracker.connection import Client

#: Tokens that one user may have at a time.
MOST_OF_A_USER = 50


@dataclass(frozen=True)
class ApiToken:
    """One token. `role` is the most that it may do, `projects` those that it may see (None: all)."""

    token_id: str
    name: str
    user: str
    subject: str
    role: str
    projects: list[str] | None
    created: float
    expires: float
    digest: str


class ApiTokens:
    """Every token that holds."""

    def __init__(self, client: Client) -> None:
        self._redis = client

    def add(self, token: ApiToken, now: float) -> None:
        """Keep a token. Raises `Conflict` when its user has too many."""
        if len(self.of(token.subject, now)) >= MOST_OF_A_USER:
            raise Conflict(f"You have {MOST_OF_A_USER} tokens already; revoke one that is not needed any more.")
        self._redis.hset(keys.API_TOKENS, token.token_id, json.dumps(asdict(token)))

    def get(self, token_id: str) -> ApiToken | None:
        """Return a token, expired or not; None when there is none of this id."""
        found = self._redis.hget(keys.API_TOKENS, token_id)
        return None if found is None else _read(json.loads(found))

    def of(self, subject: str | None, now: float) -> list[ApiToken]:
        """Return the tokens of a user (None: of all), oldest first. Those that have expired are removed."""
        tokens = [_read(json.loads(text)) for text in self._redis.hvals(keys.API_TOKENS)]
        expired = [token.token_id for token in tokens if token.expires <= now]
        if expired:
            self._forget(*expired)
        held = [token for token in tokens if token.expires > now and subject in (None, token.subject)]
        return sorted(held, key=lambda token: token.created)

    def note_use(self, token_id: str, now: float) -> None:
        """Note when a token was used."""
        self._redis.hset(keys.API_TOKENS_USED, token_id, now)

    def last_used(self) -> dict[str, float]:
        """Return when each token was last used, those that never were left out."""
        return {name.decode(): float(time) for name, time in self._redis.hgetall(keys.API_TOKENS_USED).items()}

    def revoke(self, token_id: str) -> None:
        """Remove a token. Raises `NotFound`."""
        if not self._forget(token_id):
            raise NotFound(f"There is no token `{token_id}`.", token_id=token_id)

    def _forget(self, *token_ids: str) -> int:
        with self._redis.pipeline() as pipe:
            pipe.hdel(keys.API_TOKENS, *token_ids)
            pipe.hdel(keys.API_TOKENS_USED, *token_ids)
            return int(pipe.execute()[0])


def digest_of(secret: str) -> str:
    """Return what is stored of a token's secret. It is long and random, so that a plain hash tells nothing of it."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _read(facts: Mapping[str, Any]) -> ApiToken:
    return ApiToken(**facts)
