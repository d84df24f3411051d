"""Numbers that environment variables say."""

from __future__ import annotations

import logging
import math
import os

_log = logging.getLogger("foundations.run")

_warned: set[str] = set()


def chosen_number(variable: str, default: float | None, instead: str) -> float | None:
    """Return what `variable` says; `default`, which `instead` describes, where it says nothing, and with one warning
    where that is no number from 0 on.
    """
    value = os.environ.get(variable, "")
    if not value.strip():
        return default
    try:
        chosen = float(value)
    except ValueError:
        chosen = -1.0
    if math.isfinite(chosen) and chosen >= 0.0:
        return chosen
    if variable not in _warned:
        _warned.add(variable)
        _log.warning("%s: '%s' is no number from 0 on; %s instead.", variable, value, instead)
    return default
