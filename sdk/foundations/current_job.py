"""The job of this process, for scripts that want to name it."""

from __future__ import annotations

from typing import NamedTuple, Optional

from foundations import run as _run


class CurrentJob(NamedTuple):
    """Whose job this process is. Outside of a job there are no names."""

    job_id: Optional[str]
    project_name: Optional[str]
    user_name: Optional[str]

    def is_in_running_job(self) -> bool:
        """Whether this process belongs to a job."""
        return self.job_id is not None


def current_foundations_job() -> CurrentJob:
    """Return the job that this process belongs to; outside of a job one without names.

    For example:

        print(foundations.current_foundations_job().job_id)
    """
    run = _run.current
    if run is None:
        return CurrentJob(None, None, None)
    return CurrentJob(run.identity.job_id, run.project, run.identity.user)
