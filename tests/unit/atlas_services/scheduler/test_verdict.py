"""What the end of a job means."""

from __future__ import annotations

from typing import Any

import pytest

from atlas_core.states import Cause, JobStatus
from atlas_services.scheduler.engines import Outcome, Stop
from atlas_services.scheduler.verdict import judge

_ERROR = {"type": "ValueError", "message": "no such digit"}
_STOP = Stop(Cause.STOPPED_BY_USER, "by the user")


@pytest.mark.parametrize(
    ("outcome", "error", "cause", "detail"),
    [
        (Outcome(1), None, Cause.EXIT_CODE, None),
        (Outcome(137), None, Cause.EXIT_CODE, "killed by signal 9"),
        (Outcome(255), None, Cause.EXIT_CODE, None),
        (Outcome(1), _ERROR, Cause.USER_CODE, "ValueError: no such digit"),
        (Outcome(1), {"type": "KeyboardInterrupt"}, Cause.USER_CODE, "KeyboardInterrupt"),
        (
            Outcome(1, dependencies_failed=True),
            _ERROR,
            Cause.DEPENDENCY_INSTALL,
            "requirements.txt could not be installed",
        ),
        (Outcome(0, stopped=_STOP), None, Cause.STOPPED_BY_USER, "by the user"),
        (
            Outcome(None, stopped=_STOP),
            _ERROR,
            Cause.STOPPED_BY_USER,
            "by the user",
        ),
        (Outcome(137, out_of_memory=True), None, Cause.OOM, "the job used more memory than it was given"),
        (Outcome(0, stopped=Stop(Cause.TIMEOUT, "its time was up")), None, Cause.TIMEOUT, "its time was up"),
        (Outcome(137, lost="the engine was restarted"), None, Cause.ENGINE_LOST, "the engine was restarted"),
        (Outcome(None), None, Cause.ENGINE_LOST, "the job's process vanished without leaving an exit status"),
    ],
)
def test_a_job_failed_for_the_first_reason_that_explains_it(
    outcome: Outcome, error: dict[str, Any] | None, cause: Cause, detail: str | None
) -> None:
    assert judge(outcome, error) == (JobStatus.FAILED, cause, detail)


@pytest.mark.parametrize("outcome", [Outcome(0), Outcome(0, dependencies_failed=True)])
def test_a_job_that_exits_with_0_is_completed_whatever_it_said(outcome: Outcome) -> None:
    assert judge(outcome, _ERROR) == (JobStatus.COMPLETED, None, None)
