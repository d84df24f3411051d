"""Which scheduler leads: one at a time, however many there are.

Two things decide. The lease in Redis is held by one scheduler at a time and says in which term it leads; every write of
a leader carries the term, so one that was paused or cut off cannot act once its successor has begun. The lock on a file
of the home tells the others on this machine at once when its holder has died, so that none of them waits for the lease
to run out.
"""

from __future__ import annotations

import fcntl
import logging
import threading
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import IO

from atlas_services.tracker import UNAVAILABLE, Fenced, Lease

_log = logging.getLogger("atlas.scheduler")

#: Seconds for which a lease holds unless it is renewed.
LEASE_SECONDS = 10.0
#: How often it is renewed within that time.
_RENEWALS = 3
#: How much of that time a leader counts on: the clocks of two machines do not run at quite the same speed.
_CERTAIN = 0.9
#: Seconds between tries to open a lock file that cannot be opened, and the shortest wait for a lease.
_PAUSE = 0.5
_SHORTEST = 0.01


class HomeLock:
    """A lock on a file. The kernel releases it when its holder dies, however that comes about."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[str] | None = None
        self._wanted = False
        self._waiting: threading.Thread | None = None
        self._changed = threading.Condition()

    @property
    def held(self) -> bool:
        """Whether this process holds it."""
        return self._file is not None

    def identity(self) -> str:
        """Return a name that all who can hold this lock have in common; a copy of the file has another."""
        try:
            text = self._path.read_text(errors="replace").strip()
            return f"{text or uuid.uuid4().hex}-{self._path.stat().st_ino}"
        except OSError:
            return uuid.uuid4().hex

    def want(self) -> None:
        """Get in line for the lock, unless this process is there already."""
        with self._changed:
            self._wanted = True
            if self._file is None and self._waiting is None:
                self._waiting = threading.Thread(target=self._obtain, name="home-lock", daemon=True)
                self._waiting.start()

    def wait(self, timeout: float) -> bool:
        """Wait until the lock is held or wanted no more; whether it is held."""
        with self._changed:
            self._changed.wait_for(lambda: self._file is not None or not self._wanted, timeout)
            return self.held

    def release(self) -> None:
        """Let another process have it."""
        with self._changed:
            self._wanted = False
            if self._file is not None:
                self._file.close()
                self._file = None
            self._changed.notify_all()

    def _obtain(self) -> None:
        while (file := self._open_locked()) is None and self._wanted:
            time.sleep(_PAUSE)
        with self._changed:
            self._waiting = None
            if self._wanted:
                self._file = file
                self._changed.notify_all()
            elif file is not None:
                file.close()

    def _open_locked(self) -> IO[str] | None:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            file = self._path.open("a")
            fcntl.flock(file, fcntl.LOCK_EX)
            if file.tell() == 0:
                file.write(uuid.uuid4().hex)
                file.flush()
        except OSError as error:
            _log.error("the lock that says which scheduler of this home leads cannot be taken: %s", error)
            return None
        return file


class Leadership:
    """Whether this scheduler leads, and in which term."""

    def __init__(
        self, path: Path, lease: Lease, seconds: float = LEASE_SECONDS, clock: Callable[[], float] | None = None
    ) -> None:
        self._lock = HomeLock(path)
        self._lease = lease
        self._seconds = seconds
        self._clock = clock or _now
        self._term: int | None = None
        self._certain_until = 0.0
        self._name = ""
        self._changing = threading.Lock()
        self._released = threading.Event()

    @property
    def held(self) -> bool:
        """Whether this scheduler leads, as far as it knows."""
        return self._term is not None

    @property
    def term(self) -> int | None:
        """The term in which it leads, None when it does not. Every write of a leader is to carry it."""
        return self._term

    def acquire(self) -> int | None:
        """Wait until this scheduler leads and return its term; None after `release`. Raises one of `UNAVAILABLE`."""
        self._lock.want()
        left = self._seconds  # without the lock it may only follow a leader that has been silent for so long
        while not self._released.is_set():
            locked = self._lock.wait(left)
            if self._released.is_set():
                break
            term, left = self.take()
            if term is not None:
                return term
            if locked:  # a scheduler of another home leads
                self._released.wait(left)
        return None

    def take(self) -> tuple[int | None, float]:
        """Lead if nobody else does; returns the term, or None and in how many seconds to try again."""
        began, locked = self._clock(), self._lock.held
        # A leader with our lock is dead if we hold it now. One without may live: nobody can tell by its name.
        name = self._lock.identity() if locked else uuid.uuid4().hex
        term, left = self._lease.take(name, self._seconds, dead=name if locked else "")
        if term is None:
            return None, min(max(left, _SHORTEST), self._seconds)
        with self._changing:
            self._term, self._name, self._certain_until = term, name, began + self._seconds * _CERTAIN
        return term, 0.0

    def check(self, term: int) -> None:
        """Return if this scheduler leads in this term and nobody else can have begun; raises `Fenced` if not.

        Raises one of `UNAVAILABLE` when that cannot be known.
        """
        if term != self._term:
            raise Fenced
        if self._clock() >= self._certain_until:
            self.renew(term)

    def renew(self, term: int) -> None:
        """Hold the lease for its full time again. Raises `Fenced` if another scheduler leads."""
        began = self._clock()
        name = self._lock.identity() if self._lock.held else self._name
        if not self._lease.renew(term, name, self._seconds):
            self.lose(term)
            raise Fenced
        self._certain_until = max(self._certain_until, began + self._seconds * _CERTAIN)

    def lose(self, term: int) -> None:
        """Lead no more in this term: get in line again, behind those of this home that wait for the lock."""
        with self._changing:
            if self._term == term:
                self._term = None
                self._lock.release()

    def keep(self) -> None:
        """Renew the lease whenever this scheduler leads, until `release`."""
        while not self._released.wait(self._seconds / _RENEWALS):
            term = self._term
            if term is None:
                continue
            try:
                self.renew(term)
            except Fenced:
                _log.warning("another scheduler leads now")
            except UNAVAILABLE as error:
                _log.warning("the lease cannot be renewed: %s", error)
            except Exception:  # such as a Redis that takes no writes now
                _log.exception("the lease cannot be renewed")

    def release(self) -> None:
        """Let another scheduler lead; this one never will again."""
        self._released.set()
        term, self._term = self._term, None
        try:
            if term is not None:
                self._lease.release(term)
        except UNAVAILABLE as error:
            _log.info("the lease is left to run out: %s", error)
        self._lock.release()


def _now() -> float:
    """Return seconds on a clock that goes on while the machine sleeps, where there is one."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))
