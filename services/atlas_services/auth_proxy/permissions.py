"""What each route demands of who asks. A route that is not named here demands what its method suggests.

A job reads like a user. What it may change is named here, so that no new route is open to jobs by itself.
"""

from __future__ import annotations

from enum import Enum

from atlas_services.identity import Role


class Access(Enum):
    """What a route demands: a role, or the token of the very job that the path names.

    `WORK` is what members and jobs may change; of jobs, a job may change itself and those that it submitted.
    """

    READ = "read"
    WORK = "work"
    CHANGE = "change"
    GOVERN = "govern"
    OWN_JOB = "own job"

    @property
    def role(self) -> Role:
        """The role that it takes at least."""
        return _ROLES.get(self, Role.MEMBER)

    @property
    def is_for_jobs(self) -> bool:
        """Whether a job may ask it in its user's name."""
        return self in (Access.READ, Access.WORK)


_ROLES = {Access.READ: Role.VIEWER, Access.GOVERN: Role.ADMIN}

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_JOB = "/api/v2beta/projects/<project>/job_listing/<id>"

#: Method and pattern of each route that demands something else than its method suggests.
_EXCEPTIONS: dict[tuple[str, str], Access] = {
    ("POST", "/api/v3/jobs/<id>/journal/<writer>"): Access.OWN_JOB,
    ("PUT", "/archive/<id>/<path:path>"): Access.OWN_JOB,
    ("PATCH", "/archive/<id>/logs/output.log"): Access.OWN_JOB,
    ("PATCH", "/archive/<id>/synced_directories/<directory>"): Access.OWN_JOB,
    ("POST", "/job_bundle"): Access.WORK,
    ("PUT", "/api/v3/bundles/<id>"): Access.WORK,
    ("POST", "/queued_jobs"): Access.WORK,
    ("DELETE", "/queued_jobs/<int:position>"): Access.WORK,
    ("DELETE", "/running_jobs/<id>"): Access.WORK,
    ("POST", "/api/v3/jobs/<id>/stop"): Access.WORK,
    ("POST", f"{_JOB}/tags"): Access.WORK,
    ("DELETE", f"{_JOB}/tags/<path:key>"): Access.WORK,
    ("POST", "/api/v3/jobs/<id>/import-tensorboard"): Access.WORK,
    ("POST", "/workers"): Access.GOVERN,
    ("DELETE", "/workers/<int:id>"): Access.GOVERN,
    ("DELETE", "/api/v3/queue"): Access.GOVERN,
    ("DELETE", "/api/v3/projects/<project>"): Access.GOVERN,
    # What is long to ask, or changes only what the asker sees.
    ("POST", "/api/v3/series"): Access.READ,
    ("POST", "/api/v3/jobs/read"): Access.READ,
    ("POST", "/api/v3/tensorboard"): Access.READ,
    ("POST", "/api/v2beta/upload_to_tensorboard"): Access.READ,
    ("POST", "/tensorboard/<selection>/"): Access.READ,
    ("POST", "/tensorboard/<selection>/<path:path>"): Access.READ,
}


def access_of(method: str, pattern: str) -> Access:
    """Return what the route of this pattern demands."""
    return _EXCEPTIONS.get((method, pattern)) or (Access.READ if method in _SAFE else Access.CHANGE)
