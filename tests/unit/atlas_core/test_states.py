"""The states of a job, as people see them."""

from __future__ import annotations

from atlas_core.states import Cause, JobStatus


def test_a_state_prints_as_its_word_and_is_one() -> None:
    status = JobStatus.COMPLETED
    assert (str(status), f"{status}", "%s" % status, repr(status)) == (*["completed"] * 3, "'completed'")  # noqa: UP031
    assert status == "completed" and {"completed": 1}[status] == 1
    assert str(Cause.EXIT_CODE) == "exit_code"
