"""The names of what a job logs: of its metrics, parameters and tags."""

from __future__ import annotations

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


def too_long(kind: str, name: str) -> InvalidInput:
    """Return the error for a name that has more bytes than it may."""
    size = len(name.encode("utf-8", "replace"))
    return InvalidInput(
        f"{kind}: the name `{name[:_SHOWN]}...` has {size} bytes; give one of at most {LONGEST_NAME}.", field=kind
    )
