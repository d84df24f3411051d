"""What a filter is once it is read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from atlas_services.rest_api.query.fields import Field


@dataclass(frozen=True)
class Comparison:
    """`field operator value`. It is false for a job that does not have the field, whatever the operator."""

    field: Field
    operator: str
    value: Any


@dataclass(frozen=True)
class Membership:
    """`field in [values]`."""

    field: Field
    values: tuple[Any, ...]


@dataclass(frozen=True)
class Exists:
    """Whether a job has the field."""

    field: Field


@dataclass(frozen=True)
class Not:
    """What the condition is not."""

    part: Condition


@dataclass(frozen=True)
class Every:
    """All of the parts."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True)
class Some:
    """One of the parts at least."""

    parts: tuple[Condition, ...]


Condition: TypeAlias = "Comparison | Membership | Exists | Not | Every | Some"


def fields_of(condition: Condition | None) -> Iterator[Field]:
    """Yield every field that a condition names."""
    if isinstance(condition, (Every, Some)):
        for part in condition.parts:
            yield from fields_of(part)
    elif isinstance(condition, Not):
        yield from fields_of(condition.part)
    elif condition is not None:
        yield condition.field
