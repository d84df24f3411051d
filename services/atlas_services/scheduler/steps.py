"""The steps of jobs' lives, side by side in threads, each repeated until it succeeds or belongs to another leader."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, field

from atlas_services.scheduler.engines import Engine, EngineAway, Stop
from atlas_services.scheduler.leader import Leadership
from atlas_services.scheduler.lifecycle import Lifecycle
from atlas_services.tracker import UNAVAILABLE, Fenced

_log = logging.getLogger("atlas.scheduler")

#: Jobs that are finished at the same time; each mostly waits for the disk or for Redis.
_ENDINGS = 8
#: Jobs that are prepared at the same time, at most: as many as have a slot, since an image may take minutes to arrive.
_MOST_BEGINNINGS = 1000
#: What is raised while something is away that comes back, and the seconds between tries until then.
_AWAY = (EngineAway, *UNAVAILABLE)
_PAUSE = 0.5


@dataclass
class Tenure:
    """What this scheduler has in hand while it leads: jobs by how far they are."""

    term: int
    held: set[str] = field(default_factory=set)
    beginning: set[str] = field(default_factory=set)
    ending: set[str] = field(default_factory=set)
    #: The jobs, with their attempts, that were told to stop.
    told: set[tuple[str, int]] = field(default_factory=set)
    #: When what ended jobs left was last looked for.
    swept: float | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def is_first(self, mark: tuple[str, int]) -> bool:
        """Whether the job is to be told now; False when it was."""
        with self.lock:
            known = len(self.told)
            self.told.add(mark)
            return len(self.told) > known

    def forget(self, mark: tuple[str, int]) -> None:
        """Have the job told again."""
        with self.lock:
            self.told.discard(mark)


class Steps:
    """Does what is to be done for each job. Once `closing` is set, nothing is waited for any more."""

    def __init__(
        self,
        lifecycle: Lifecycle,
        engine: Engine,
        leadership: Leadership,
        closing: threading.Event,
        pool: Callable[[int, str], Executor],
    ) -> None:
        self._lifecycle = lifecycle
        self._engine = engine
        self._leadership = leadership
        self._closing = closing
        # Two, so that jobs with large bundles do not keep others from ending.
        self._beginnings = pool(_MOST_BEGINNINGS, "begin")
        self._endings = pool(_ENDINGS, "end")

    def shutdown(self) -> None:
        """Finish what was begun and begin nothing more."""
        self._beginnings.shutdown(cancel_futures=True)
        self._endings.shutdown(cancel_futures=True)

    def begin(self, tenure: Tenure, job_id: str) -> None:
        """Take a job in hand that was claimed or runs already, unless that was done."""
        if job_id not in tenure.held:
            tenure.held.add(job_id)
            tenure.beginning.add(job_id)
            _submit(self._beginnings, job_id, lambda: self._begin(tenure, job_id))

    def end(self, tenure: Tenure, job_id: str) -> None:
        """See to a job that the engine is done with. One that is not in hand, or told twice, is nothing to act on."""
        if job_id in tenure.held and job_id not in tenure.ending:
            tenure.ending.add(job_id)
            _submit(self._endings, job_id, lambda: self._end(tenure, job_id))

    def stop(self, tenure: Tenure, job_id: str, attempt: int, stop: Stop) -> None:
        """Tell a job to stop, once."""
        if tenure.is_first((job_id, attempt)):
            _submit(self._endings, job_id, lambda: self._stop(tenure, job_id, attempt, stop))

    def sweep(self, tenure: Tenure) -> None:
        """Put away what jobs left that nobody sees to."""
        _submit(self._beginnings, "-", lambda: self._sweep(tenure))

    def _begin(self, tenure: Tenure, job_id: str) -> None:
        has_begun = self._patiently(tenure, job_id, lambda: self._lifecycle.begin(job_id, tenure.term))
        tenure.beginning.discard(job_id)
        if not has_begun:
            tenure.held.discard(job_id)

    def _end(self, tenure: Tenure, job_id: str) -> None:
        self._patiently(tenure, job_id, lambda: self._lifecycle.end(job_id, tenure.term))
        tenure.ending.discard(job_id)
        tenure.held.discard(job_id)

    def _stop(self, tenure: Tenure, job_id: str, attempt: int, stop: Stop) -> None:
        while True:
            try:
                self._leadership.check(tenure.term)
                self._engine.stop(job_id, stop)
                return
            except Fenced:
                _log.info("job %s is left to the scheduler that leads", job_id)
                return
            except _AWAY as error:
                _log.warning("job %s cannot be told to stop now: %s", job_id, error)
                if self._closing.wait(_PAUSE):
                    return
            except Exception:  # the next look tells it again
                _log.exception("job %s could not be told to stop", job_id)
                tenure.forget((job_id, attempt))
                return

    def _sweep(self, tenure: Tenure) -> None:
        while True:
            try:
                self._lifecycle.sweep(tenure.term, tenure.held.__contains__)
                return
            except _AWAY as error:
                _log.warning("what is left of ended jobs stays for now: %s", error)
                if self._closing.wait(_PAUSE):
                    return
            except Fenced:
                return
            except Exception:
                _log.exception("what is left of ended jobs stays for the next time")
                return

    def _patiently(self, tenure: Tenure, job_id: str, step: Callable[[], bool | None]) -> bool:
        """Do a step of a job's life, again while Redis or the engine is away; False when nothing is left to do."""
        while True:
            try:
                return bool(step())
            except Fenced:
                _log.info("job %s is left to the scheduler that leads", job_id)
                return True
            except _AWAY as error:
                _log.warning("job %s waits: %s", job_id, error)
                if self._closing.wait(_PAUSE):
                    return True
            except Exception as error:  # a fault in the handling of one job must not reach the others
                _log.exception("job %s failed in the scheduler", job_id)
                if self._closing.is_set():  # what this scheduler needs is being closed; the next one tries
                    return True
                self._give_up(tenure, job_id, error)
                return False

    def _give_up(self, tenure: Tenure, job_id: str, error: Exception) -> None:
        try:
            self._lifecycle.abandon(job_id, tenure.term, f"The scheduler failed to handle the job: {error}.")
        except Exception:  # Redis or the disk; the next scheduler finds the job as it is
            _log.exception("job %s cannot be closed", job_id)


def _submit(hands: Executor, job_id: str, step: Callable[[], None]) -> None:
    try:
        hands.submit(step)
    except RuntimeError:
        _log.info("job %s is left to the next scheduler", job_id)
