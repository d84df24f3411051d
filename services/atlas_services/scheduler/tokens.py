"""Tokens of jobs: each job proves with its own that its records are its own.

They are derived from one secret, so that none needs to be stored and a scheduler that takes over knows them too.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from contextlib import suppress
from pathlib import Path


class JobTokens:
    """The tokens of all jobs."""

    def __init__(self, secret_file: Path) -> None:
        self._secret = _secret_in(secret_file)

    def of(self, job_id: str) -> str:
        """Return the token of a job."""
        return hmac.new(self._secret, job_id.encode(), hashlib.sha256).hexdigest()


def _secret_in(path: Path) -> bytes:
    """Return the secret in the file, made if missing. Of two processes that make it, one wins and both read that."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_hex(32))
        with suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    return path.read_bytes()
