"""Passing bytes from one connection to another within the kernel: a large body goes through no program."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import select
from collections.abc import Iterator

#: Whether this system can do it: Linux can.
CAN_SPLICE = hasattr(os, "splice") and hasattr(fcntl, "F_SETPIPE_SZ")
#: Bytes on the way at a time. Every user may have pipes of this size.
_ROOM = 1024 * 1024


def splice(source: int, target: int, count: int, patience: float) -> None:
    """Pass `count` bytes on from one open socket to another.

    Raises `TimeoutError` when `source` is silent for `patience` seconds, `ConnectionResetError` when it ends before
    them, and what the system says of `target`.
    """
    with _pipe() as (exit_, entry):
        while count:
            taken = _take(source, entry, min(count, _ROOM), patience)
            if not taken:
                raise ConnectionResetError(errno.ECONNRESET, "the connection ended before its message")
            count -= taken
            while taken:
                taken -= os.splice(exit_, target, taken, flags=os.SPLICE_F_MORE if count else 0)


def _take(source: int, entry: int, most: int, patience: float) -> int:
    """Return how many bytes went into the pipe. A socket with a time limit does not wait by itself."""
    while True:
        with contextlib.suppress(BlockingIOError):
            return os.splice(source, entry, most)
        waiting = select.poll()
        waiting.register(source, select.POLLIN)
        if not waiting.poll(patience * 1000):
            raise TimeoutError(errno.ETIMEDOUT, "the connection is silent")


@contextlib.contextmanager
def _pipe() -> Iterator[tuple[int, int]]:
    exit_, entry = os.pipe()
    try:
        with contextlib.suppress(OSError):  # the system allows less; it goes on with what it gives
            fcntl.fcntl(entry, fcntl.F_SETPIPE_SZ, _ROOM)
        yield exit_, entry
    finally:
        os.close(exit_)
        os.close(entry)
