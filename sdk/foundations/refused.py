"""Files of runs that a server has refused: offered to it again, or forgotten. Whose run still lives is left alone.

A file that is offered again gets a writer of its own: of the one who saved it, everything else has arrived, and nobody
here knows any more where his journal went on.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Callable

from foundations.journal_directory import JournalDirectory
from foundations.plain_file import open_plain, plain_file
from foundations.spool import DATA, DIRECTORY, ENTRY, OBJECT, PART
from foundations.spool_room import REFUSED


def refusals(spool: Path, writer: str) -> Iterator[object]:
    """Yield something for each file that a server has refused, or that found no room here."""
    yield from spool.glob(f"{writer}.*{REFUSED}")
    yield from _named(spool / f"{writer}{REFUSED}")


def offer_again(home: Path) -> int:
    """Have what was refused below `home` sent with the next sync; returns how many files that are.

    What found no room was never kept, and stays refused. Raises `OSError`.
    """
    return sum(_offer(directory, writer) for directory, writer in _of_the_dead(home))


def forget(home: Path) -> int:
    """Remove what was refused below `home`, and the word of what found no room; returns how many files that were.

    Raises `OSError`.
    """
    return sum(_forget(directory, writer) for directory, writer in _of_the_dead(home))


def _of_the_dead(home: Path) -> Iterator[tuple[JournalDirectory, str]]:
    """Yield each writer who is dead and has refusals, locked until the next is asked for."""
    for directory in JournalDirectory.all_in(home):
        if directory.spool.is_symlink():
            continue
        for writer in {path.name.partition(".")[0] for path in directory.spool.glob(f"*{REFUSED}")}:
            with _locked(directory, writer) as is_ours:
                if is_ours:
                    yield directory, writer


@contextlib.contextmanager
def _locked(directory: JournalDirectory, writer: str) -> Iterator[bool]:
    descriptor = directory.lock(writer)
    try:
        yield descriptor is not None
    finally:
        if descriptor is not None:
            os.close(descriptor)


def _offer(directory: JournalDirectory, writer: str) -> int:
    heir = os.urandom(8).hex()
    offered = 0
    with _locked(directory, heir):  # or a sync would remove what is not announced yet
        # First: what a writer without a journal announces is never sent, should this end half-way.
        os.close(open_plain(directory.segment_path(heir, 0), os.O_WRONLY | os.O_CREAT))
        for entry in sorted(directory.spool.glob(f"{writer}.*{REFUSED}")):
            offered += _move(entry, writer, heir)
        if not offered:
            directory.remove_writer(heir)
    _leave(directory, writer)
    return offered


def _move(entry: Path, writer: str, heir: str) -> bool:
    """Announce what was refused as the heir's. It stays where it is until that is done; False if it is not whole."""
    try:
        with plain_file(entry) as file:
            fields: dict[str, Any] = json.loads(file.read())
    except ValueError:
        return False
    held = _held(entry)
    note = entry.with_name(entry.name.replace(writer, heir, 1)).with_suffix(ENTRY if "data" in fields else DIRECTORY)
    if "data" in fields:
        if not held:
            return False
        fields["data"] = note.with_suffix(DATA).name
    for path in held:
        _link(path, path.with_name(path.name.replace(writer, heir, 1)))
    part = note.with_suffix(PART)
    part.write_text(json.dumps(fields), encoding="utf-8")
    part.replace(note)
    _remove(entry)
    return True


def _link(source: Path, target: Path) -> None:
    copy: Callable[[Path, Path], object] = shutil.copyfile
    try:
        os.link(source, target)
    except OSError:  # not everywhere can a file have two names
        copy(source, target)


def _forget(directory: JournalDirectory, writer: str) -> int:
    entries = list(directory.spool.glob(f"{writer}.*{REFUSED}"))
    for entry in entries:
        _remove(entry)
    names = directory.spool / f"{writer}{REFUSED}"
    never_kept = len(_named(names))
    names.unlink(missing_ok=True)
    _leave(directory, writer)
    return len(entries) + never_kept


def _remove(entry: Path) -> None:
    entry.unlink(missing_ok=True)  # first: what nobody announces any more is removed by the next sync at the latest
    for path in _held(entry):
        path.unlink(missing_ok=True)


def _leave(directory: JournalDirectory, writer: str) -> None:
    """Remove the lock of a writer who has nothing to send, and the directory when nobody else left anything."""
    if not directory.segments(writer):
        directory.lock_path(writer).unlink(missing_ok=True)
        directory.remove_if_empty()


def _held(entry: Path) -> list[Path]:
    """Return the copies that belong to a refusal: an artifact's, or those of a directory's files."""
    copy = entry.with_suffix(DATA)
    return [copy] if copy.exists() else list(entry.parent.glob(f"{entry.stem}.*{OBJECT}"))


def _named(names: Path) -> list[bytes]:
    try:
        return names.read_bytes().splitlines()
    except OSError:
        return []
