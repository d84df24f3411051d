"""What a search may choose from: for each parameter a list of values or a range."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Union

from atlas_core.errors import InvalidInput
from atlas_core.values import plain

#: Significant digits of a number that is drawn from a range: more would only be hard to read.
_DIGITS = 6


@dataclass(frozen=True)
class Choice:
    """One of these values."""

    values: tuple[Any, ...]

    def draw(self, random: Random) -> Any:
        """Return one of the values at random."""
        return random.choice(self.values)


@dataclass(frozen=True)
class Integers:
    """A whole number from `low` to `high`."""

    low: int
    high: int

    @property
    def values(self) -> Sequence[int]:
        """Every one of the numbers."""
        return range(self.low, self.high + 1)

    def draw(self, random: Random) -> int:
        """Return one of the numbers at random."""
        return random.randint(self.low, self.high)


@dataclass(frozen=True)
class Uniform:
    """A number from `low` to `high`; with `log`, evenly spread over its orders of magnitude."""

    low: float
    high: float
    log: bool = False

    def draw(self, random: Random) -> float:
        """Return a number at random."""
        if self.log:
            number = math.exp(random.uniform(math.log(self.low), math.log(self.high)))
        else:
            number = random.uniform(self.low, self.high)
        return min(max(float(f"{number:.{_DIGITS}g}"), self.low), self.high)


Dimension = Union[Choice, Integers, Uniform]


def choice(values: Sequence[Any]) -> Choice:
    """Return a parameter that is one of `values`, whatever these are. Raises `InvalidInput` for none."""
    if isinstance(values, (str, bytes)) or not isinstance(values, Sequence) or not values:
        raise InvalidInput(f"values: {values!r} is no list of values to choose from.", field="values")
    return Choice(tuple(values))


def integers(low: int, high: int) -> Integers:
    """Return a parameter that is a whole number from `low` to `high`, both included. Raises `InvalidInput`."""
    if any(isinstance(end, bool) or not isinstance(end, int) for end in (low, high)) or low > high:
        raise InvalidInput(f"integers({low!r}, {high!r}): expected two whole numbers, the lower one first.")
    return Integers(low, high)


def uniform(low: float, high: float) -> Uniform:
    """Return a parameter that is a number from `low` to `high`, each as likely as any. Raises `InvalidInput`."""
    _check_range("uniform", low, high)
    return Uniform(float(low), float(high))


def log_uniform(low: float, high: float) -> Uniform:
    """Return a parameter between two positive numbers, each order of magnitude as likely. Raises `InvalidInput`."""
    _check_range("log_uniform", low, high)
    if low <= 0:
        raise InvalidInput(f"log_uniform({low!r}, {high!r}): both ends must be greater than 0.")
    return Uniform(float(low), float(high), log=True)


def drawn(space: Mapping[str, Any], random: Random) -> dict[str, Any]:
    """Return parameters drawn at random; what is no dimension is taken as it is."""
    return {name: _drawn(value, random) for name, value in space.items()}


def combinations(space: Mapping[str, Any], prefix: str = "") -> Iterator[dict[str, Any]]:
    """Yield all combinations, the last parameter changing fastest. Raises `InvalidInput` for a range of numbers."""
    if not space:
        yield {}
        return
    name = next(iter(space))
    rest = {other: value for other, value in space.items() if other != name}
    for value in _values(f"{prefix}{name}", space[name]):
        for others in combinations(rest, prefix):
            yield {name: value, **others}


def described(space: Mapping[str, Any]) -> str:
    """Return a text that is the same for the same space. Raises `InvalidInput` for values that no job can be given."""
    try:
        return json.dumps(plain(_described(space)))
    except TypeError as error:
        raise InvalidInput(f"space: {error}; parameters are what JSON can hold.", field="space") from None


def _drawn(value: Any, random: Random) -> Any:
    if isinstance(value, Mapping):
        return drawn(value, random)
    return value.draw(random) if isinstance(value, (Choice, Integers, Uniform)) else value


def _values(name: str, value: Any) -> Sequence[Any]:
    if isinstance(value, Uniform):
        raise InvalidInput(
            f"{name}: a grid cannot hold every number between {value.low} and {value.high}; name some with "
            "choice([...]), or draw at random.",
            field=name,
        )
    if isinstance(value, Mapping):
        return list(combinations(value, f"{name}."))
    return value.values if isinstance(value, (Choice, Integers)) else [value]


def _described(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _described(each) for name, each in value.items()}
    if isinstance(value, Choice):
        return {"choice": list(value.values)}
    return {type(value).__name__: vars(value)} if isinstance(value, (Integers, Uniform)) else value


def _check_range(kind: str, low: Any, high: Any) -> None:
    numbers = all(isinstance(end, (int, float)) and math.isfinite(end) for end in (low, high))
    if not numbers or low > high:
        raise InvalidInput(f"{kind}({low!r}, {high!r}): expected two numbers, the lower one first.")
