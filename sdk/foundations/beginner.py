"""The process that began the job, as those of its pools see it: while it lives, it sends what they leave.

So a process that lives for a moment need neither import the HTTP library nor wait for the server at its end.
"""

from __future__ import annotations

import contextlib
import fcntl
import os

from foundations.journal_directory import JournalDirectory
from foundations.plain_file import open_plain


class Beginner:
    """The writer of the process that began the job. It holds its lock until it has come to its end."""

    def __init__(self, directory: JournalDirectory, writer: str) -> None:
        self._path = directory.lock_path(writer)

    def is_there(self) -> bool:
        """Whether it still sends what others leave. Never raises."""
        try:
            descriptor = open_plain(self._path)
        except OSError:
            return False
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except OSError:  # a file system without locks: nobody can tell
            return False
        finally:
            with contextlib.suppress(OSError):
                os.close(descriptor)
        return False
