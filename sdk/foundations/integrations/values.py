"""What a training library reports, as metrics and parameters can hold it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import foundations

#: Characters of a parameter that is shown as text because JSON has no word for it.
_SHOWN = 200


def log_numbers(values: Mapping[str, Any], step: int | None = None, prefix: str = "") -> None:
    """Log each value that is one number; what is none is left out, for no training is to end over its report."""
    for name, value in values.items():
        number = _number(value)
        if number is not None:
            foundations.log_metric(f"{prefix}{name}", number, step=step)


def log_settings(settings: Mapping[str, Any], prefix: str = "") -> None:
    """Log each setting as a parameter: numbers, texts and None as they are, anything else as Python shows it."""
    for name, value in settings.items():
        plain = value if value is None or isinstance(value, (bool, int, float, str)) else repr(value)[:_SHOWN]
        foundations.log_param(f"{prefix}{name}", plain)


def _number(value: Any) -> float | int | None:
    """Return the number that a scalar of any library is, or None."""
    if isinstance(value, (int, float)):
        return value
    try:
        return float(value)  # scalars of numpy, tensors with one element
    except (TypeError, ValueError, RuntimeError):
        return None
