"""Which part of a file a request brings, as its header `Content-Range` says."""

from __future__ import annotations

import re
from typing import NamedTuple

from atlas_core.errors import InvalidInput

_RANGE = re.compile(r"bytes (?:(\d{1,18})-(\d{1,18})|\*)/(\d{1,18})")


class ContentRange(NamedTuple):
    """The bytes from `offset` on of a file of `size` bytes; without an offset none, which asks how many have come."""

    offset: int | None
    size: int

    @classmethod
    def of(cls, header: str) -> ContentRange:
        """Return what the header says. Raises `InvalidInput` unless the part goes up to the end of the file."""
        found = _RANGE.fullmatch(header.strip())
        if found is None:
            raise _refusal(header)
        size = int(found[3])
        if found[1] is None:
            return cls(None, size)
        if int(found[2]) != size - 1 or int(found[1]) >= size:
            raise _refusal(header)
        return cls(int(found[1]), size)


def _refusal(header: str) -> InvalidInput:
    return InvalidInput(
        f"Content-Range: {header!r} cannot be used; send `bytes <first>-<last>/<size>` up to the end of the file, or "
        "`bytes */<size>` to ask how much has come.",
        field="Content-Range",
    )
