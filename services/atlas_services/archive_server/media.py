"""What kind of file it is, by its content: nothing that its name could claim. The name only says which kind of text."""

from __future__ import annotations

from pathlib import PurePosixPath

#: Bytes of a file that tell what it is.
HEAD = 1024

#: How files begin that a browser may show: a picture, a sound or a film runs no script.
_INLINE = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"BM", "image/bmp"),
    (b"fLaC", "audio/flac"),
    (b"ID3", "audio/mpeg"),
    (b"\xff\xfb", "audio/mpeg"),
    (b"OggS", "audio/ogg"),
    (b"\x1aE\xdf\xa3", "video/webm"),
)
_DOWNLOADED = (
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
    (b"\x1f\x8b", "application/gzip"),
    (b"PAR1", "application/vnd.apache.parquet"),
)
#: Of these, the kind stands behind the length of the whole.
_RIFF = {b"WEBP": "image/webp", b"WAVE": "audio/wav"}
#: Kinds of text by the end of the name; a browser shows all of them but HTML, which could look like a page of ours.
_TEXTS = {".csv": "text/csv", ".json": "application/json", ".htm": "text/html", ".html": "text/html"}
_TAR = (257, b"ustar")


def media_type(filename: str, head: bytes) -> tuple[str, bool]:
    """Return the media type of a file that begins with `head`, and whether a browser may show it."""
    for kinds, inline in ((_INLINE, True), (_DOWNLOADED, False)):
        for begin, kind in kinds:
            if head.startswith(begin):
                return kind, inline
    if head.startswith(b"RIFF") and head[8:12] in _RIFF:
        return _RIFF[head[8:12]], True
    if head[4:8] == b"ftyp":
        return "video/mp4", True
    if head[_TAR[0] :].startswith(_TAR[1]):
        return "application/x-tar", False
    return _text_type(filename, head) if _is_text(head) else ("application/octet-stream", False)


def _text_type(filename: str, head: bytes) -> tuple[str, bool]:
    suffix = PurePosixPath(filename).suffix.lower()
    if suffix == ".svg" and b"<svg" in head:
        return "image/svg+xml", True
    kind = _TEXTS.get(suffix, "text/plain")
    return kind, kind != "text/html"


def _is_text(head: bytes) -> bool:
    """Whether it begins as UTF-8 without control characters; the last character may be cut."""
    if any(byte < 32 and byte not in b"\t\n\r\f\x1b" for byte in head):
        return False
    try:
        head[: HEAD - 4 if len(head) >= HEAD else None].decode()
    except UnicodeDecodeError as error:
        return len(head) >= HEAD and error.start > HEAD - 8
    return True
