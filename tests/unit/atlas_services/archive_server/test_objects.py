from __future__ import annotations

import time
from pathlib import Path

import pytest

from atlas_services.archive_server import objects
from atlas_services.archive_server.objects import Objects

HASH = "ab" * 32


def stored(root: Path, content: Objects) -> Path:
    """Store a file; returns where it lies."""
    part = root / "part"
    part.write_bytes(b"content")
    content.place(part, HASH, root / "job" / "file")
    return root / "job" / "file"


def names_of(root: Path) -> list[str]:
    """Return the hash of each content that is kept."""
    return [path.name for path in root.glob(".objects/??/*")]


def test_a_content_is_kept_as_long_as_a_file_has_it(tmp_path: Path) -> None:
    content = Objects(tmp_path)
    file = stored(tmp_path, content)
    content.remove_unused()
    assert names_of(tmp_path) == [HASH]
    file.unlink()
    content.remove_unused()
    assert names_of(tmp_path) == []


def test_a_content_goes_after_its_last_file_though_nobody_comes_by(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(objects, "_PERIOD_AFTER_REMOVAL", 0.2)
    content = Objects(tmp_path)
    stored(tmp_path, content).unlink()
    content.remove_unused()
    stored(tmp_path, content).unlink()
    content.forget_removed()  # too soon after the last look
    deadline = time.monotonic() + 30
    while names_of(tmp_path):
        assert time.monotonic() < deadline
        time.sleep(0.02)
