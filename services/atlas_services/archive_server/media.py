"""What kind of file it is, by its extension alone: the same on every machine, and nothing that the file could claim."""

from __future__ import annotations

from pathlib import PurePosixPath

_TEXT = "text/plain"

#: Shown by a browser. Everything else is downloaded: an HTML file of a job is not to run in the page's origin.
_INLINE = {
    ".bmp": "image/bmp",
    ".gif": "image/gif",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webp": "image/webp",
    ".flac": "audio/flac",
    ".mp3": "audio/mpeg",
    ".ogg": "audio/ogg",
    ".wav": "audio/wav",
    ".mp4": "video/mp4",
    ".webm": "video/webm",
    ".csv": "text/csv",
    ".json": "application/json",
    ".log": _TEXT,
    ".md": _TEXT,
    ".py": _TEXT,
    ".txt": _TEXT,
    ".yaml": _TEXT,
    ".yml": _TEXT,
}
_DOWNLOADED = {
    ".gz": "application/gzip",
    ".htm": "text/html",
    ".html": "text/html",
    ".pdf": "application/pdf",
    ".tar": "application/x-tar",
    ".zip": "application/zip",
}


def media_type(filename: str) -> tuple[str, bool]:
    """Return the media type of a file, and whether a browser may show it."""
    suffix = PurePosixPath(filename).suffix.lower()
    if suffix in _INLINE:
        return _INLINE[suffix], True
    return _DOWNLOADED.get(suffix, "application/octet-stream"), False
