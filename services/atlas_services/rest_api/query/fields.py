"""What jobs can be asked for by name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from atlas_services.rest_api.query.tokens import Path
from atlas_services.tracker.index import STATISTICS

TEXTS = ("job_id", "project", "status", "user", "cause", "mode")
TIMES = ("creation_time", "start_time", "completed_time")
ATTRIBUTES = (*TEXTS, *TIMES, "duration")
#: The beginning of a name -> its kind in the index.
GROUPS = {"params": "p", "parameters": "p", "metrics": "m", "tags": "t"}
_WORDS = {"p": "params", "m": "metrics", "t": "tags"}
#: How much of 1 a misspelt name of a field must be like the one that was meant.
LIKENESS = 0.5


@dataclass(frozen=True)
class Field:
    """A field: `kind` is `a` for an attribute, `p`, `m` or `t`. Of a metric it is one statistic."""

    kind: str
    name: str
    statistic: str = ""
    #: Where the query names it.
    position: int = field(default=0, compare=False)

    @property
    def column(self) -> str:
        """The name of its column in the index; "" for what the index has no column of."""
        if self.kind == "a":
            return "" if self.name in {"job_id", "project", "duration"} else f"a:{self.name}"
        return f"{self.statistic}:m:{self.name}" if self.kind == "m" else f"{self.kind}:{self.name}"

    def __str__(self) -> str:
        return self.name if self.kind == "a" else f"{_WORDS[self.kind]}.{self.name}"


def find_field(path: Path, position: int) -> Field | None:
    """Return the field that a dotted name means, None if it means none.

    Without a statistic, a metric's last value is meant.
    """
    first, *rest = path.segments
    if not rest:
        return Field("a", first, "", position) if first in ATTRIBUTES else None
    kind = GROUPS.get(first)
    if kind is None:
        return None
    if kind == "m" and len(rest) > 1 and path.bare in STATISTICS:
        return Field(kind, ".".join(rest[:-1]), path.bare, position)
    return Field(kind, ".".join(rest), "last" if kind == "m" else "", position)


def known_names(columns: Iterable[str]) -> list[str]:
    """Return what can be written for the columns of an index, attributes included."""
    names = [f"{_WORDS[name[0]]}.{name[2:]}" for name in columns if name[0] in _WORDS]
    return [*ATTRIBUTES, *names]
