"""The sender: a thread that brings the journal of this process to the server while the training goes on.

It sleeps until something is logged, gathers for a moment, and sends. While the server is away it tries again ever more
rarely; the journal waits on disk. When the process ends, `close` waits a bounded time for the rest.
"""

from __future__ import annotations

import contextlib
import logging
import random
import threading
import time
from pathlib import Path
from typing import Callable

from atlas_core.errors import AtlasError
from foundations.beginner import Beginner
from foundations.chosen_number import chosen_number
from foundations.delivery import TRANSIENT, Delivery, Server
from foundations.identity import Identity
from foundations.journal import Journal
from foundations.journal_directory import JournalDirectory
from foundations.leftovers import Leftovers, deliver_dead

_log = logging.getLogger("foundations.sender")

#: Seconds for which records gather into a batch once there is one, and between two batches while there are always more:
#: each batch takes a millisecond or two of the interpreter's lock from the training.
FIRST_CADENCE, CADENCE = 0.1, 0.5
#: Seconds of silence after which the server is told that the process lives. It waits for a minute.
HEARTBEAT = 15.0
#: Seconds between two looks whether the script has printed something.
OUTPUT_PERIOD = 0.5
#: Seconds between attempts while the server is away: the first, and the longest.
FIRST_DELAY, LONGEST_DELAY = 0.25, 10.0
#: Seconds for which the end of the process waits: when the server has ever answered; when it has neither answered nor
#: failed to; and from the first failure on when it has not.
FLUSH_ANSWERED, FLUSH_UNDECIDED, FLUSH_SILENT = 10.0, 5.0, 1.0
#: The most that anybody can choose instead: a thread cannot be waited for without end.
LONGEST_FLUSH = 3600.0
#: Seconds that the end of the process may take longer for what earlier runs left.
LEFTOVERS = 1.0
#: Seconds that a process of a pool must have lived before it sends by itself.
GRACE = 5.0


