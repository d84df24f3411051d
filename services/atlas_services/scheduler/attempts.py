"""Further attempts of a job that failed: whether one follows, and when."""

from __future__ import annotations

from atlas_core.errors import InvalidSpec
from atlas_core.retries import Retries
from atlas_core.states import JobStatus
from atlas_services.scheduler.verdict import Verdict
from atlas_services.tracker import JobRecord

#: Seconds before the second attempt, doubled before each one after it, and the most.
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 60.0
_MOST_DOUBLINGS = 10


def another_follows(record: JobRecord, verdict: Verdict) -> bool:
    """Whether the job is to be tried again when its present attempt ended so."""
    if verdict.status is not JobStatus.FAILED or record.stop_cause is not None:
        return False
    return _retries(record).allows(verdict.cause, record.attempt)


def pause_after(attempt: int) -> float:
    """Return the seconds between the failure of the attempt with this number and the next one."""
    return min(_FIRST_PAUSE * 2.0 ** min(attempt - 1, _MOST_DOUBLINGS), _LONGEST_PAUSE)


def announcement(record: JobRecord, verdict: Verdict) -> str:
    """Return the line for the log that says that another attempt follows."""
    cause = verdict.cause.value if verdict.cause else "unknown"
    reason = f"{cause}: {verdict.detail.rstrip('.')}" if verdict.detail else cause
    attempts = _retries(record).limit + 1
    pause = pause_after(record.attempt)
    return f"Attempt {record.attempt} of {attempts} failed ({reason}); trying again in {pause:g} s."


def _retries(record: JobRecord) -> Retries:
    try:
        return Retries.from_value(record.spec.get("retries"))
    except InvalidSpec:  # then the job fails for it, once
        return Retries()
