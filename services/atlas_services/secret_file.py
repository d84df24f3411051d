"""Secrets that are made at the first start and kept in a file that only its owner can read."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path


def secret_in(path: Path) -> str:
    """Return the secret in the file, made if it is not there; of several that make it at once, one wins.

    The file appears whole or not at all, so a process that is killed while it makes one leaves no empty secret behind.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(32))
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(draft)
        draft.unlink()
    return path.read_text().strip()
