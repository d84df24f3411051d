"""Which variables are secret, by their names: what is hidden when a job is shown, and never handed on to jobs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

#: TOKENIZERS_PARALLELISM is no token.
_SECRET = re.compile(r"TOKEN(?!IZ)|SECRET|PASSW|CREDENTIAL|PRIVATE|_KEY$|APIKEY", re.IGNORECASE)
_HIDDEN = "***"


def is_secret(name: str) -> bool:
    """Return whether the value of a variable of this name is nobody else's business."""
    return _SECRET.search(name) is not None


def hide_secrets(variables: Mapping[str, Any]) -> dict[str, Any]:
    """Return the variables with `***` for the value of each that is secret."""
    return {name: _HIDDEN if is_secret(name) else value for name, value in variables.items()}
