"""The journal that this process writes: a record is on disk as soon as `append` returns.

A frame is written by one unbuffered system call, so it survives the sudden death of the process. Nothing here raises
into a training: when the home cannot be written to, one warning says so and the run goes on. When the disk is full,
frames wait in memory until there is room again.

Several threads append, the handler of a signal may append or raise behind any system call, and a process may fork:

- what concerns the file is changed with `_lock` held, which the thread that holds it may take again: the handler of a
  signal runs in the main thread, wherever that is;
- a handler that waits for the sender does so when the main thread holds no lock that the sender waits for: `when_left`;
- no flag is taken back that says how far the journal has come (`_is_begun`, `_finished`), so none can be set wrong
  by a handler that comes between looking at it and setting it;
- how far the file goes is `JournalFile`'s to know, which looks it up wherever that differs from what was counted;
- a process that was forked writes nothing that it inherited: `disown`. It takes no lock, which a thread of the parent
  may have held; it is alone.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import sys
import threading
import time
from types import FrameType
from typing import Callable

from foundations.held_frames import LIMIT as HELD_LIMIT
from foundations.held_frames import HeldFrames
from foundations.identity import Identity
from foundations.journal_directory import JournalDirectory
from foundations.journal_file import JournalFile, no_space
from foundations.journal_quota import JournalQuota
from foundations.journal_room import JournalRoom
from foundations.own_descriptor import OwnDescriptor
from foundations.postponement import Postponement

_log = logging.getLogger("foundations.journal")

#: Seconds between attempts to begin a journal that could not be begun.
_RETRY = 1.0
#: What says that there is no room.
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
#: Bytes of what waits in memory that are written while one caller waits: some milliseconds.
_AT_ONCE = 1024 * 1024


class SealedJournal:
    """What a run that has come to its end writes to: a thread that logs on would keep the process from ending."""

    def append(self, frame: bytes) -> None:
        """Drop the frame."""

    def begin(self) -> None:
        """Do nothing."""


class Journal:
    """One process's journal. It is begun with `preamble` at the first record, and then `on_begin` is called once."""

    def __init__(
        self, directory: JournalDirectory, identity: Identity, preamble: bytes, on_begin: Callable[[], None]
    ) -> None:
        self.directory = directory
        self.writer = ""
        #: Set once by the next record; how the sender sleeps while there is nothing to send.
        self.waiting: threading.Event | None = None
        #: Up to here the server has it, as the sender says.
        self.acknowledged = 0
        self._identity = identity
        self._preamble = preamble
        self._on_begin = on_begin
        # The handler of a signal may append while the main thread is inside `append`.
        self._lock = threading.RLock()
        self._file = JournalFile(directory)
        self._guard: OwnDescriptor | None = None
        self._room = JournalRoom(directory.path.parent, self._hamper)
        self._quota = JournalQuota(self._room)
        self._held = HeldFrames(directory.path)
        self._next_attempt = 0.0
        self._is_begun = self._is_beginning = self._finished = False
        #: Whether it was told that something cannot be written, and whether the last time there was no room.
        self._warned = self._is_full = False
        #: Whether a frame may have to wait or be dropped; else `append` need not look.
        self._is_hampered = False
        #: As long as one of these is on the main thread's stack, it may hold a lock for which the sender waits.
        self._postponement = Postponement(frozenset({Journal._append.__code__, _hold.__code__}))

    @property
    def position(self) -> int:
        """Where a frame ends, and all before is on disk."""
        return self._file.position

    def append(self, frame: bytes) -> None:
        """Write a frame. What cannot be written is dropped, with one warning."""
        try:
            self._append(frame)
        finally:
            if self._postponement.action is not None:
                self._postponement.act()

    def begin(self) -> None:
        """Begin the journal now instead of at the first record."""
        self.undisturbed(self._begin_once)

    def undisturbed(self, action: Callable[[], None]) -> None:
        """Call `action`; what `when_left` is told meanwhile is done afterwards."""
        try:
            _hold(action)
        finally:
            if self._postponement.action is not None:
                self._postponement.act()

    def when_left(self, interrupted: FrameType | None, action: Callable[[], None]) -> None:
        """Call `action` from the handler of a signal: now, or when the `interrupted` main thread has left our locks.

        It waits for other threads, which wait for these locks.
        """
        self._postponement.when_left(interrupted, action)

    def _append(self, frame: bytes) -> None:
        size, file = len(frame), self._file
        with self._lock:
            if self._is_hampered and self._is_dealt_with(frame):
                return
            position, written = file.position, 0
            try:
                # Where a file stands tells it well enough from any other; what differs is looked at closely.
                if os.lseek(file.number, 0, os.SEEK_CUR) == position - file.base:
                    written = os.write(file.number, frame)
            except OSError:
                pass
            if written == size and file.position == position:
                file.position = position + size
            else:
                self._append_carefully(frame, written)
            if file.position >= file.full:
                self._rotate()
        self._wake()

    def _wake(self) -> None:
        waiting = self.waiting
        if waiting is not None:
            self.waiting = None
            waiting.set()

    @property
    def is_scarce(self) -> bool:
        """Whether so much waits below this home that only what is worth most is to be kept."""
        return self._room.is_full

    @property
    def is_whole(self) -> bool:
        """Whether all that was logged has found room on disk so far."""
        return self._held.is_whole

    def finish(self) -> None:
        """Write no more. The lock stays, as long as this process or until `release`."""
        with self._lock:
            self._write_held(sys.maxsize)
            if not self._finished:
                self._held.tell_lost()
            self._finished = True
            self._file.close()

    def settle(self) -> bool:
        """Find out how far the journal goes, and write what waits in memory if there is room now.

        Whether nothing waits there.
        """
        self.undisturbed(self._settle)
        return not self._held

    def _settle(self) -> None:
        with self._lock, contextlib.suppress(OSError):  # the next record meets the same error, and tells
            if self._is_begun and self._file.is_ours():
                self._file.reckon()
                if self._held and self._is_full and self.acknowledged >= self.position:
                    self._file.reuse()
            self._write_held(_AT_ONCE)

    def release(self) -> None:
        """Give up the lock, so that others may send or remove what is here."""
        with self._lock:
            self.finish()
            if self._guard is not None:
                self._guard.close()
                self._guard = None

    def disown(self) -> None:
        """Forget the files in a process that inherited them; the lock is then the parent's alone."""
        self._file.close()
        if self._guard is not None:
            self._guard.close()
            self._guard = None
        self._finished = True

    def _begin_once(self) -> None:
        with self._lock:
            if not self._is_begun:
                self._begin()

    def _append_carefully(self, frame: bytes, written: int) -> None:
        """Finish what the usual way to append has begun: so many bytes of `frame` are written."""
        if written == len(frame):  # the handler of a signal has logged meanwhile
            with contextlib.suppress(OSError):
                self._file.reckon()
            return
        if written:
            self._cut()
        if not self._write_carefully(frame) and (self._is_full or self._is_beginning):
            self._held.put_off()
            self._hold(frame)

    def _write_carefully(self, frame: bytes) -> bool:
        """Begin the journal, or open it again where the script has closed it; whether `frame` is written."""
        try:
            if not self._is_ready():
                return False
            file = self._file
            position = file.position
            written = os.write(file.number, frame)
            if written != len(frame):
                self._cut()
            elif file.position == position:
                file.position = position + written
            else:
                file.reckon()
            return written == len(frame)
        except OSError as error:
            self._fail(error)
            return False

    def _is_ready(self) -> bool:
        """Whether our file is open, and `position` at its end. Raises `OSError`."""
        if self._finished:
            return False
        if not self._is_begun:
            return self._begin()
        if not self._file.is_ours() and not self._reopen():
            return False
        self._file.reckon()
        return True

    def _reopen(self) -> bool:
        """Take up the segment that was closed behind our back. False, for good, if others have taken it meanwhile."""
        self._file.close()
        try:
            if self._guard is None or not self._guard.is_ours():
                descriptor = self.directory.lock(self.writer)
                self._guard = None if descriptor is None else OwnDescriptor(descriptor)
            if self._guard is not None and self._file.reopen():
                return True
        except OSError as error:
            _log.debug("The journal cannot be opened again: %s", error)
        self._finished = True
        _log.warning("The script has closed the files of its journal; nothing more of the run is recorded.")
        return False

    def _is_dealt_with(self, frame: bytes) -> bool:
        """Whether the frame waits behind others, or is dropped; else it can be written."""
        if self._held:
            self._hold(frame)
            if self._held.is_due():
                self._write_held(_AT_ONCE)
            self._wake()
            return True
        self._is_hampered = self._quota.is_reached
        return self._is_hampered and not self._quota.has_room(
            frame, self._unsent(), self.acknowledged > 0, self.directory.path
        )

    def _hamper(self) -> None:
        with self._lock:
            self._is_hampered = True

    def _unsent(self) -> int:
        """Return how many bytes the server has not taken."""
        return self.position - self.acknowledged

    def _hold(self, frame: bytes) -> None:
        self._is_hampered = True
        self._held.add(frame)

    def _write_held(self, most: int) -> None:
        """Write frames that waited, until there is no room again or `most` bytes are written."""
        if self._held.is_moving:
            return
        self._held.is_moving = True
        try:
            end = self.position + most
            while self._held and self.position < end:
                if not self._write_piece():
                    self._held.put_off()
                    return
                if self.position >= self._file.full:
                    self._rotate()
        finally:
            self._held.is_moving = False

    def _write_piece(self) -> bool:
        """Write some of what waits; whether all of that found room."""
        try:
            if not self._is_ready():
                return False
            self._held.settle(self.position)  # what an attempt that was interrupted has written
            if not self._held:
                return True
            piece = self._held.take(self.position)
            written = os.write(self._file.number, piece)
            self._file.reckon()
            self._held.settle(self.position)
            return written == len(piece)
        except OSError as error:
            self._fail(error)
            return False

    def _begin(self) -> bool:
        if self._finished or self._is_beginning or time.monotonic() < self._next_attempt:
            return False
        self._is_beginning = True
        try:
            self._take_place()
            self._room.enter()
            self._on_begin()
            self._is_begun = True
            self._file.reckon()
        except OSError as error:
            self._next_attempt = time.monotonic() + _RETRY
            self._file.close()
            self._fail(error)
            return False
        finally:
            self._is_beginning = False
        return True

    def _take_place(self) -> None:
        while self._guard is None:
            self.directory.path.mkdir(parents=True, exist_ok=True)
            self.writer = os.urandom(8).hex()
            descriptor = self.directory.lock(self.writer)
            self._guard = None if descriptor is None else OwnDescriptor(descriptor)
        self._identity.save(self.directory.path)
        self._file.begin(self.writer, self._preamble)

    def _rotate(self) -> None:
        self._quota.look(self._unsent())
        self._is_hampered = self._is_hampered or self._quota.is_reached
        self._file.rotate()

    def _cut(self) -> None:
        self._fail(no_space())
        self._file.cut()

    def _fail(self, error: OSError) -> None:
        self._is_full = error.errno in _FULL
        if not self._warned:
            self._warned = True
            reason, rest = error.strerror or str(error), "the run goes on"
            if self._is_full:
                rest = f"up to {HELD_LIMIT // 1024**2} MB of them wait in memory, and {rest}"
            _log.warning("Records cannot be written to `%s` (%s); %s.", self.directory.path, reason, rest)


def _hold(action: Callable[[], None]) -> None:
    action()
