"""How often a failed job is tried again, and after which failures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from atlas_core.errors import InvalidSpec
from atlas_core.quantities import check_count
from atlas_core.states import Cause

#: A job is never tried more often than this many times after the first.
MOST = 100
#: What another attempt can mend. What a person decided, or what is wrong with the specification, it cannot.
RETRYABLE = frozenset(Cause) - {Cause.STOPPED_BY_USER, Cause.INVALID_SPEC, Cause.LOST_HEARTBEAT}


@dataclass(frozen=True)
class Retries:
    """Up to `limit` further attempts after a failure for one of `causes`."""

    limit: int = 0
    causes: frozenset[Cause] = RETRYABLE

    @classmethod
    def from_value(cls, value: object) -> Retries:
        """Return the checked policy: a number, or `{"limit": 3, "causes": ["oom", ...]}`. Raises `InvalidSpec`."""
        if value is None:
            return cls()
        if not isinstance(value, Mapping):
            return cls(limit=_check_limit(value))
        for name in value:
            if name not in ("limit", "causes"):
                raise InvalidSpec(f"retries.{name}: there is no such key; use limit and causes.", field="retries")
        causes = value.get("causes")
        return cls(_check_limit(value.get("limit", 1)), RETRYABLE if causes is None else _check_causes(causes))

    def to_value(self) -> Any:
        """Return the form that crosses the wire; None without any retry."""
        if not self.limit:
            return None
        return {"limit": self.limit, "causes": sorted(cause.value for cause in self.causes)}

    def allows(self, cause: Cause | None, attempt: int) -> bool:
        """Whether another attempt follows when the one with number `attempt` (the first is 1) failed for `cause`."""
        return cause in self.causes and attempt <= self.limit


def _check_limit(value: object) -> int:
    return check_count("retries", "number of retries", value, most=MOST)


def _check_causes(value: object) -> frozenset[Cause]:
    known = {cause.value: cause for cause in RETRYABLE}
    words = [value] if isinstance(value, str) else value
    if not isinstance(words, (list, tuple, set, frozenset)) or not words:
        raise InvalidSpec(f"retries.causes: expected a list of causes, but got {value!r}.", field="retries")
    for word in words:
        if word not in known:
            raise InvalidSpec(
                f"retries.causes: {word!r} cannot be retried; use some of {', '.join(sorted(known))}.", field="retries"
            )
    return frozenset(known[word] for word in words)
