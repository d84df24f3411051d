"""Following a job's log from wherever one is, until the job has ended."""

from __future__ import annotations

import logging
import os
import time
from typing import Any, Callable

from atlas_core.client import SchedulerClient
from atlas_core.errors import JobNotFound, ServerError, ServerUnreachable
from atlas_core.log_frames import UnfinishedLine
from atlas_core.states import Cause, JobStatus
from foundations.waiting import WaitingReport

_log = logging.getLogger("foundations.log_stream")

#: Seconds between attempts after the connection was lost, and after how many without any answer it is given up.
_FIRST_DELAY, _LONGEST_DELAY, _GIVE_UP = 0.25, 5.0, 300.0

_CAUSES = {
    Cause.USER_CODE: "its program raised an exception",
    Cause.EXIT_CODE: "its command ended with an exit code other than 0",
    Cause.STOPPED_BY_USER: "it was stopped",
    Cause.OOM: "it ran out of memory",
    Cause.IMAGE_PULL: "its image could not be had",
    Cause.DEPENDENCY_INSTALL: "its requirements could not be installed",
    Cause.TIMEOUT: "it exceeded its time limit",
    Cause.ENGINE_LOST: "what ran it was lost",
    Cause.LOST_HEARTBEAT: "it gave no sign of life any more",
    Cause.INVALID_SPEC: "its specification asks for something impossible",
}


def is_disabled() -> bool:
    """Whether the user wants to see no log of a job that was submitted, by $DISABLE_LOG_STREAMING."""
    return os.environ.get("DISABLE_LOG_STREAMING", "False") != "False"


def stream(
    scheduler: SchedulerClient,
    job_id: str,
    write: Callable[[bytes], Any],
    show_unfinished: Callable[[bytes], Any] | None = None,
) -> JobStatus:
    """Hand the job's log to `write` as it appears, from the start; return the state in which the job ended.

    `show_unfinished` gets the line behind it that is not in the log yet, each time that it changes, and b"" when there
    is none any more; what is written next takes its place.

    As long as the job waits, the log of this process says what for.

    A lost connection is opened again behind the last byte received. Raises `JobNotFound` when the job is gone, and
    `ServerUnreachable` when the server stays away for minutes. An interrupt ends the streaming alone, never the job.
    """
    _log.info("Job queued. Ctrl-C to stop streaming - job will not be interrupted or cancelled.")
    try:
        with WaitingReport(scheduler, job_id) as waiting:
            status = _Follower(scheduler, job_id, write, show_unfinished, waiting.end).follow()
    except JobNotFound:
        message = "Job cannot be found. Possibly because it has been removed from the queue."
        raise JobNotFound(message, job_id=job_id) from None
    if status is JobStatus.FAILED:
        _log.error("Job '%s' has failed.%s", job_id, _reason(scheduler.state(job_id)))
    else:
        _log.info("Job '%s' has completed.", job_id)
    return status


class _Follower:
    def __init__(
        self,
        scheduler: SchedulerClient,
        job_id: str,
        write: Callable[[bytes], Any],
        show_unfinished: Callable[[bytes], Any] | None,
        begun: Callable[[], None],
    ) -> None:
        self._scheduler = scheduler
        self._job_id = job_id
        self._write = write
        self._show_unfinished = show_unfinished
        self._begun = begun
        self._has_begun = False
        self._offset = 0
        self._answered = time.monotonic()
        self._delay = _FIRST_DELAY

    def follow(self) -> JobStatus:
        """Read to the end of the log of an ended job."""
        ended = None
        while True:
            begun, offset = time.monotonic(), self._offset
            try:
                self._read()
                if ended is not None:
                    return ended
                status = self._scheduler.status(self._job_id)
                # What was written between the last byte read and the end of the job is read once more.
                ended = status if status.is_finished else None
                # something between us and the server may close a silent stream at once
                if ended is None and self._offset == offset and time.monotonic() - begun < _FIRST_DELAY:
                    self._wait()
            except (ServerUnreachable, ServerError):
                if time.monotonic() - self._answered > _GIVE_UP:
                    raise
                self._wait()

    def _read(self) -> None:
        wants_all = self._show_unfinished is not None
        with self._scheduler.log_stream(self._job_id, self._offset, unfinished=wants_all) as chunks:
            self._heard()
            try:
                for chunk in chunks:
                    self._take(chunk)
            finally:
                if self._show_unfinished is not None:
                    self._show_unfinished(b"")

    def _take(self, chunk: bytes) -> None:
        if chunk and not self._has_begun:
            self._has_begun = True
            self._begun()
            _log.info("Job running, streaming logs.")
        if not isinstance(chunk, UnfinishedLine):
            self._offset += len(chunk)
            self._write(chunk)
        elif self._show_unfinished is not None:
            self._show_unfinished(chunk)
        self._heard()

    def _heard(self) -> None:
        self._answered, self._delay = time.monotonic(), _FIRST_DELAY

    def _wait(self) -> None:
        time.sleep(self._delay)
        self._delay = min(self._delay * 2, _LONGEST_DELAY)


def _reason(state: dict[str, Any]) -> str:
    try:
        words = _CAUSES[Cause(state.get("cause"))]
    except ValueError:
        return ""
    code = state.get("exit_code")
    if state["cause"] == Cause.EXIT_CODE and code is not None:
        words = f"its command ended with exit code {code}"
    return f" Cause: {words}."
