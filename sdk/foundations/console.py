"""The script's output, kept while it goes where it always went.

Standard output and error are led through another process (`console_tee`), so that what C libraries and child processes
print is kept too, nothing waits for the interpreter's lock, and a killed script's last words are not lost. A terminal
stays a terminal, with its colours and its size; where both streams are one, their order stays as it is.
"""

from __future__ import annotations

import contextlib
import logging
import os
import select
import sys
import termios
import threading
from collections.abc import Sequence
from pathlib import Path

from foundations import console_tee
from foundations.detached import start_detached
from foundations.own_descriptor import OwnDescriptor, file_of, moved_up

_log = logging.getLogger("foundations.console")

#: Bytes of output that are kept of a run, and of one where too much waits for a server.
LIMIT, SCARCE = 1024**3, 1024**2
#: Seconds for which the process is waited for: until it runs, and until it has passed on the last line.
_START, _END = 2.0, 10.0
_STREAMS = (1, 2)


def is_wanted() -> bool:
    """Whether this is a script whose output can be kept, and nobody said FOUNDATIONS_CAPTURE=0."""
    is_interactive = hasattr(sys, "ps1") or bool(sys.flags.interactive) or "ipykernel" in sys.modules
    return os.environ.get("FOUNDATIONS_CAPTURE", "1") != "0" and not is_interactive and _is_interpreter()


def _is_interpreter() -> bool:
    """Whether the executable runs what it is given: a frozen script, or a program around Python, would run itself."""
    name = os.path.basename(sys.executable or "").lower()  # noqa: PTH119 - this is on the path of every import
    return not getattr(sys, "frozen", False) and ("python" in name or "pypy" in name)


class Console:
    """The two streams on their way through the other process. Raises `OSError` when it cannot be started."""

    def __init__(self, copy: Path, limit: int = LIMIT) -> None:
        self._owner = os.getpid()
        self._lock = threading.Lock()
        #: Where the streams went before, and what they lead to now, to be recognised.
        self._before = [OwnDescriptor(os.dup(stream)) for stream in _STREAMS]
        self._ours: list[tuple[int, int]] = []
        #: Set when the other process has passed on all that was printed before it was asked, or is gone.
        self._is_drained = threading.Event()
        #: Where the other process is heard, and where it is asked.
        self._sign: OwnDescriptor | None = None
        self._question: OwnDescriptor | None = None
        try:
            with contextlib.ExitStack() as opened:
                self._redirect(copy, limit, opened)
            threading.Thread(target=self._watch, name="foundations-console", daemon=True).start()
        except BaseException:  # such as no more threads: the script must print where it did
            self._restore()
            raise

    def close(self, seconds: float) -> None:
        """Give the streams back, and wait until what was printed is where it goes; not for others who print on."""
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(Exception):  # the script may have closed or replaced it
                stream.flush()
        # While the streams are its, it is there to be asked. Who writes to somebody who is gone may be killed for it.
        question = self._question
        with contextlib.suppress(OSError):
            if question is not None and question.is_ours():
                os.write(question.number, console_tee.QUESTION)
                self._restore()
                self._is_drained.wait(min(seconds, _END))
        self._restore()

    def is_whole(self) -> bool:
        """Whether all that was printed has been kept."""
        return self._is_drained.is_set()

    def _redirect(self, copy: Path, limit: int, opened: contextlib.ExitStack) -> None:
        log = _keep(os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), opened)
        sign, says = os.pipe()
        says = _keep(says, opened)
        self._sign = OwnDescriptor(sign)
        asked, question = os.pipe()
        asked = _keep(asked, opened)
        self._question = OwnDescriptor(question)
        pairs = [_pair(stream) for stream in (_STREAMS[:1] if _are_one() else _STREAMS)]
        sources = [_keep(read, opened) for read, _ in pairs]
        sinks = [_keep(write, opened) for _, write in pairs]
        _spawn([*(each.number for each in self._before), log, says, asked, *sources], limit)
        if not _is_readable(self._sign.number, _START) or os.read(self._sign.number, 1) != console_tee.READY:
            raise OSError("the process that keeps the output did not start")
        for stream, sink in zip(_STREAMS, (sinks * 2)[:2]):
            self._ours.append(file_of(sink))
            os.dup2(sink, stream)

    def _watch(self) -> None:
        """Hear what the other process says. If it is killed, what the script prints goes where it did before.

        What it had not read by then is lost.
        """
        sign = self._sign
        with contextlib.suppress(OSError):
            while sign is not None and sign.is_ours() and os.read(sign.number, 1):
                self._is_drained.set()
        self._restore()
        for descriptor in (self._sign, self._question):
            if descriptor is not None:
                descriptor.close()
        self._sign = self._question = None
        self._is_drained.set()

    def _restore(self) -> None:
        with self._lock:
            if os.getpid() != self._owner:
                return
            for stream, before, ours in zip(_STREAMS, self._before, self._ours):
                with contextlib.suppress(OSError):  # the script has closed it
                    if file_of(stream) == ours and before.is_ours():
                        os.dup2(before.number, stream)
            for before in self._before:
                before.close()
            self._ours.clear()
            self._before.clear()


def _is_readable(descriptor: int, seconds: float) -> bool:
    poll = select.poll()  # which takes any descriptor, however many the script has
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(seconds * 1000))


def _spawn(descriptors: Sequence[int], limit: int) -> None:
    streams = "two" if len(descriptors) > 6 else "one"
    words = [sys.executable, "-I", "-S", console_tee.__file__, str(limit), streams]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    environment["FOUNDATIONS_COMMAND_LINE"] = "True"  # if it runs the script after all, that begins no run of its own
    start_detached(words, environment, descriptors)


def _pair(stream: int) -> tuple[int, int]:
    """Return a reading and a writing end: of a terminal like the one that the stream leads to, else of a pipe."""
    if not os.isatty(stream):
        return os.pipe()
    reading, writing = os.openpty()
    modes = termios.tcgetattr(stream)
    modes[1] &= ~termios.OPOST  # the real terminal does that
    termios.tcsetattr(writing, termios.TCSANOW, modes)
    return reading, writing


def _are_one() -> bool:
    """Whether both streams go to the same place, so that their order there means something."""
    return file_of(_STREAMS[0]) == file_of(_STREAMS[1])


def _keep(descriptor: int, opened: contextlib.ExitStack) -> int:
    """Move a descriptor out of the way until the block ends."""
    moved = moved_up(descriptor)
    opened.callback(os.close, moved)
    return moved
