"""The states of a job, and why one failed.

The state machine is drawn here and nowhere else; the tracker enforces it.

    queued ──> pending ──> running ──> completed
     ^ │          │         │  └─────> failed
     │ └──────────┴─────────│────────> failed
     └──────────────────────┘ another attempt

A job of execution mode (`python main.py`) is born `running`. A job that was closed for a missing heartbeat opens again
when its journal arrives late: what the journal says is the truth.
"""

from __future__ import annotations

from enum import Enum


class _Word(str, Enum):
    """A text out of a few, which prints as that text, in a notebook too."""

    def __str__(self) -> str:
        return str(self.value)

    def __repr__(self) -> str:
        return repr(self.value)


class JobStatus(_Word):
    """Where a job is in its life."""

    QUEUED = "queued"
    PENDING = "pending"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"

    @property
    def is_finished(self) -> bool:
        """Whether the job has ended, well or badly."""
        return self in (JobStatus.COMPLETED, JobStatus.FAILED)

    @property
    def is_waiting(self) -> bool:
        """Whether the job has not begun to run."""
        return self in (JobStatus.QUEUED, JobStatus.PENDING)


class Cause(_Word):
    """Why a job failed."""

    USER_CODE = "user_code"
    EXIT_CODE = "exit_code"
    STOPPED_BY_USER = "stopped_by_user"
    OOM = "oom"
    IMAGE_PULL = "image_pull"
    DEPENDENCY_INSTALL = "dependency_install"
    TIMEOUT = "timeout"
    ENGINE_LOST = "engine_lost"
    LOST_HEARTBEAT = "lost_heartbeat"
    INVALID_SPEC = "invalid_spec"


#: From each state, the states that may follow.
TRANSITIONS: dict[JobStatus, frozenset[JobStatus]] = {
    JobStatus.QUEUED: frozenset({JobStatus.PENDING, JobStatus.FAILED}),
    JobStatus.PENDING: frozenset({JobStatus.RUNNING, JobStatus.QUEUED, JobStatus.FAILED}),
    JobStatus.RUNNING: frozenset({JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.QUEUED}),
    JobStatus.COMPLETED: frozenset(),
    JobStatus.FAILED: frozenset(),
}

#: What may follow `failed` when its cause is `lost_heartbeat`.
REOPENED = frozenset({JobStatus.RUNNING, JobStatus.COMPLETED, JobStatus.FAILED})


def sources(target: JobStatus) -> list[JobStatus]:
    """Return the states from which a job may go to `target`."""
    return [status for status, following in TRANSITIONS.items() if target in following]
