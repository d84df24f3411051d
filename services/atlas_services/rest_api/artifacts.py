"""How artifacts are shown."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

from atlas_services.openapi.schema import COUNT, INTEGER, TEXT, Named, Schema, nullable, open_members

_KINDS = {
    "audio": {".wav", ".mp3"},
    "image": {".png", ".jpg", ".jpeg", ".svg", ".gif"},
}

#: What an artifact looks like. Of one that was made to be looked at, `kind`; of one of a series, `name` and `step`.
ARTIFACT: Schema = Named(
    "Artifact",
    open_members(
        {
            "key": TEXT,
            "filename": TEXT,
            "path": TEXT,
            "uri": TEXT,
            "size": nullable(COUNT),
            "sha256": nullable(TEXT),
        },
        {"kind": TEXT, "name": TEXT, "step": INTEGER},
    ),
)


def artifact_of(base: str, job_id: str, key: str, stored: Mapping[str, Any]) -> dict[str, Any]:
    """Return an artifact as JSON shows it; `base` is the address at which clients reach the archive."""
    return {"key": key, **stored, "uri": artifact_uri(base, job_id, stored["path"])}


def artifact_kind(filename: str) -> str:
    """Return `audio`, `image` or `unknown`, by the extension in any capitalisation."""
    suffix = PurePosixPath(filename).suffix.lower()
    return next((kind for kind, suffixes in _KINDS.items() if suffix in suffixes), "unknown")


def artifact_uri(base: str, job_id: str, path: str) -> str:
    """Return the address of a file in a job's archive; every character that an address cannot hold is encoded."""
    return f"{base}/archive/{quote(job_id, safe='')}/{quote(path)}"
