"""The journal that this process writes: a record is on disk as soon as `append` returns.

A frame is written by one unbuffered system call, so it survives the sudden death of the process. Nothing here raises
into a training: when the home cannot be written to, one warning says so and the run goes on. When the disk is full,
frames wait in memory until there is room again. The handler of a signal may raise right behind any system call: how far
the journal goes is looked up in the file wherever that differs from what was counted. Nor is anything written to a file
that is not ours: a script may close descriptors that it did not open.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import math
import os
import sys
import threading
import time
from types import FrameType
from typing import Callable

from atlas_core.records import FRAME, intact_length
from foundations.held_frames import LIMIT as HELD_LIMIT
from foundations.held_frames import HeldFrames
from foundations.identity import Identity
from foundations.journal_directory import SEGMENT_BYTES, JournalDirectory
from foundations.own_descriptor import CLOSED, OwnDescriptor

_log = logging.getLogger("foundations.journal")

#: Seconds between attempts to begin a journal that could not be begun.
_RETRY = 1.0
#: Bytes that wait for a server at most: from then on points are dropped. What else a job says has a reserve, for it is
#: little and tells how the job ended.
LIMIT, _RESERVE = 10 * 1024**3, 64 * 1024**2
_POINT = ord("P")
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
        #: Where a frame ends, and all before is on disk. More may be there, if an exception came behind its writing.
        self.position = 0
        #: Set once by the next record; how the sender sleeps while there is nothing to send.
        self.waiting: threading.Event | None = None
        #: Up to here the server has it, as the sender says.
        self.acknowledged = 0
        self._identity = identity
        self._preamble = preamble
        self._on_begin = on_begin
        # The handler of a signal may append while the main thread is inside `append`.
        self._lock = threading.RLock()
        self._file: OwnDescriptor | None = None
        self._number = CLOSED
        self._guard: OwnDescriptor | None = None
        self._base = 0
        self._full = SEGMENT_BYTES
        self._limit = chosen_limit()
        self._next_attempt = 0.0
        self._warned = self._finished = self._is_over = self._told = self._is_full = False
        self._is_begun = self._is_beginning = False
        self._held = HeldFrames(directory.path)
        #: Whether a frame may have to wait or be dropped; else `append` need not look.
        self._is_hampered = False
        #: What the handler of a signal wants done as soon as the main thread holds no lock of ours.
        self._postponed: Callable[[], None] | None = None

    def append(self, frame: bytes) -> None:
        """Write a frame. What cannot be written is dropped, with one warning."""
        try:
            self._append(frame)
        finally:
            if self._postponed is not None:
                self._act()

    def begin(self) -> None:
        """Begin the journal now instead of at the first record."""
        self.undisturbed(self._begin_once)

    def undisturbed(self, action: Callable[[], None]) -> None:
        """Call `action`; what `when_left` is told meanwhile is done afterwards."""
        try:
            _hold(action)
        finally:
            if self._postponed is not None:
                self._act()

    def when_left(self, interrupted: FrameType | None, action: Callable[[], None]) -> None:
        """Call `action` from the handler of a signal: now, or when the `interrupted` main thread has left our locks.

        It waits for other threads, which wait for these locks. Whether one may be held is read from the stack alone:
        a count could be left wrong by an exception between any two steps.
        """
        while interrupted is not None:
            if interrupted.f_code in _HOLDING:
                self._postponed = action
                return
            interrupted = interrupted.f_back
        action()

    def _act(self) -> None:
        if threading.get_ident() == threading.main_thread().ident:
            action, self._postponed = self._postponed, None
            if action is not None:
                action()

    def _append(self, frame: bytes) -> None:
        size = len(frame)
        with self._lock:
            if self._is_hampered and self._is_dealt_with(frame):
                return
            position, written = self.position, 0
            try:
                # Where a file stands tells it well enough from any other; what differs is looked at closely.
                if os.lseek(self._number, 0, os.SEEK_CUR) == position - self._base:
                    written = os.write(self._number, frame)
            except OSError:
                pass
            if written == size and self.position == position:
                self.position = position + size
            else:
                self._append_carefully(frame, written)
            if self.position >= self._full:
                self._rotate()
        self._wake()

    def _wake(self) -> None:
        waiting = self.waiting
        if waiting is not None:
            self.waiting = None
            waiting.set()

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
            self._close_file()

    def settle(self) -> bool:
        """Find out how far the journal goes, and write what waits in memory if there is room now.

        Whether nothing waits there.
        """
        self.undisturbed(self._settle)
        return not self._held

    def _settle(self) -> None:
        with self._lock, contextlib.suppress(OSError):  # the next record meets the same error, and tells
            if self._file is not None and self._is_begun and self._file.is_ours():
                self._reckon()
                if self._held and self._is_full:
                    self._reuse_segment()
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
        for descriptor in (self._file, self._guard):
            if descriptor is not None:
                descriptor.close()
        self._file, self._number, self._guard = None, CLOSED, None
        self._finished = True

    def _begin_once(self) -> None:
        with self._lock:
            if not self._is_begun:
                self._begin()

    def _append_carefully(self, frame: bytes, written: int) -> None:
        """Finish what the usual way to append has begun: so many bytes of `frame` are written."""
        if written == len(frame):  # the handler of a signal has logged meanwhile
            with contextlib.suppress(OSError):
                self._reckon()
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
            position = self.position
            written = os.write(self._number, frame)
            if written != len(frame):
                self._cut()
            elif self.position == position:
                self.position = position + written
            else:
                self._reckon()
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
        if (self._file is None or not self._file.is_ours()) and not self._reopen():
            return False
        self._reckon()
        return True

    def _reckon(self) -> None:
        """Take from the file how far the journal goes, and cut off what is no whole frame. Raises `OSError`."""
        if self._file is not None:
            self._number = self._file.number
        number, counted = self._number, self.position - self._base
        size = os.fstat(number).st_size
        if size > counted:
            whole = counted + intact_length(os.pread(number, size - counted, counted))
            if whole < size:
                os.ftruncate(number, whole)
            self.position = self._base + whole
        elif size < counted:  # nothing may be written here: it would take the place of something else
            self._rotate()
            if self._base != self.position:
                raise _no_space()
        os.lseek(self._number, self.position - self._base, os.SEEK_SET)

    def _reopen(self) -> bool:
        """Take up the segment that was closed behind our back. False, for good, if others have taken it meanwhile."""
        self._close_file()
        try:
            if self._guard is None or not self._guard.is_ours():
                descriptor = self.directory.lock(self.writer)
                self._guard = None if descriptor is None else OwnDescriptor(descriptor)
            path = self.directory.segment_path(self.writer, self._base)
            if self._guard is not None and path.stat().st_size >= self.position - self._base:
                self._use(OwnDescriptor(os.open(path, os.O_RDWR | os.O_APPEND)))
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
        self._is_hampered = self._is_over
        return self._is_over and not self._has_room(frame)

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
                if self.position >= self._full:
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
            written = os.write(self._number, piece)
            self._reckon()
            self._held.settle(self.position)
            return written == len(piece)
        except OSError as error:
            self._fail(error)
            return False

    def _reuse_segment(self) -> None:
        """Make room in the segment for what waits, if the server has all of it. Raises `OSError`."""
        if self.position == self._base or self.acknowledged < self.position:
            return
        before, after = (self.directory.segment_path(self.writer, base) for base in (self._base, self.position))
        os.ftruncate(self._number, 0)  # first: under its new name, what it holds would be sent again as something else
        before.rename(after)
        os.lseek(self._number, 0, os.SEEK_SET)
        self._base, self._full = self.position, self.position + SEGMENT_BYTES

    def _has_room(self, frame: bytes) -> bool:
        """Whether the frame may be written though the limit was reached."""
        waiting = self.position - self.acknowledged
        if waiting < self._limit:
            self._is_over = False
            return True
        if frame[FRAME.size] != _POINT and waiting < self._limit + _RESERVE:
            return True
        if not self._told:
            self._told = True
            _log.warning(
                "%.1f GB in `%s` wait for a server; until one takes them, no more metrics are recorded. "
                "FOUNDATIONS_JOURNAL_GB is the limit.",
                waiting / 1024**3,
                self.directory.path,
            )
        return False

    def _begin(self) -> bool:
        if self._finished or self._is_beginning or time.monotonic() < self._next_attempt:
            return False
        self._is_beginning = True
        try:
            self._take_place()
            self._on_begin()
            self._is_begun = True
            self._reckon()
        except OSError as error:
            self._next_attempt = time.monotonic() + _RETRY
            self._close_file()
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
        self._close_file()
        self.position = 0
        self._file = self._open_segment()
        number = self._file.number
        if os.fstat(number).st_size != len(self._preamble):
            os.ftruncate(number, 0)
            if os.write(number, self._preamble) != len(self._preamble):
                os.ftruncate(number, 0)
                raise _no_space()
        self.position = len(self._preamble)

    def _open_segment(self) -> OwnDescriptor:
        path = self.directory.segment_path(self.writer, self.position)
        return OwnDescriptor(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600))

    def _use(self, file: OwnDescriptor) -> None:
        self._file, self._number = file, file.number

    def _rotate(self) -> None:
        base = self.position
        self._is_over = base - self.acknowledged >= self._limit
        self._is_hampered = self._is_hampered or self._is_over
        try:
            following = self._open_segment()
        except OSError:  # the present segment grows on; nothing is lost
            self._full = base + SEGMENT_BYTES
            return
        if self.position != base or self._file is None:  # the handler of a signal came between, and went further
            following.close()
            return
        # There is a file to append to at every moment: the handler may also come while the old one is closed.
        # One statement: between two it may come, too.
        before, self._file, self._number, self._base, self._full = (
            self._file,
            following,
            following.number,
            base,
            base + SEGMENT_BYTES,
        )
        before.close()

    def _cut(self) -> None:
        """Remove a frame of which only a part found space, so that the next one follows a whole one."""
        self._fail(_no_space())
        try:
            os.ftruncate(self._number, self.position - self._base)
            os.lseek(self._number, self.position - self._base, os.SEEK_SET)
        except OSError:
            self._full = self.position  # the next segment begins here, and hides what follows in this one

    def _close_file(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file, self._number = None, CLOSED

    def _fail(self, error: OSError) -> None:
        self._is_full = error.errno in _FULL
        if not self._warned:
            self._warned = True
            reason, rest = error.strerror or str(error), "the run goes on"
            if self._is_full:
                rest = f"up to {HELD_LIMIT // 1024**2} MB of them wait in memory, and {rest}"
            _log.warning("Records cannot be written to `%s` (%s); %s.", self.directory.path, reason, rest)


def _no_space() -> OSError:
    return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def chosen_limit() -> int:
    """Return $FOUNDATIONS_JOURNAL_GB in bytes, `LIMIT` where it says nothing usable."""
    try:
        chosen = float(os.environ["FOUNDATIONS_JOURNAL_GB"])
    except (KeyError, ValueError):
        return LIMIT
    return int(chosen * 1024**3) if math.isfinite(chosen) and chosen >= 0.0 else LIMIT


def _hold(action: Callable[[], None]) -> None:
    action()


#: As long as one of these is on the main thread's stack, it may hold a lock for which the sender waits.
_HOLDING = frozenset({Journal._append.__code__, _hold.__code__})
