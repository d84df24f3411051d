"""Saying what a job waits for, beside the stream of its log, until the job begins."""

from __future__ import annotations

import logging
import threading
from types import TracebackType

from atlas_core.client import SchedulerClient
from atlas_core.errors import AtlasError, ServerError, ServerUnreachable
from atlas_core.states import JobStatus

_log = logging.getLogger("foundations.waiting")

#: Seconds that a job may wait without a word, and seconds between two questions after that.
_SILENCE, _PAUSE = 0.5, 1.0


class WaitingReport:
    """Inside the block, until `end`, logs why the job waits, again whenever the reason changes."""

    def __init__(self, scheduler: SchedulerClient, job_id: str) -> None:
        self._scheduler = scheduler
        self._job_id = job_id
        self._ended = threading.Event()
        self._speaking = threading.Lock()
        self._thread = threading.Thread(target=self._report, name="waiting-report", daemon=True)

    def __enter__(self) -> WaitingReport:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    def end(self) -> None:
        """Say nothing any more. Harmless to repeat."""
        with self._speaking:
            self._ended.set()

    def _report(self) -> None:
        last, pause = None, _SILENCE
        while not self._ended.wait(pause):
            pause = _PAUSE
            try:
                reason = self._reason()
            except (ServerUnreachable, ServerError):
                continue
            except AtlasError:  # the job is gone, or the server is one that gives no reasons
                return
            if reason is None:
                return
            if reason != last:
                self._say(reason)
            last = reason

    def _reason(self) -> str | None:
        """Return why the job waits, in a sentence; None when it waits no more."""
        answer = self._scheduler.why(self._job_id)
        try:
            return str(answer["reason"]) if JobStatus(answer["status"]).is_waiting else None
        except (KeyError, ValueError):
            return None

    def _say(self, reason: str) -> None:
        with self._speaking:
            if not self._ended.is_set():
                _log.info("Waiting: %s", reason)
