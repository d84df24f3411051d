"""A run's journal as it lies on disk, seen by those who read, send and remove it.

    <home>/journal/<job>/job.json                whose records these are
                         <writer>.lock           locked as long as the writing process lives
                         <writer>.<position>     a segment: frames from that byte of the writer's journal on
                         spool/<writer>.<n>.*    artifacts on their way to the archive
                         spool/<writer>.refused  which of them found no room, a line each
                         spool/<writer>.output   what the script has printed
                         spool/<writer>.source.* a bundle of its source, named by its id
                         spool/<writer>.git      what git says of it, until it is read

A segment is as long as a batch: a batch always ends with a frame, and what the server has is removed early.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from atlas_core.records import intact_length
from foundations.identity import FILE_NAME
from foundations.plain_file import open_plain, plain_file

#: A segment that has reached this many bytes is closed and the next one begun.
SEGMENT_BYTES = 1024 * 1024
#: What is read at once at most. The longest frame fits; the server refuses a batch that is a third longer.
BATCH_BYTES = 24 * 1024 * 1024
LOCK_SUFFIX = ".lock"
_DIGITS = 20


class Segment(NamedTuple):
    """A file of frames that begins at byte `base` of its writer's journal."""

    base: int
    path: Path


class JournalDirectory:
    """The directory of one job's journals."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.spool = path / "spool"

    @staticmethod
    def root(home: Path) -> Path:
        """Return where the journals of all jobs lie."""
        return home / "journal"

    @classmethod
    def all_in(cls, home: Path) -> Iterator[JournalDirectory]:
        """Yield the journals below `home`, oldest first."""
        with contextlib.suppress(FileNotFoundError):
            found = [entry for entry in cls.root(home).iterdir() if entry.is_dir() and not entry.is_symlink()]
            yield from map(cls, sorted(found, key=_age))

    def segment_path(self, writer: str, base: int) -> Path:
        """Return the file of the segment that begins at `base`."""
        return self.path / f"{writer}.{base:0{_DIGITS}}"

    def lock_path(self, writer: str) -> Path:
        """Return the file that a living writer holds locked."""
        return self.path / f"{writer}{LOCK_SUFFIX}"

    def output_path(self, writer: str) -> Path:
        """Return the file that holds what a writer's script has printed, if it is kept."""
        return self.spool / f"{writer}.output"

    def source_path(self, writer: str) -> Path:
        """Return what the name of the bundle of a writer's source begins with."""
        return self.spool / f"{writer}.source"

    def writers(self) -> list[str]:
        """Return the writers that left something here or in the spool, in the order of their files."""
        names = {_writer_of(path.name): None for path in sorted(self._files()) if path.name != FILE_NAME}
        with contextlib.suppress(OSError):
            names.update({path.name.partition(".")[0]: None for path in sorted(self.spool.iterdir())})
        return [name for name in names if name]

    def segments(self, writer: str) -> list[Segment]:
        """Return the segments of a writer by their position."""
        found = (path for path in self._files() if path.name.startswith(f"{writer}."))
        return sorted(Segment(int(path.suffix[1:]), path) for path in found if _is_segment(path))

    def read(self, writer: str, position: int, end: int | None = None) -> bytes:
        """Return whole frames from byte `position` of the journal on, a segment's worth at most.

        A segment may have grown far beyond its size, where no file could be made for the next one. `end` is where a
        frame of a living writer ends; without it nothing is trusted and a torn tail is cut off.
        """
        for base, path in reversed(self.segments(writer)):
            if base > position:
                continue
            with plain_file(path) as file:
                file.seek(position - base)
                data = file.read(BATCH_BYTES if end is None else min(max(end - position, 0), BATCH_BYTES))
            data = data[: intact_length(data)] if end is None or len(data) == BATCH_BYTES else data
            if data:  # else an older segment may go further: a later one was begun, but nothing written to it
                return data
        return b""

    def discard(self, writer: str, applied: int) -> None:
        """Remove the segments that end at or before `applied`, but never the last, to which more may be written."""
        segments = self.segments(writer)
        for segment, following in zip(segments, segments[1:]):
            # A later one may have been begun while this one went on: what lies in it counts, too.
            if following.base <= applied and segment.base + segment.path.stat().st_size <= applied:
                segment.path.unlink(missing_ok=True)

    def lock(self, writer: str) -> int | None:
        """Return a descriptor that holds the writer's lock until it is closed, or None while another holds it.

        Raises `OSError` when the directory cannot be written to.
        """
        path = self.lock_path(writer)
        try:
            descriptor = open_plain(path, os.O_RDWR | os.O_CREAT)
        except FileNotFoundError:  # somebody else has just sent the last of it and removed the directory
            return None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.fstat(descriptor).st_ino == path.stat().st_ino:
                return descriptor
        except (BlockingIOError, FileNotFoundError):
            pass  # held, or removed between opening and locking by someone who found nothing here
        except OSError:
            os.close(descriptor)
            raise
        os.close(descriptor)
        return None

    def remove_writer(self, writer: str) -> None:
        """Remove all that the writer left, and the directory when nobody else left anything."""
        for segment in self.segments(writer):
            segment.path.unlink(missing_ok=True)
        self.output_path(writer).unlink(missing_ok=True)
        for answer in self.spool.glob(f"{writer}.git*"):  # that nobody has waited for
            answer.unlink(missing_ok=True)
        self.lock_path(writer).unlink(missing_ok=True)
        self.remove_if_empty()

    def remove_if_empty(self) -> None:
        """Remove the directory when no writer left anything in it."""
        with contextlib.suppress(OSError):
            self.spool.rmdir()
        if not self.writers() and not self.spool.exists():
            identity, aside = self.path / FILE_NAME, self.path.with_name(f"{self.path.name}.{os.urandom(4).hex()}")
            with contextlib.suppress(OSError):
                identity.replace(aside)
            try:
                self.path.rmdir()
            except OSError:  # somebody has begun here meanwhile
                with contextlib.suppress(OSError):
                    aside.replace(identity)
            else:
                aside.unlink(missing_ok=True)

    def _files(self) -> list[Path]:
        try:
            return [path for path in self.path.iterdir() if path.name != self.spool.name]
        except FileNotFoundError:
            return []


def _writer_of(name: str) -> str:
    writer, _, rest = name.partition(".")
    return writer if f".{rest}" == LOCK_SUFFIX or (rest.isdigit() and len(rest) == _DIGITS) else ""


def _is_segment(path: Path) -> bool:
    return len(path.suffix) == _DIGITS + 1 and path.suffix[1:].isdigit()


def _age(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:  # just sent by somebody else
        return 0.0
