"""What the end of a job means: from what its engine and the job itself say, how it counts and why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from atlas_core.states import Cause, JobStatus
from atlas_services.scheduler.engines import SIGNALLED, Outcome


class Verdict(NamedTuple):
    """How a job that has ended counts. `detail` is a sentence or less, for people."""

    status: JobStatus
    cause: Cause | None = None
    detail: str | None = None


def judge(outcome: Outcome, error: Mapping[str, Any] | None) -> Verdict:
    """Return the verdict; `error` is the exception that the job reported, if it did."""
    failed = JobStatus.FAILED
    if outcome.stopped is not None:
        return Verdict(failed, outcome.stopped.cause, outcome.stopped.reason)
    if outcome.lost is not None:
        return Verdict(failed, Cause.ENGINE_LOST, outcome.lost)
    if outcome.exit_code is None:
        return Verdict(failed, Cause.ENGINE_LOST, "the job's process vanished without leaving an exit status")
    if outcome.exit_code == 0:
        return Verdict(JobStatus.COMPLETED)
    if outcome.out_of_memory:
        return Verdict(failed, Cause.OOM, "the job used more memory than it was given")
    if outcome.dependencies_failed:
        return Verdict(failed, Cause.DEPENDENCY_INSTALL, "requirements.txt could not be installed")
    if error is not None:
        return Verdict(failed, Cause.USER_CODE, _shown(error))
    return Verdict(failed, Cause.EXIT_CODE, _signal_of(outcome.exit_code))


def _shown(error: Mapping[str, Any]) -> str:
    kind, message = error.get("type") or "Exception", error.get("message")
    return f"{kind}: {message}" if message else str(kind)


def _signal_of(exit_code: int) -> str | None:
    number = exit_code - SIGNALLED
    return f"killed by signal {number}" if 0 < number < 65 else None
