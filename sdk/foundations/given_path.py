"""Paths as scripts give them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any


def given_path(name: str, value: Any) -> Path:
    """Return what the argument `name` says as a path. Raises `TypeError` for what can be none."""
    if isinstance(value, (str, os.PathLike)):
        return Path(value)
    raise TypeError(f"{name}: {type(value).__name__} is no path; give a text or a `pathlib.Path`.")
