"""The line that a container has begun and not ended: its log has it only once it is whole.

It is read from what the daemon tells whoever is attached, and only while somebody looks on. Nothing of it is kept: the
log gets the same bytes from the daemon later, so all that is lost with an attachment is the sight of them.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from docker.errors import APIError

from atlas_services.scheduler.engines import EngineAway
from atlas_services.scheduler.engines.docker_daemon import Daemon, Stream
from atlas_services.scheduler.engines.docker_frames import pieces_of_output

_log = logging.getLogger("atlas.scheduler.docker")

#: So many bytes of a line that does not end are put into the log together.
_LOGGED = 16 * 1024
#: Seconds between two looks at which container the job has, and so between two attempts to attach.
_PAUSE = 1.0


class UnfinishedLine:
    """What one stream has written since its last line ended, as far as the log lacks it."""

    def __init__(self) -> None:
        self._rest = b""
        #: The line as it looks now: from the carriage return on that began it anew, if one did.
        self.text = b""

    def add(self, piece: bytes) -> None:
        """Take in what was written next."""
        rest = piece[piece.rfind(b"\n") + 1 :] if b"\n" in piece else self._rest + piece
        self._rest = rest = rest[len(rest) // _LOGGED * _LOGGED :]
        self.text = rest[max(0, rest.rfind(b"\r", 0, len(rest.rstrip(b"\r")))) :]


class UnfinishedLines:
    """The unfinished lines of containers. However many look at one, the daemon is asked once."""

    def __init__(self, daemon: Daemon) -> None:
        self._daemon = daemon
        self._lock = threading.Lock()
        self._attachments: dict[str, _Attachment] = {}

    @contextmanager
    def watched(self, container: Callable[[], str | None]) -> Iterator[Callable[[], bytes]]:
        """Yield what returns the line, b"" when there is none. `container` names the one to look at; it may change."""
        look = _Look(self._enter, self._leave, container)
        try:
            yield look
        finally:
            look.end()

    def _enter(self, container: str) -> _Attachment:
        with self._lock:
            attachment = self._attachments.get(container)
            if attachment is None or attachment.has_ended:
                attachment = self._attachments[container] = _Attachment(self._daemon, container)
                attachment.start()
            attachment.watchers += 1
            return attachment

    def _leave(self, attachment: _Attachment) -> None:
        with self._lock:
            attachment.watchers -= 1
            if attachment.watchers:
                return
            if self._attachments.get(attachment.container) is attachment:
                del self._attachments[attachment.container]
        attachment.close()


class _Attachment(threading.Thread):
    """Reads what a container writes from now on, always at once: the container would have to wait otherwise."""

    def __init__(self, daemon: Daemon, container: str) -> None:
        super().__init__(name=f"unfinished-{container[:12]}", daemon=True)
        self.container = container
        self.watchers = 0
        self.has_ended = False
        self._daemon = daemon
        self._lines = {1: UnfinishedLine(), 2: UnfinishedLine()}
        self._latest = 1
        self._closed = False
        self._stream: Stream | None = None

    @property
    def text(self) -> bytes:
        """The line that was written to last, or else that of the other stream."""
        if self.has_ended:
            return b""
        latest = self._latest
        return self._lines[latest].text or self._lines[3 - latest].text

    def run(self) -> None:
        """Read to the end of the container, or until closed."""
        try:
            with self._daemon.attached(self.container) as stream:
                self._stream = stream
                if not self._closed:
                    self._read(stream)
        except (EngineAway, APIError) as error:
            if not self._closed:
                _log.info("container %s: unfinished lines are not shown: %s", self.container[:12], error)
        finally:
            self.has_ended = True

    def close(self) -> None:
        """Read no more."""
        self._closed = True
        if self._stream is not None:
            self._stream.cut()

    def _read(self, stream: Stream) -> None:
        for number, piece in pieces_of_output(stream):
            if number in self._lines:
                self._lines[number].add(piece)
                self._latest = number


class _Look:
    """One watcher's view, which finds the job's container as soon as there is one."""

    def __init__(
        self,
        enter: Callable[[str], _Attachment],
        leave: Callable[[_Attachment], None],
        container: Callable[[], str | None],
    ) -> None:
        self._enter = enter
        self._leave = leave
        self._container = container
        self._attachment: _Attachment | None = None
        self._next = 0.0

    def __call__(self) -> bytes:
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + _PAUSE
            self._renew()
        return b"" if self._attachment is None else self._attachment.text

    def end(self) -> None:
        """Look no more."""
        attachment, self._attachment = self._attachment, None
        if attachment is not None:
            self._leave(attachment)

    def _renew(self) -> None:
        """Look at the container that the job has now: the daemon ends no attachment to one that has exited before."""
        container, now = self._container(), self._attachment
        if now is not None and not now.has_ended and now.container == container:
            return
        self.end()
        if container is not None:
            self._attachment = self._enter(container)
