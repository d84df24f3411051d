"""Several numbers of one moment as one record of the journal: a training loop's usual call, in a third of the time.

The payload is that of a point up to the kind, which is `SEVERAL`, then: count u16 | values f64 ... | for each name its
length u16 and itself in UTF-8. All that follows the values is the same at each step, and made once.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from functools import lru_cache
from itertools import repeat
from typing import Any, Optional

from atlas_core.names import LONGEST_NAME

#: Where a point has the kind of its value.
SEVERAL = 255
#: Fewer metrics or more than these are logged one by one; so many sets of names are remembered.
_LEAST, _MOST, _REMEMBERED = 2, 100, 64
_HEAD, _COUNT, _LENGTH = struct.Struct("<cqdB"), struct.Struct("<H"), struct.Struct("<H")
#: Where step and time stand, the kind of a value that is a float, and the size of a value.
_MOMENT, _FLOAT, _SIZE = slice(1, 17), b"\0", 8
_ONLY_FLOATS = {float}


def grouped(values: Mapping[str, Any], step: int, time: float) -> Optional[bytes]:
    """Return the payload of these points; None unless they are several, all floats under plain names."""
    if not _LEAST <= len(values) <= _MOST or set(map(type, values.values())) != _ONLY_FLOATS:
        return None
    form = _form(tuple(values))
    if form is None:
        return None
    packing, names = form
    return bytes(packing.pack(b"P", step, time, SEVERAL, len(values), *values.values())) + names


def ungrouped(payload: bytes) -> Optional[list[tuple[str, bytes]]]:
    """Return each point's name, and its step, time, kind and value as they are packed; None for what is no group."""
    if len(payload) < _HEAD.size + _COUNT.size:
        return None
    (count,) = _COUNT.unpack_from(payload, _HEAD.size)
    start = _HEAD.size + _COUNT.size
    end = start + count * _SIZE
    if not _LEAST <= count <= _MOST or len(payload) > end + count * (_LENGTH.size + LONGEST_NAME):
        return None
    names = _names(payload[end:])
    if len(names) != count:
        return None
    moment = payload[_MOMENT] + _FLOAT
    places = range(start, end, _SIZE)
    return [(name, moment + payload[place : place + _SIZE]) for name, place in zip(names, places)]


@lru_cache(_REMEMBERED)
def _form(names: tuple[Any, ...]) -> Optional[tuple[struct.Struct, bytes]]:
    """Return how the values are packed, and what follows them; None where a name is not plain."""
    if not all(map(isinstance, names, repeat(str))):
        return None
    try:
        encoded = [name.encode() for name in names]
    except UnicodeEncodeError:
        return None
    if not all(0 < len(name) <= LONGEST_NAME for name in encoded):
        return None
    return struct.Struct(f"<cqdBH{len(names)}d"), b"".join(_LENGTH.pack(len(name)) + name for name in encoded)


@lru_cache(_REMEMBERED)
def _names(data: bytes) -> tuple[str, ...]:
    """Return the names that `data` holds; none where it is damaged."""
    names, place = [], 0
    try:
        while place < len(data):
            (length,) = _LENGTH.unpack_from(data, place)
            place += _LENGTH.size + length
            names.append(data[place - length : place].decode())
            if place > len(data) or not 0 < length <= LONGEST_NAME:
                return ()
    except (struct.error, UnicodeDecodeError):
        return ()
    return tuple(names)
