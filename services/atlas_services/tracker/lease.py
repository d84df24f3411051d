"""The lease that says which scheduler leads, and the term in which it does.

Each new leader begins a new term. Whatever a leader writes carries its term, and the scripts refuse the writes of a
term that is over: a leader that was paused, or could not reach Redis, cannot act once another has begun.
"""

from __future__ import annotations

from atlas_services.tracker import keys, scripts
from atlas_services.tracker.connection import Client, Pipeline


class Fenced(Exception):
    """Raised when a leader whose term is over acts."""

    def __init__(self) -> None:
        super().__init__("Another scheduler leads.")


class Lease:
    """Held by one scheduler at a time, and only as long as it renews it."""

    def __init__(self, client: Client) -> None:
        self._redis = client
        self._take = client.register_script(scripts.LEASE_TAKE)
        self._renew = client.register_script(scripts.LEASE_RENEW)
        self._release = client.register_script(scripts.LEASE_RELEASE)

    def holder(self) -> str | None:
        """Return who leads, None when nobody does."""
        holder = self._redis.get(keys.LEASE)
        return None if holder is None else str(holder.decode())

    def take(self, holder: str, seconds: float, dead: str = "") -> tuple[int | None, float]:
        """Take the lease if nobody has it, or if it is that of `dead`, a holder that is known to be no more.

        Returns the new term and 0, or None and how many seconds the lease of another holds yet.
        """
        term, left = self._take(args=[holder, _milliseconds(seconds), dead])
        return (int(term) or None), int(left) / 1000

    def renew(self, term: int, holder: str, seconds: float) -> bool:
        """Hold the lease for so many seconds from now; False when the term is over."""
        return bool(self._renew(args=[term, holder, _milliseconds(seconds)]))

    def guard(self, pipe: Pipeline, term: int) -> None:
        """Have a transaction that is about to be written fail when the term ends first. Raises `Fenced` if it has."""
        pipe.watch(keys.TERM)
        if int(pipe.get(keys.TERM) or 0) != term:
            raise Fenced

    def release(self, term: int) -> None:
        """Give the lease back, unless the term is over."""
        self._release(args=[term])


def _milliseconds(seconds: float) -> int:
    return max(1, int(seconds * 1000))
