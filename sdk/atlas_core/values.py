"""Values that people log: what is accepted, and how it travels as valid JSON without losing anything.

JSON has no NaN and no infinity, so a non-finite float travels as ``{"$float": "nan"}`` between our own parts
(`to_wire`, `from_wire`), and is shown to readers of the public routes as the string ``"NaN"``, ``"Infinity"`` or
``"-Infinity"`` (`to_public`). Integers keep every digit.
"""

from __future__ import annotations

import json
import math
import os
from typing import Any, Union

#: What a parameter, tag or metric can be after `plain`.
Value = Union[None, bool, int, float, str, "list[Any]", "dict[str, Any]"]

_FLOAT_MARK = "$float"
#: What follows the mark. Anything else is a mapping of the user's that happens to use the same key.
_NON_FINITE = ("nan", "inf", "-inf")
#: The kinds of moments and of durations among the types of numpy and pandas.
_TIMES = frozenset({"M", "m"})
_SHOWN_AS_THEY_ARE = frozenset({str, int, bool, type(None)})


def plain(value: Any) -> Value:
    """Return `value` as plain JSON types: numpy and torch scalars and arrays, dates (as ISO texts), durations (in
    seconds) and paths included. What is no time, such as the NaT of pandas, is None.

    Raises `TypeError` for what JSON cannot hold, with the same text as the json module.
    """
    kind = type(value)
    if kind in (str, float, int, bool) or value is None:
        return value  # type: ignore[no-any-return]
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    for scalar in (bool, int, float, str):
        if isinstance(value, scalar):
            return scalar(value)  # subclasses, numpy.float64 among them
    if getattr(getattr(value, "dtype", None), "kind", "") in _TIMES and hasattr(value, "shape"):
        return _plain_times(value)
    if hasattr(value, "total_seconds"):
        return _finite(value.total_seconds())
    if hasattr(value, "isoformat"):  # YAML makes dates of texts that look like one; importing datetime takes time
        return _told(str(value.isoformat()))
    if isinstance(value, os.PathLike):
        return os.fsdecode(value)
    tolist = getattr(value, "tolist", None) or getattr(value, "item", None)
    if tolist is not None:
        return plain(tolist())
    raise TypeError(f"Object of type {kind.__name__} is not JSON serializable")


def is_time(value: Any) -> bool:
    """Whether this is a moment or a duration, of Python, numpy or pandas: no number, though some can be made one."""
    kind = getattr(getattr(value, "dtype", None), "kind", "")
    return kind in _TIMES or hasattr(value, "isoformat") or hasattr(value, "total_seconds")


def _plain_times(value: Any) -> Value:
    """Return the moments or durations of numpy, whose `tolist` makes numbers of unknown units of the finest ones."""
    if value.shape:
        return [plain(item) for item in value]
    if value.dtype.kind == "m":
        return _finite(float(value / value.dtype.type(1, "s")))
    whole, point, fraction = str(value).partition(".")
    if fraction[6:].strip("0"):
        return f"{whole}.{fraction}"
    return _told(f"{whole}{point}{fraction[:6]}" if fraction.strip("0") else whole)


def _told(moment: str) -> str | None:
    return None if moment == "NaT" else moment


def _finite(seconds: float) -> float | None:
    return seconds if math.isfinite(seconds) else None


def to_wire(value: Value) -> Value:
    """Return `value` with each non-finite float marked, so that strict JSON can hold it."""
    if isinstance(value, float) and not math.isfinite(value):
        return {_FLOAT_MARK: repr(value)}
    if isinstance(value, list):
        return [to_wire(item) for item in value]
    if isinstance(value, dict):
        return {key: to_wire(item) for key, item in value.items()}
    return value


def from_wire(value: Value) -> Value:
    """Undo `to_wire`."""
    if isinstance(value, dict):
        if len(value) == 1 and value.get(_FLOAT_MARK) in _NON_FINITE:
            return float(value[_FLOAT_MARK])
        return {key: from_wire(item) for key, item in value.items()}
    if isinstance(value, list):
        return [from_wire(item) for item in value]
    return value


def to_public(value: Value) -> Value:
    """Return `value` with each non-finite float as the word that JavaScript and most people use for it."""
    if isinstance(value, float):
        return value if math.isfinite(value) else _word(value)
    if isinstance(value, list):
        return [to_public(item) for item in value]
    if isinstance(value, dict):
        return {key: item if type(item) in _SHOWN_AS_THEY_ARE else to_public(item) for key, item in value.items()}
    return value


def _word(value: float) -> str:
    return "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")


def dumps(value: Any) -> str:
    """Return strict, compact JSON of a plain value; non-finite floats are marked."""
    try:
        return json.dumps(value, allow_nan=False, separators=(",", ":"))
    except ValueError:
        return json.dumps(to_wire(value), allow_nan=False, separators=(",", ":"))


def loads(text: str | bytes) -> Any:
    """Undo `dumps`."""
    value = json.loads(text)
    return (
        from_wire(value) if (_FLOAT_MARK in text if isinstance(text, str) else _FLOAT_MARK.encode() in text) else value
    )
