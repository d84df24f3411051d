"""Clearing away what nobody needs any more: jobs past their time, and what deleted or broken-off work left behind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Leftover:
    """Something that can go: of which kind, its name, its bytes, and how it is removed.

    `remove` returns whether it went: somebody may have come to need it.
    """

    kind: str
    name: str
    size: int
    remove: Callable[[], bool]