class Sender:
    """Sends one process's journal. `resolve` says to whom: it may read configuration, so the thread asks it.

    With a `beginner` of the job, this process sends by itself only if it lives for long, and leaves the rest to that.
    """

    def __init__(
        self, journal: Journal, home: Path, resolve: Callable[[], Identity], beginner: Beginner | None = None
    ) -> None:
        self._beginner = beginner
        #: Set once this process has to send, however short it has lived.
        self._is_needed = threading.Event()
        self._journal = journal
        self._home = home
        self._resolve = resolve
        self._wake = threading.Event()
        self._closing = threading.Event()
        #: Set once the server has been asked for something, or never will be.
        self._asked = threading.Event()
        #: Set whenever the server has answered, or has failed to.
        self._heard = threading.Event()
        self._deadline = 0.0
        self._last: list[bytes] = []
        # The handler of a signal may close while the main thread does.
        self._last_lock = threading.RLock()
        self._thread = threading.Thread(target=self._run, name="foundations-sender", daemon=True)
        #: Whether what the script prints is kept, to be sent.
        self.watches_output = False
        self._server: Server | None = None
        self._delivery: Delivery | None = None
        self._leftovers: Leftovers | None = None
        self._failures = 0
        self._answered = self._refused = self._arrived = self._warned = self._is_silent = False
        self._spoke = self._gathered = time.monotonic()
        self._sent_at = 0.0
        #: Whether nothing of the journal waited in memory when it was last sent.
        self._is_settled = True

    def start(self) -> None:
        """Start the thread. An interpreter that is shutting down starts none; then the journal waits."""
        with contextlib.suppress(RuntimeError):
            self._thread.start()

    def wake(self) -> None:
        """Say that there is something to send beside the journal."""
        self._wake.set()

    def has_answered(self, seconds: float) -> bool:
        """Whether the server knows this run; waits so long for its first answer, or until it fails to give one.

        A server that has said nothing in that time is not waited for again.
        """
        self._is_needed.set()
        if self._thread.is_alive() and not self._is_silent:
            self._is_silent = not self._heard.wait(seconds)
        return self._answered

    def close(self, last: bytes = b"", longest: float = LONGEST_FLUSH) -> bool:
        """Send the rest, and then the frame `last`, within `longest` seconds or less; whether all of it arrived.

        `last` is in the journal afterwards, whatever the server does and whoever interrupts the waiting.
        """
        self._last = [last] if last else []
        is_left = self._beginner is not None and self._beginner.is_there()
        try:
            if longest > 0.0 and not is_left and self._thread.is_alive():
                self._wait_for_thread(longest)
        except KeyboardInterrupt:  # the user waits no longer; what is not sent is sent later
            _log.debug("The waiting at the end was interrupted.")
        finally:
            self._append_last()
        if not self._arrived and self._asked.is_set() and not self._refused and not is_left:
            self._warn("Not everything was sent.")
        return self._arrived

    def _wait_for_thread(self, longest: float) -> None:
        chosen = _chosen_flush()
        longest = min(longest, FLUSH_ANSWERED if chosen is None else chosen)
        self._deadline = time.monotonic() + longest
        self._closing.set()
        self._is_needed.set()
        self._wake.set()
        # On a busy machine importing the HTTP library takes its time; that is no fault of the server.
        self._asked.wait(longest)
        if not self._answered and not self._is_silent:
            self._heard.wait(min(self._left(), FLUSH_UNDECIDED if chosen is None else chosen))
        if not self._answered:
            self._thread.join(min(self._left(), FLUSH_SILENT))
        if self._answered:
            self._thread.join(self._left())

    def _left(self) -> float:
        return max(self._deadline - time.monotonic(), 0.0)

    def _run(self) -> None:
        try:
            if self._beginner is not None:
                self._is_needed.wait(GRACE)
            self._pause()
            while not self._is_over():
                self._pause()
        except Exception as error:  # whatever happens here, a training must neither stop nor show a traceback
            self._warn(f"Sending has stopped: {error}.")
            _log.debug("Sending has stopped.", exc_info=True)
        finally:
            self._asked.set()
            self._heard.set()
            if self._leftovers is not None:
                self._leftovers.close()

    def _is_over(self) -> bool:
        """Send what there is; whether that was the end."""
        closing = self._closing.is_set()
        self._arrived = self._attempt(closing) and closing and self._is_settled and self._has_caught_up()
        if not closing:
            return self._refused
        return self._arrived or self._refused or not self._answered or time.monotonic() >= self._deadline

    def _attempt(self, closing: bool) -> bool:
        try:
            self._send(closing)
        except TRANSIENT as error:
            self._fail(str(error))
        except OSError as error:  # such as a full disk: that, too, may pass
            self._fail(f"Nothing can be sent at present: {error}.")
        except AtlasError as error:
            self._refuse(error)
        except Exception as error:  # such as no memory for a moment; sending stops for nothing but a refusal
            self._asked.set()
            self._fail(f"Nothing can be sent at present: {str(error) or type(error).__name__}.")
            _log.debug("Nothing can be sent at present.", exc_info=True)
        else:
            self._failures = 0
            return True
        return False

    def _pause(self) -> None:
        """Wait until there is something to send, or it is time for a sign of life or for another attempt."""
        if self._closing.is_set():
            time.sleep(FIRST_DELAY)
        elif self._failures:
            delay = min(FIRST_DELAY * 2.0 ** min(self._failures - 1, 16), LONGEST_DELAY)
            self._closing.wait(delay * random.uniform(0.5, 1.0))
        else:
            self._journal.waiting = self._wake
            if self._has_caught_up():
                self._wait_for_something()
            self._journal.waiting = None
            self._wake.clear()
            self._closing.wait(max(FIRST_CADENCE, self._sent_at + CADENCE - time.monotonic()))

    def _wait_for_something(self) -> None:
        until = self._spoke + HEARTBEAT
        period = OUTPUT_PERIOD if self.watches_output else HEARTBEAT
        while not self._wake.wait(max(min(until - time.monotonic(), period), 0.0)):
            has_printed = self._delivery is not None and self._delivery.output.is_waiting()
            if has_printed or time.monotonic() >= until:
                return

    def _has_caught_up(self) -> bool:
        return self._delivery is not None and self._delivery.applied >= self._journal.position

    def _send(self, closing: bool) -> None:
        server, delivery = self._connected()
        self._asked.set()
        if closing or (self._beginner is None and time.monotonic() >= self._gathered + HEARTBEAT):
            self._send_dead_siblings(server)
            self._gathered = time.monotonic()
        self._send_own(server, delivery)
        if closing:
            self._append_last()
            self._send_own(server, delivery)
        self._send_leftovers(closing)

    def _connected(self) -> tuple[Server, Delivery]:
        if self._server is None or self._delivery is None:
            journal, identity = self._journal, self._resolve()
            url = identity.server_url or ""
            self._server = Server.connect(url)._replace(meanwhile=self._beat_meanwhile)
            self._delivery = Delivery(identity, journal.directory, journal.writer, journal.append)
            own = journal.directory.path
            others = (each for each in JournalDirectory.all_in(self._home) if each.path != own)
            self._leftovers = Leftovers(others, self._server, url)
        return self._server, self._delivery

    def _send_own(self, server: Server, delivery: Delivery) -> None:
        """Send what there is now. What is logged meanwhile gathers: sent as it comes, it would never end."""
        self._is_settled = self._journal.settle()
        end = self._journal.position
        try:
            while delivery.step(server, end):
                self._answer()
                self._journal.acknowledged = delivery.applied
        except (AtlasError, OSError):
            self._beat_meanwhile()  # what cannot be sent, such as a file, does not mean that the run is dead
            raise
        self._sent_at = time.monotonic()
        self._beat_if_due(server, delivery)

    def _beat_if_due(self, server: Server, delivery: Delivery) -> None:
        if time.monotonic() >= self._spoke + HEARTBEAT:
            delivery.beat(server)
            self._answer()

    def _beat_meanwhile(self) -> None:
        """Keep this run alive while a file is sent, whosever it is. What goes wrong is told when the file has gone."""
        if self._server is None or self._delivery is None:
            return
        try:
            self._beat_if_due(self._server, self._delivery)
        except (AtlasError, OSError):
            self._spoke = time.monotonic()

    def _answer(self) -> None:
        self._answered, self._spoke = True, time.monotonic()
        self._heard.set()

    def _send_dead_siblings(self, server: Server) -> None:
        """Send what processes of the same job left that have ended, such as those of a pool."""
        try:
            for _ in deliver_dead(self._journal.directory, lambda _: server):
                self._answer()
        except TRANSIENT:
            raise
        except Exception as error:  # whatever is wrong with it must not keep this process's records from being sent
            _log.debug("What an ended process left in `%s` stays there: %s", self._journal.directory.path, error)

    def _send_leftovers(self, closing: bool) -> None:
        """Send what earlier runs left, as long as this one has nothing to send."""
        until = min(time.monotonic() + LEFTOVERS, self._deadline) if closing else self._spoke + HEARTBEAT
        while self._leftovers is not None and self._has_caught_up() and self._closing.is_set() is closing:
            if time.monotonic() >= until:
                self._wake.set()
                return
            if not self._leftovers.step():
                self._leftovers = None

    def _append_last(self) -> None:
        # The thread and `close` may both come here; whoever takes the frame has written it when the other goes on.
        with self._last_lock, contextlib.suppress(IndexError):
            self._journal.append(self._last.pop())

    def _fail(self, reason: str) -> None:
        self._failures += 1
        self._heard.set()
        # A server that has answered may just have closed a connection that was idle: the next attempt tells.
        if self._failures > 1 or not self._answered:
            self._warn(reason)

    def _refuse(self, error: AtlasError) -> None:
        self._refused = True
        self._heard.set()
        _log.warning("%s Nothing more is sent; %s.", error, self._record())

    def _warn(self, reason: str) -> None:
        if not self._warned:
            self._warned = True
            record = self._record()
            _log.warning("%s %s; `foundations sync` or the next run sends it.", reason, record[0].upper() + record[1:])

    def _record(self) -> str:
        what = "the run" if self._journal.is_whole else "what the disk had room for of the run"
        return f"{what} is recorded in `{self._journal.directory.path}`"


def _chosen_flush() -> float | None:
    """Return $FOUNDATIONS_FLUSH_SECONDS, or None where it says nothing usable."""
    chosen = chosen_number("FOUNDATIONS_FLUSH_SECONDS", None, "the usual times are waited")
    return None if chosen is None else min(chosen, LONGEST_FLUSH)
