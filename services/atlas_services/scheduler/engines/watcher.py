"""Tells when processes end, children and others alike: one thread that sleeps until the kernel says so."""

from __future__ import annotations

import contextlib
import logging
import os
import selectors
import subprocess
import threading
from collections.abc import Callable
from dataclasses import dataclass

from atlas_services.scheduler.engines.workspace import Taker

_log = logging.getLogger("atlas.scheduler.process")

#: Seconds between two looks at processes of which the kernel gives no notice (it is not Linux).
_POLL = 0.2


@dataclass(frozen=True)
class _Watched:
    key: str
    taker: Taker
    child: subprocess.Popen[bytes] | None


class Watcher:
    """Calls `ended(key, pid)` once for each watched process that has ended, in its own thread.

    A child is reaped only after the call, so that its process id still means it. What `ended` raises is logged.
    """

    def __init__(self, ended: Callable[[str, int], None]) -> None:
        self._ended = ended
        self._selector = selectors.DefaultSelector()
        self._polled: list[_Watched] = []
        self._lock = threading.Lock()
        self._reader, self._writer = os.pipe()
        self._selector.register(self._reader, selectors.EVENT_READ)
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="process-watcher", daemon=True)
        self._thread.start()

    def watch(self, key: str, taker: Taker, child: subprocess.Popen[bytes] | None = None) -> None:
        """Watch a process; one that has ended already is reported at once. Nothing is watched after `close`."""
        watched = _Watched(key, taker, child)
        descriptor = _open_process(taker.pid)
        with self._lock:
            if self._closed:  # the process runs on; whoever comes next finds it
                if descriptor is not None:
                    os.close(descriptor)
                _forget(child)
                return
            if descriptor is None:
                self._polled.append(watched)
            else:
                self._selector.register(descriptor, selectors.EVENT_READ, watched)
        self._wake()

    @property
    def lives(self) -> bool:
        """Whether ends of processes are still told."""
        return self._thread.is_alive()

    def close(self) -> None:
        """Stop watching."""
        with self._lock:
            self._closed = True
        self._wake()
        self._thread.join(5)

    def _wake(self) -> None:
        with contextlib.suppress(OSError):
            os.write(self._writer, b"w")

    def _run(self) -> None:
        while not self._closed:
            ready = self._selector.select(_POLL if self._polled else None)
            for selected, _ in ready:
                if selected.data is None:
                    os.read(self._reader, 4096)
                else:
                    self._end_selected(selected)
            self._poll()
        self._release()

    def _end_selected(self, selected: selectors.SelectorKey) -> None:
        with self._lock:
            self._selector.unregister(selected.fd)
        os.close(selected.fd)
        self._report(selected.data)

    def _poll(self) -> None:
        with self._lock:
            gone = [each for each in self._polled if not _lives(each)]
            self._polled = [each for each in self._polled if each not in gone]
        for watched in gone:
            self._report(watched)

    def _report(self, watched: _Watched) -> None:
        try:
            self._ended(watched.key, watched.taker.pid)
        except Exception:  # the ends of all other processes are still to be told
            _log.exception("the end of %s could not be told", watched.key)
        if watched.child is not None:
            watched.child.wait()

    def _release(self) -> None:
        with self._lock:
            for selected in list(self._selector.get_map().values()):
                if selected.data is not None:
                    os.close(selected.fd)
                    _forget(selected.data.child)
            self._selector.close()
            os.close(self._reader)
            os.close(self._writer)


def _open_process(pid: int) -> int | None:
    """Return a descriptor that becomes readable when the process ends; None where there are none, or no process."""
    if pid and hasattr(os, "pidfd_open"):
        with contextlib.suppress(OSError):
            return os.pidfd_open(pid)
    return None


def _lives(watched: _Watched) -> bool:
    return watched.taker.lives if watched.child is None else watched.child.poll() is None


def _forget(child: subprocess.Popen[bytes] | None) -> None:
    """Keep Popen from warning: the job is meant to run on."""
    if child is not None and child.returncode is None:
        child.returncode = 0
