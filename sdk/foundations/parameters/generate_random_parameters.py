"""Random parameters for a search."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any


def generate_random_parameters(space: Mapping[str, Any]) -> dict[str, Any]:
    """Return parameters drawn at random from a space.

    An entry with `min` and `max` gives a number between them; with `min_count` and `max_count` too, a list of so many
    (the latter excluded). Everything else is taken as it is. numpy's global generator decides, so its seed repeats a
    search. Raises `TypeError` for a space that is no mapping, `ImportError` without numpy.
    """
    if not isinstance(space, Mapping):
        raise TypeError(f"space: {space!r} is no mapping of names to what may be chosen.")
    random = import_module("numpy").random  # heavy, and of use to nobody else
    return {name: _chosen(random, choice) for name, choice in space.items()}


def _chosen(random: Any, choice: Any) -> Any:
    if not isinstance(choice, Mapping) or not {"min", "max"} <= {*choice}:
        return choice
    low, high = choice["min"], choice["max"]
    if not {"min_count", "max_count"} <= {*choice}:
        return float(random.uniform(low, high))
    count = int(random.randint(choice["min_count"], choice["max_count"]))
    return [float(random.uniform(low, high)) for _ in range(count)]
