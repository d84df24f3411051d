"""The file to which a journal is written: how far it goes, and the next one when it is full.

It is used with the journal's lock held. The handler of a signal may come between any two steps all the same, in the
thread that holds the lock, and append or raise there. So

- what is counted is trusted only where the file stands at that place; else `reckon` looks it up;
- there is a file to append to at every moment, also while one follows another;
- nothing is written to a number unless the file behind it was told from every other one: a script may have closed
  ours, and been given the number again.
"""

from __future__ import annotations

import errno
import os

from atlas_core.records import intact_length
from foundations.journal_directory import SEGMENT_BYTES, JournalDirectory
from foundations.own_descriptor import CLOSED, OwnDescriptor


class JournalFile:
    """The segment that one writer appends to. `number`, `base` and `position` are for whoever writes in a hurry."""

    def __init__(self, directory: JournalDirectory) -> None:
        self._directory = directory
        self._writer = ""
        self._file: OwnDescriptor | None = None
        #: The descriptor's number, `CLOSED` where there is none.
        self.number = CLOSED
        #: Where in the journal the segment begins, and where it is long enough.
        self.base, self.full = 0, SEGMENT_BYTES
        #: Where a frame ends, and all before is on disk. More may be there, if an exception came behind its writing.
        self.position = 0

    def begin(self, writer: str, preamble: bytes) -> None:
        """Begin the journal of `writer` with these frames. Raises `OSError`; then it may be tried again."""
        self._writer = writer
        self.close()
        self.position = 0
        self._file = self._open_segment()
        # The number is made known by `reckon` alone, once all that belongs to the beginning is done.
        number = self._file.number
        if os.fstat(number).st_size != len(preamble):
            os.ftruncate(number, 0)
            if os.write(number, preamble) != len(preamble):
                os.ftruncate(number, 0)
                raise no_space()
        self.position = len(preamble)

    def is_ours(self) -> bool:
        """Whether the file is open, and the number still leads to it."""
        while (file := self._file) is not None:
            if file.is_ours():
                return True
            if file is self._file:  # else the handler of a signal has gone on in another, and closed this one
                return False
        return False

    def reopen(self) -> bool:
        """Open the segment again that was closed behind our back; False if others have taken it. Raises `OSError`."""
        path = self._directory.segment_path(self._writer, self.base)
        if path.stat().st_size < self.position - self.base:
            return False
        file = OwnDescriptor(os.open(path, os.O_RDWR | os.O_APPEND))
        self._file, self.number = file, file.number
        return True

    def reckon(self) -> None:
        """Take from the file how far the journal goes, and cut off what is no whole frame. Raises `OSError`.

        The handler of a signal may append meanwhile, and go on in another file that is given our number. So nothing is
        concluded from what was seen unless all is as it was before; else it is looked at anew.
        """
        while True:
            before = file, base, position = self._file, self.base, self.position
            number, counted = CLOSED if file is None else file.number, position - base
            try:
                size = os.fstat(number).st_size
                whole = counted + intact_length(os.pread(number, max(size - counted, 0), counted))
            except OSError:
                if before == (self._file, self.base, self.position):
                    raise
                continue
            if before != (self._file, self.base, self.position):
                continue
            # From here to what follows no handler can come: there is no call between.
            if size < counted:  # nothing may be written here: it would take the place of something else
                self.rotate()
                if before == (self._file, self.base, self.position):
                    raise no_space()
            elif whole < size:
                os.ftruncate(number, whole)
            else:
                self.number, self.position = number, base + whole
                break
        os.lseek(self.number, self.position - self.base, os.SEEK_SET)

    def rotate(self) -> None:
        """Go on in a segment that begins here. Where none can be made the present one grows on; nothing is lost."""
        base = self.position
        try:
            following = self._open_segment()
        except OSError:
            self.full = base + SEGMENT_BYTES
            return
        if self.position != base or self._file is None:  # the handler of a signal came between, and went further
            following.close()
            return
        # There is a file to append to at every moment: the handler may also come while the old one is closed.
        # One statement: between two it may come, too.
        before, self._file, self.number, self.base, self.full = (
            self._file,
            following,
            following.number,
            base,
            base + SEGMENT_BYTES,
        )
        before.close()

    def cut(self) -> None:
        """Remove a frame of which only a part found space, so that the next one follows a whole one."""
        try:
            os.ftruncate(self.number, self.position - self.base)
            os.lseek(self.number, self.position - self.base, os.SEEK_SET)
        except OSError:
            self.full = self.position  # the next segment begins here, and hides what follows in this one

    def reuse(self) -> None:
        """Make room for what comes next in the place of all that is here. Raises `OSError`."""
        if self.position == self.base:
            return
        before, after = (self._directory.segment_path(self._writer, base) for base in (self.base, self.position))
        os.ftruncate(self.number, 0)  # first: under its new name, what it holds would be sent again as something else
        before.rename(after)
        os.lseek(self.number, 0, os.SEEK_SET)
        self.base, self.full = self.position, self.position + SEGMENT_BYTES

    def close(self) -> None:
        """Close it. What is written then fails."""
        if self._file is not None:
            self._file.close()
            self._file, self.number = None, CLOSED

    def _open_segment(self) -> OwnDescriptor:
        path = self._directory.segment_path(self._writer, self.position)
        return OwnDescriptor(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600))


def no_space() -> OSError:
    """Return the error of a disk that took only a part of what was written."""
    return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
