"""Saying what a job waits for, beside the stream of its log, until the job begins."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass, field
from types import TracebackType

from atlas_core.client import SchedulerClient
from atlas_core.errors import AtlasError, ServerError, ServerUnreachable
from atlas_core.states import JobStatus

_log = logging.getLogger("foundations.waiting")

#: Seconds that a job may wait without a word, and seconds between two questions after that.
_SILENCE, _PAUSE = 0.5, 1.0
#: Seconds after which a reason is said again in which only numbers have changed.
_NUMBERS_PAUSE = 15.0


@dataclass(frozen=True)
class _Reason:
    """Why a job waits: in a sentence, in a word, and behind which jobs."""

    text: str = ""
    code: object = None
    blocking: object = None
    moment: float = field(default_factory=time.monotonic, compare=False)

    def is_news_after(self, last: _Reason) -> bool:
        """Whether it is to be said; numbers that change in the same reason are news only now and then."""
        same = (self.code, self.blocking) == (last.code, last.blocking)
        return self.text != last.text and (not same or self.moment - last.moment > _NUMBERS_PAUSE)


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
        last, pause = _Reason(), _SILENCE
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
            if reason.is_news_after(last):
                self._say(reason.text)
                last = reason

    def _reason(self) -> _Reason | None:
        """Return why the job waits; None when it waits no more."""
        answer = self._scheduler.why(self._job_id)
        try:
            if JobStatus(answer["status"]).is_waiting:
                return _Reason(str(answer["reason"]), answer["code"], answer["blocking"])
        except (KeyError, ValueError):
            _log.debug("job %s: the server gives no reason: %s", self._job_id, answer)
        return None

    def _say(self, reason: str) -> None:
        with self._speaking:
            if not self._ended.is_set():
                _log.info("Waiting: %s", reason)
