"""Passes on what a script prints and keeps a copy: a process of its own, run by path, that imports nothing of ours.

As a process it reads on while the script holds the interpreter's lock, forks, or is killed; it ends when everybody who
could print has. Its descriptors are fixed: 1 and 2 are where the output goes, the rest are below.
"""

from __future__ import annotations

import _signal as signal  # type: ignore[import-not-found]  # the public module takes as long as the interpreter itself
import errno
import fcntl
import os
import select
import sys
import termios

#: The copy; a pipe that says that we are ready, and whose end says that we are gone; one by which we are asked; what
#: the script prints to.
LOG, SIGN, ASKED, STDOUT, STDERR = 3, 4, 5, 6, 7
#: What we say at first; the question whether all is passed on that was printed before it, and the answer once it is.
READY, QUESTION, ANSWER = b"r", b"?", b"!"
#: Seconds that what was written to a terminal may take until it can be read from it.
_PASSAGE = 0.02
_CHUNK = 64 * 1024
_WORDS = "\n[What follows is not kept: the output is longer than %d bytes.]\n"
#: Signals that are meant for the script.
_IGNORED = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGTTOU", "SIGPIPE", "SIGUSR1", "SIGUSR2")


def main(limit: int, targets: dict[int, int]) -> None:
    """Copy from each of the sources in `targets` to its target until all have ended; keep `limit` bytes of it."""
    for name in _IGNORED:
        signal.signal(getattr(signal, name), signal.SIG_IGN)
    _follow_window_size()
    os.write(SIGN, READY)
    left, listening, is_asked = limit, [ASKED], False
    while targets:
        ready = select.select([*targets, *listening], [], [], _PASSAGE if is_asked else None)[0]
        if is_asked and not ready:
            is_asked = False
            _write(SIGN, ANSWER)
        if ASKED in ready:
            ready.remove(ASKED)
            is_asked = bool(_read(ASKED))
            listening = [ASKED] if is_asked else []  # the script has ended; what it started may print on
        for source in ready:
            data = _read(source)
            if not data or not _write(targets[source], data):
                os.close(source)  # who prints on sees then what he would see without us
                del targets[source]
            if left > 0 and data:
                left = _keep(data, left, limit)


def _read(source: int) -> bytes:
    try:
        return os.read(source, _CHUNK)
    except OSError as error:
        if error.errno != errno.EIO:  # the last one has closed a terminal
            raise
        return b""


def _write(target: int, data: bytes) -> bool:
    """Write everything; False when nobody reads any more."""
    view = memoryview(data)
    while view:
        try:
            view = view[os.write(target, view) :]
        except BlockingIOError:
            select.select([], [target], [])
        except OSError:
            return False
    return True


def _keep(data: bytes, left: int, limit: int) -> int:
    """Append to the copy; return how much more may be kept. A full disk ends it, and only it."""
    kept = _write(LOG, data[:left])
    if kept and len(data) > left:
        _write(LOG, (_WORDS % limit).encode())
    return left - len(data) if kept else 0


def _follow_window_size() -> None:
    """Give the script's terminal the size of the real one, now and whenever it changes."""

    def copy(*_: object) -> None:
        try:
            fcntl.ioctl(STDOUT, termios.TIOCSWINSZ, fcntl.ioctl(1, termios.TIOCGWINSZ, bytes(8)))
        except OSError:  # one of them is no terminal
            return

    signal.signal(signal.SIGWINCH, copy)
    copy()


if __name__ == "__main__":
    main(int(sys.argv[1]), {STDOUT: 1, STDERR: 2} if sys.argv[2] == "two" else {STDOUT: 1})
