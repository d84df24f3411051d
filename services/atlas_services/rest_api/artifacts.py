"""How artifacts are shown."""

from __future__ import annotations

from pathlib import PurePosixPath
from urllib.parse import quote

_KINDS = {
    "audio": {".wav", ".mp3"},
    "image": {".png", ".jpg", ".jpeg", ".svg", ".gif"},
}


def artifact_kind(filename: str) -> str:
    """Return `audio`, `image` or `unknown`, by the extension in any capitalisation."""
    suffix = PurePosixPath(filename).suffix.lower()
    return next((kind for kind, suffixes in _KINDS.items() if suffix in suffixes), "unknown")


def artifact_uri(base: str, job_id: str, path: str) -> str:
    """Return the address of a file in a job's archive; every character that an address cannot hold is encoded."""
    return f"{base}/archive/{quote(job_id, safe='')}/{quote(path)}"
