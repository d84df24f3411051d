"""What the planner is told: the jobs, as the tracker has them.

The facts of a waiting job do not change while it waits, so each is read once; which jobs wait, and in which order, is
read anew each time, page by page and only as far as the planner asks.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Container, Iterator
from dataclasses import dataclass
from functools import lru_cache

from atlas_core.errors import InvalidSpec
from atlas_core.quantities import check_duration
from atlas_core.resources import Resources
from atlas_core.states import JobStatus
from atlas_services.scheduler.plan import Active, Shape, Waiting
from atlas_services.scheduler.resources import split_gpus
from atlas_services.tracker import JobRecord, Tracker

_log = logging.getLogger("atlas.scheduler")

#: Positions of the queue in the first page and in the largest one.
_FIRST_PAGE, _LARGEST_PAGE = 32, 2048
#: Seconds after which to look again at a waiting job whose last attempt is still being cleared away.
_CLEARING = 0.05
#: So many jobs that wait no more may be remembered beyond those that do.
_SPARE = 1000


@dataclass(frozen=True)
class _Facts:
    """What is remembered of a waiting job; without `waiting`, its specification cannot be used."""

    waiting: Waiting | None
    not_before: float


class WaitingJobs:
    """The queue, for the planner."""

    def __init__(self, tracker: Tracker) -> None:
        self._tracker = tracker
        self._known: dict[str, _Facts] = {}
        self._moves = 0
        self._shapes: dict[Shape, float] | None = None
        self._joined = -1
        #: Of the last walk: when the first job that may not start yet may, and those that cannot be used.
        self.next_due: float | None = None
        self.unusable: list[str] = []

    def due(self, moment: float, busy: Container[str] = ()) -> Iterator[Waiting]:
        """Yield the jobs that may start at `moment`, first to run first; those that are `busy` may not yet."""
        self.next_due, self.unusable = None, []
        self._forget_stale()
        joined, shapes = self._tracker.queue.joined(), dict[Shape, float]()
        seen: set[str] = set()
        for page in self._pages():
            self._learn(page)
            for job_id in page:
                facts = self._known.get(job_id)
                if facts is None or job_id in seen:  # deleted meanwhile; or moved to another page
                    continue
                seen.add(job_id)
                if facts.waiting is not None:
                    shape = facts.waiting.shape
                    shapes[shape] = min(facts.waiting.longest, shapes.get(shape, math.inf))
                due = max(facts.not_before, moment + _CLEARING) if job_id in busy else facts.not_before
                if due > moment:
                    self.next_due = due if self.next_due is None else min(due, self.next_due)
                elif facts.waiting is None:
                    self.unusable.append(job_id)
                else:
                    yield facts.waiting
        self._joined, self._shapes = joined, shapes

    def shapes(self) -> dict[Shape, float] | None:
        """Return the shapes of all jobs that wait, with the shortest run of each; None when that is not known.

        It is known after a walk to the end of the queue, as long as nothing joins it. Shapes of jobs that have left it
        since may be among them.
        """
        self._forget_stale()
        return self._shapes if self._joined == self._tracker.queue.joined() else None

    def forget(self, job_id: str) -> None:
        """Read the facts of a job anew when it waits again."""
        self._known.pop(job_id, None)

    def _forget_stale(self) -> None:
        moves = self._tracker.queue.moves()
        if moves != self._moves or len(self._known) > 2 * len(self._tracker.queue) + _SPARE:
            self._known.clear()
            self._shapes = None
        self._moves = moves

    def _pages(self) -> Iterator[list[str]]:
        start, size = 0, _FIRST_PAGE
        while page := self._tracker.queue.ids(start, start + size - 1):
            yield page
            start, size = start + size, min(2 * size, _LARGEST_PAGE)

    def _learn(self, page: list[str]) -> None:
        unknown = [job_id for job_id in page if job_id not in self._known]
        for record in self._tracker.jobs.records(unknown) if unknown else ():
            if record.status is JobStatus.QUEUED:
                self._known[record.job_id] = _Facts(_waiting(record), record.not_before or 0.0)


def active_of(record: JobRecord, moment: float) -> Active:
    """Return an active job as the planner sees it at `moment`. What cannot be used of its specification is nothing."""
    try:
        wanted, limit = _wishes(record)
    except Exception:  # it was claimed when it could be used; it holds its slot and its GPUs in any case
        wanted, limit = Resources(), None
    begins = moment if record.start_time is None else record.start_time
    ends_by = None if limit is None else begins + limit
    return Active(record.job_id, wanted, record.project, record.user or "", split_gpus(record.gpu_ids), ends_by)


def _waiting(record: JobRecord) -> Waiting | None:
    try:
        wanted, limit = _wishes(record)
    except Exception:  # whatever is wrong with this job, the queue goes on
        _log.exception("job %s cannot be claimed", record.job_id)
        return None
    return Waiting(record.job_id, wanted, record.project, record.user or "", limit)


def _wishes(record: JobRecord) -> tuple[Resources, float | None]:
    """Return what the job needs, and for how long at most. Raises `InvalidSpec`."""
    resources = record.spec.get("resources") or {}
    if not isinstance(resources, dict):
        raise InvalidSpec(f"resources: expected an object (key: value), but got {resources!r}.", field="resources")
    return _shared(Resources.from_dict(resources)), check_duration("time_limit", record.spec.get("time_limit"))


@lru_cache(maxsize=1000)
def _shared(resources: Resources) -> Resources:
    """Return the same object for what is alike: a long queue holds few kinds of jobs, and compares them often."""
    return resources
