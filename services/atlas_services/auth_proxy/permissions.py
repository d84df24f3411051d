"""What each route demands of who asks. A route that is not named here demands what its method suggests."""

from __future__ import annotations

from enum import Enum

from atlas_services.identity import Role


class Access(Enum):
    """What a route demands: a role, or the token of the very job that the path names."""

    READ = Role.VIEWER
    CHANGE = Role.MEMBER
    GOVERN = Role.ADMIN
    OWN_JOB = "own job"


_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

#: Method and pattern of each route that demands something else than its method suggests.
_EXCEPTIONS: dict[tuple[str, str], Access] = {
    ("POST", "/api/v3/jobs/<id>/journal/<writer>"): Access.OWN_JOB,
    ("PUT", "/archive/<id>/<path:path>"): Access.OWN_JOB,
    ("PATCH", "/archive/<id>/logs/output.log"): Access.OWN_JOB,
    ("PATCH", "/archive/<id>/synced_directories/<directory>"): Access.OWN_JOB,
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
