"""The environment variables that a job asks for, without those that are the server's to set."""

from __future__ import annotations

from collections.abc import Mapping

from atlas_core.errors import InvalidSpec

_JOB_ID = "FOUNDATIONS_JOB_ID"
#: Who could set these would speak for another job, or have it speak to another server.
_REFUSED = frozenset(
    {"FOUNDATIONS_JOB_TOKEN", "FOUNDATIONS_SERVER_URL", "FOUNDATIONS_PARENT_RUN", "FOUNDATIONS_PARENT_WRITER"}
)
#: The original's clients always send these. A job gets its own, and a token of its own instead of its user's.
_DROPPED = frozenset(
    {
        "FOUNDATIONS_USER",
        "FOUNDATIONS_PROJECT_NAME",
        "FOUNDATIONS_HOME",
        "FOUNDATIONS_TOKEN",
        "FOUNDATIONS_COMMAND_LINE",
    }
)
#: Where the original's image has the SDK.
_OLD_PATH = ("PYTHONPATH", "/job/")


def asked_variables(environment: object, job_id: object) -> object:
    """Return the variables that a job with this id may set; what is no environment comes back as it is.

    Raises `InvalidSpec` naming one that it may not set.
    """
    variables = _variables(environment)
    if variables is None:
        return environment
    for name, value in variables.items():
        if name in _REFUSED and value is not None:
            raise InvalidSpec(
                f"environment: {name} cannot be set, the server gives each job its own; leave it out.",
                field="environment",
            )
        if name == _JOB_ID and value is not None and value != job_id:
            raise InvalidSpec(
                f"environment: {name} is {value!r}, but the job is {job_id!r}; leave it out.", field="environment"
            )
    return {name: value for name, value in variables.items() if not _is_dropped(name, value)}


def _is_dropped(name: object, value: object) -> bool:
    return name in _DROPPED or name in _REFUSED or name == _JOB_ID or (name, value) == _OLD_PATH


def _variables(environment: object) -> dict[object, object] | None:
    """Return names and values; of `["NAME=value", "NAME"]`, too, where a bare name has none."""
    if isinstance(environment, Mapping):
        return dict(environment)
    if not isinstance(environment, (list, tuple)):
        return None
    pairs = [str(line).partition("=") for line in environment]
    return {name: value if equals else None for name, equals, value in pairs}
