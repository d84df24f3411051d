"""The names of what a job logs: of its metrics, parameters and tags."""

from __future__ import annotations

import hashlib

from atlas_core.errors import InvalidInput

#: Bytes of UTF-8 that such a name has at most: it stands in the head of a column, and in keys of the database.
LONGEST_NAME = 500
#: Characters of a name that is too long that are shown.
_SHOWN = 40


def check_name(kind: str, name: str) -> str:
    """Return `name` if it is short enough to name a metric, parameter or tag, as `kind` says; else `InvalidInput`."""
    # a character has a byte at least and four at most, so hardly any name has to be encoded
    if len(name) * 4 <= LONGEST_NAME or len(name.encode("utf-8", "replace")) <= LONGEST_NAME:
        return name
    raise too_long(kind, name)


def shortened(name: str) -> str:
    """Return `name` as short as it has to be: the same for the same name, and another for another.

    For what was logged already, by a version that had no limit: it cannot be refused any more.
    """
    encoded = name.encode("utf-8", "replace")
    if len(encoded) <= LONGEST_NAME:
        return name
    mark = "..." + hashlib.sha256(encoded).hexdigest()[:16]
    return encoded[: LONGEST_NAME - len(mark)].decode("utf-8", "ignore") + mark


def too_long(kind: str, name: str) -> InvalidInput:
    """Return the error for a name that has more bytes than it may."""
    size = len(name.encode("utf-8", "replace"))
    return InvalidInput(
        f"{kind}: the name `{name[:_SHOWN]}...` has {size} bytes; give one of at most {LONGEST_NAME}.", field=kind
    )
