"""Identifiers, and the clock."""

from __future__ import annotations

import re
import time
import uuid

from atlas_core.errors import InvalidInput

#: Letters, digits, dot, underscore and hyphen; never a path. Old clients use UUIDs, cron runs append a time stamp.
_JOB_ID = re.compile(r"(?!.*\.\.)[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
_BUNDLE_ID = re.compile(r"[0-9a-f]{64}")
#: No half of a character either: what is no text in a command's words comes as such halves, and cannot be stored.
_PROJECT = re.compile(r"[^/\x00-\x1f\x7f\ud800-\udfff]{1,255}")
#: Characters of a wrong name that are shown.
_SHOWN = 100


def new_job_id() -> str:
    """Return a fresh job id (a random UUID)."""
    return str(uuid.uuid4())


def now() -> float:
    """Return the present time in seconds since the epoch."""
    return time.time()


def is_job_id(job_id: object) -> bool:
    """Whether this can be the id of a job."""
    return isinstance(job_id, str) and _JOB_ID.fullmatch(job_id) is not None


def check_job_id(job_id: object) -> str:
    """Return `job_id` if it can be one, else raise `InvalidInput`."""
    if isinstance(job_id, str) and is_job_id(job_id):
        return job_id
    raise InvalidInput(
        f"job_id: {job_id!r} is no job id; expected letters, digits, '.', '_' and '-', as printed by submit.",
        field="job_id",
    )


def is_bundle_id(bundle_id: object) -> bool:
    """Whether this is the hash of a bundle's content."""
    return isinstance(bundle_id, str) and _BUNDLE_ID.fullmatch(bundle_id) is not None


def check_bundle_id(bundle_id: object) -> str:
    """Return `bundle_id` if it can be one (64 hexadecimal digits), else raise `InvalidInput`."""
    if isinstance(bundle_id, str) and is_bundle_id(bundle_id):
        return bundle_id
    raise InvalidInput(f"bundle_id: {bundle_id!r} is no bundle id; expected 64 hexadecimal digits.", field="bundle_id")


def check_project_name(name: object) -> str:
    """Return `name` if it can name a project (1 to 255 characters, no '/', no control characters)."""
    if isinstance(name, str) and name.strip() and name not in {".", ".."} and _PROJECT.fullmatch(name):
        return name
    raise InvalidInput(
        f"project_name: {_shown(name)!r} cannot name a project; expected 1 to 255 characters without '/' or control "
        "characters.",
        field="project_name",
    )


def _shown(name: object) -> object:
    """Return what an error shows of a name: of a long text its beginning."""
    return f"{name[:_SHOWN]}..." if isinstance(name, str) and len(name) > _SHOWN else name
