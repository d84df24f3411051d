"""Closes jobs of execution mode that fell silent: their process or their machine died without a word."""

from __future__ import annotations

import logging

from atlas_core.errors import InvalidTransition, JobNotFound
from atlas_core.ids import now
from atlas_core.states import Cause, JobStatus
from atlas_services.background import Background
from atlas_services.scheduler.leader import Leadership
from atlas_services.tracker import UNAVAILABLE, Fenced, Tracker

_log = logging.getLogger("atlas.scheduler")


class Reaper(Background):
    """Sleeps until the next job could have been silent for too long, and looks."""

    def __init__(self, tracker: Tracker, leadership: Leadership, timeout: float) -> None:
        super().__init__("reaper")
        self._tracker = tracker
        self._leadership = leadership
        self._timeout = timeout

    def close_silent(self, time: float, term: int) -> float:
        """Close the jobs that are silent for too long at `time`; return in how many seconds the next one may be.

        Raises `Fenced` when the term is over.
        """
        jobs = self._tracker.jobs
        for job_id in jobs.silent_since(time - self._timeout):
            try:
                jobs.transition_from(
                    job_id,
                    (JobStatus.RUNNING,),
                    JobStatus.FAILED,
                    time,
                    term=term,
                    completed_time=time,
                    cause=Cause.LOST_HEARTBEAT,
                    cause_detail=f"no sign of life for {self._timeout:g} seconds",
                )
                _log.info("job %s: closed, it was silent for too long", job_id)
            except (InvalidTransition, JobNotFound):
                continue  # it ended just now
        oldest = jobs.oldest_sign_of_life()
        return self._timeout if oldest is None else max(oldest + self._timeout - time, 0.0) + 0.1

    def _run(self) -> None:
        # While no server was there nobody could give a sign of life; everyone gets the full time to.
        pause = self._timeout
        while not self._closing.wait(pause):
            try:
                term = self._leadership.term
                pause = self._timeout if term is None else self.close_silent(now(), term)
            except (Fenced, *UNAVAILABLE):
                pause = self._timeout
            except Exception:  # such as a Redis that takes no writes now
                _log.exception("the reaper failed; it goes on")
                pause = self._timeout
