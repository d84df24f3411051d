"""Hash fields that remember the order in which they were first set.

Redis forgets the order of a hash that grows. A field's value is ``<place>|<JSON>``; a changed value keeps its place.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from operator import gt, itemgetter
from typing import Any

from atlas_core.values import dumps, loads


def encode(place: int, value: Any) -> bytes:
    """Return the stored form of `value` at `place`."""
    return f"{place}|{dumps(value)}".encode()


def place_of(stored: bytes) -> int:
    """Return the place of a stored value."""
    return int(stored.partition(b"|")[0])


def decode(stored: bytes) -> Any:
    """Return the value of a stored value."""
    return loads(stored.partition(b"|")[2])


def decode_all(stored: Sequence[bytes]) -> list[Any]:
    """Return the values of many stored values; to decode them together takes a third of the time."""
    decoded: list[Any] = loads(b"[%s]" % b",".join([value.partition(b"|")[2] for value in stored]))
    return decoded


def in_order(stored: Mapping[bytes, bytes]) -> dict[str, Any]:
    """Return the decoded hash, in the order in which its fields were first set."""
    fields = sorted(stored.items(), key=lambda item: place_of(item[1]))
    values = decode_all([value for _, value in fields])
    return {name.decode(): value for (name, _), value in zip(fields, values, strict=True)}


class Stored(Mapping[str, Any]):
    """A hash in the order in which its fields were first set. `texts` are its values as JSON, decoded one by one."""

    def __init__(self, texts: Mapping[str, bytes]) -> None:
        self.texts = texts

    def __getitem__(self, name: str) -> Any:
        return loads(self.texts[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self.texts)

    def __len__(self) -> int:
        return len(self.texts)


def stored_in_order(flat: Sequence[bytes]) -> Stored:
    """Return a hash, of which field and value follow each other, without decoding its values."""
    parts = [value.split(b"|", 1) for value in flat[1::2]]
    names, places = [name.decode() for name in flat[::2]], [int(part[0]) for part in parts]
    fields = [(name, part[1]) for name, part in zip(names, parts, strict=True)]
    if any(map(gt, places, places[1:])):
        fields = [field for _, field in sorted(zip(places, fields, strict=True), key=itemgetter(0))]
    return Stored(dict(fields))


def merge(stored: Mapping[bytes, bytes], changes: Mapping[str, Any]) -> dict[str, bytes]:
    """Return what to write so that `changes` take effect; new fields come after all that are there."""
    next_place = 1 + max((place_of(value) for value in stored.values()), default=-1)
    written = {}
    for name, value in changes.items():
        old = stored.get(name.encode())
        if old is None:
            place, next_place = next_place, next_place + 1
        else:
            place = place_of(old)
        written[name] = encode(place, value)
    return written
