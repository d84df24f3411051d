"""The known name that somebody meant who misspelt it."""

from __future__ import annotations

import difflib
from collections.abc import Collection
from typing import Optional

#: Characters of the longest name that is compared. A longer one is nobody's slip of the pen, and to look for what is
#: like it takes the longer, the longer it is.
LONGEST_SLIP = 100


def nearest(name: str, known: Collection[str], likeness: float = 0.6) -> Optional[str]:
    """Return the known name that is most like this one, and alike by so much of 1; None if none is."""
    found = difflib.get_close_matches(name, known, n=1, cutoff=likeness) if len(name) <= LONGEST_SLIP else []
    return found[0] if found else None
