"""Whole directories of a storage."""

from __future__ import annotations

from collections.abc import Iterator

from atlas_services.storage import Entry, Storage


def walk(storage: Storage, path: str) -> Iterator[tuple[str, Entry]]:
    """Yield every file below a directory, with its path below it, by name."""
    for entry in storage.entries(path):
        if entry.is_directory:
            for below, found in walk(storage, f"{path}/{entry.name}" if path else entry.name):
                yield f"{entry.name}/{below}", found
        else:
            yield entry.name, entry


def size_of_tree(storage: Storage, path: str) -> int:
    """Return the bytes of all files below a directory."""
    return sum(entry.size for _, entry in walk(storage, path))
