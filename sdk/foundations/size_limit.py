"""Limits on what waits on disk, as environment variables say them."""

from __future__ import annotations

import math
import os

#: The unit of such a variable, in bytes.
GB = 1024**3


def limit_in_gigabytes(variable: str, default: int) -> int:
    """Return what `variable` says, in bytes; `default`, also in bytes, where it says nothing usable."""
    try:
        chosen = float(os.environ[variable])
    except (KeyError, ValueError):
        return default
    return int(chosen * GB) if math.isfinite(chosen) and chosen >= 0.0 else default
