"""Limits on what waits on disk, as environment variables say them."""

from __future__ import annotations

from foundations.chosen_number import chosen_number

#: The unit of such a variable, in bytes.
GB = 1024**3


def limit_in_gigabytes(variable: str, default: int) -> int:
    """Return what `variable` says, in bytes; `default`, also in bytes, where it says nothing usable."""
    chosen = chosen_number(variable, None, f"{default / GB:.4g} GB are used")
    return default if chosen is None else int(chosen * GB)
