"""Tokens of jobs: each job proves with its own that its records are its own.

They are derived from one secret, so that none needs to be stored and a scheduler that takes over knows them too.
"""

from __future__ import annotations

import hashlib
import hmac
from pathlib import Path

from atlas_services.secret_file import secret_in


class JobTokens:
    """The tokens of all jobs."""

    def __init__(self, secret_file: Path) -> None:
        self._secret = secret_in(secret_file).encode()

    def of(self, job_id: str) -> str:
        """Return the token of a job."""
        return hmac.new(self._secret, job_id.encode(), hashlib.sha256).hexdigest()
