"""The output of a container, copied to the job's log as it comes: every byte once, whoever is restarted meanwhile.

The daemon keeps the output until the container is removed. How much of it has been copied is told by the length of the
log itself, so whoever goes on after a crash skips exactly that. Each byte is written at its own place, so two who copy
at the same time, one of whom was paused and does not know of the other, double nothing.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from contextlib import closing

from docker.errors import APIError

from atlas_services.scheduler.engines import EngineAway
from atlas_services.scheduler.engines.docker_daemon import Daemon, Stream
from atlas_services.scheduler.engines.docker_frames import pieces_of_output
from atlas_services.scheduler.engines.output_file import OutputFile

_log = logging.getLogger("atlas.scheduler.docker")

#: Seconds before trying again: to write when the disk is full, to read when the daemon is away.
_PAUSE = 0.5
#: Seconds within which the end of the container is known once its output has ended.
_KNOWN = 0.2
#: Seconds without a word after which the output of a container is given up: of one that has ended; of one that is
#: gone, whose output the daemon may neither have nor end.
_SILENCE, _SILENCE_OF_THE_GONE = 10.0, 0.5
#: The same while the daemon has not begun to answer: with much to do it takes its time.
_UNANSWERED = 120.0


class LogCopy(threading.Thread):
    """Copies until the container has ended and all is copied, then calls `done`; after `close` it does not.

    `log` opens the job's log; the container's output begins at its byte `start`. `has_ended` says whether
    the container has, and may raise `EngineAway`.
    """

    def __init__(
        self,
        daemon: Daemon,
        container: str,
        log: Callable[[], OutputFile],
        start: int,
        has_ended: Callable[[], bool],
        done: Callable[[], None],
    ) -> None:
        super().__init__(name=f"log-{container[:12]}", daemon=True)
        self._daemon = daemon
        self._container = container
        self._open_log = log
        self._start_of_output = start
        self._has_ended = has_ended
        self._done = done
        self._stream: Stream | None = None
        self._is_answered = False
        self._ended = threading.Event()
        self._finished = threading.Event()
        self._given_up = threading.Event()
        self._closed = False
        self._progress = 0.0

    def note_end(self, is_gone: bool = False) -> None:
        """The container has ended, or was removed even: what is left of its output should come soon."""
        if is_gone or not self._ended.is_set():
            self._ended.set()
            threading.Thread(target=self._hurry, args=(is_gone,), name="log-end", daemon=True).start()

    def close(self) -> None:
        """Copy no more; another scheduler will."""
        self._closed = True
        self._give_up()

    def run(self) -> None:
        """Copy to the end."""
        try:
            while not self._given_up.is_set() and not self._is_complete():
                self._given_up.wait(_PAUSE)
        except Exception:  # whatever is wrong with the log, the end of the job must be told
            _log.exception("container %s: the rest of its output is lost", self._container[:12])
        self._finished.set()
        if not self._closed:
            self._done()

    def _is_complete(self) -> bool:
        try:
            whole = self._copy()
            return whole and (self._ended.wait(_KNOWN) or self._has_ended())
        except EngineAway:
            self._certainly_ended()
            return False
        except APIError as error:  # which is an OSError, too
            _log.warning("container %s: no output can be had of it: %s", self._container[:12], error)
            return self._ended.is_set() or self._certainly_ended()
        except OSError as error:
            _log.warning("container %s: the job's log cannot be opened now: %s", self._container[:12], error)
            self._note_hindrance()
            return False

    def _copy(self) -> bool:
        """Copy what the daemon has and will have; False when it broke off."""
        path = f"/containers/{self._container}/logs"
        self._is_answered = False
        with (
            closing(self._open_log()) as log,
            self._daemon.stream(path, stdout=1, stderr=1, follow=1) as stream,
        ):
            self._stream = stream
            self._progress, self._is_answered = time.monotonic(), True
            position = log.length
            skip = max(0, position - self._start_of_output)
            for _, piece in pieces_of_output(stream):
                self._progress = time.monotonic()
                if skip < len(piece):
                    position = self._write(log, position, memoryview(piece)[skip:])
                skip = max(0, skip - len(piece))
                if self._given_up.is_set():
                    return False
        return True

    def _write(self, log: OutputFile, position: int, left: memoryview) -> int:
        """Write all of it, however long the disk is full: the daemon keeps what comes behind. Returns where it ends."""
        while left and not self._given_up.is_set():
            try:
                written, position = log.write_at(position, left)
                left = left[written:]
            except OSError as error:
                _log.warning("container %s: its output cannot be written now: %s", self._container[:12], error)
                self._note_hindrance()
                self._given_up.wait(_PAUSE)
        return position

    def _note_hindrance(self) -> None:
        """Something else keeps the output from coming: it is not silent until that is tried again."""
        self._progress = time.monotonic() + _PAUSE

    def _certainly_ended(self) -> bool:
        """Whether the container has ended, as far as the daemon tells."""
        try:
            return self._has_ended()
        except EngineAway:
            self._note_hindrance()
        except APIError as error:
            _log.warning("container %s: its state is not told: %s", self._container[:12], error)
        return False

    def _hurry(self, is_gone: bool) -> None:
        """Give the output up when nothing comes any more and it does not end either."""
        self._progress = time.monotonic()

        def left() -> float:
            silence = _SILENCE if self._is_answered else _UNANSWERED
            return self._progress + (_SILENCE_OF_THE_GONE if is_gone else silence) - time.monotonic()

        # A look is short, for the daemon may begin to answer meanwhile.
        while not self._finished.wait(min(max(0.0, left()), _PAUSE)):
            if left() <= 0:
                _log.warning("container %s has ended, but its output does not; it is cut off", self._container[:12])
                self._give_up()
                return

    def _give_up(self) -> None:
        self._given_up.set()
        if self._stream is not None:
            self._stream.cut()
