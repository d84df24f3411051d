"""How far a script is tracked, as its environment says with FOUNDATIONS_MODE."""

from __future__ import annotations

import logging
from collections.abc import Mapping

_log = logging.getLogger("foundations.run")

#: Recorded and sent; recorded, and sent by `foundations sync`; neither.
ONLINE, OFFLINE, DISABLED = "online", "offline", "disabled"


def chosen_mode(environment: Mapping[str, str]) -> str:
    """Return the mode that $FOUNDATIONS_MODE names, else `ONLINE`; any other value is warned about."""
    value = environment.get("FOUNDATIONS_MODE") or ONLINE
    mode = value.strip().lower()
    if mode in {ONLINE, OFFLINE, DISABLED}:
        return mode
    _log.warning("FOUNDATIONS_MODE: '%s' is none of `online`, `offline` and `disabled`; the run is online.", value)
    return ONLINE
