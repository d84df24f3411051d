"""Every error that Atlas raises on purpose, and how it crosses the wire.

    AtlasError
    ├── InvalidInput          a value that somebody gave is wrong
    │   ├── InvalidSpec       ... in a job specification
    │   ├── InvalidConfig     ... in a configuration file
    │   ├── InvalidBundle     ... in a bundle
    │   └── PayloadTooLarge   more bytes than the server takes
    │       └── BundleTooLarge
    ├── Unauthorized          no valid token
    ├── Forbidden             a valid token for something else
    ├── NotFound
    │   ├── JobNotFound
    │   ├── ProjectNotFound
    │   ├── BundleNotFound
    │   └── ConfigNotFound
    ├── Conflict              the state of things does not allow it
    │   ├── InvalidTransition
    │   └── JournalGap
    ├── TooManyRequests       asked too often; it is to be asked again later
    ├── DiskFull              the server has no room for what was sent
    ├── ServerError           the server failed, or answered something that is no answer of ours
    └── ServerUnreachable     no server answers

A server renders an error with `to_problem` (RFC 9457); a client raises the same class again with `from_problem`.
"""

from __future__ import annotations

from typing import Any, ClassVar


class AtlasError(Exception):
    """Base of all. `message` is one sentence for people; `details` are facts for programs, kept on the wire."""

    code: ClassVar[str] = "internal"
    status: ClassVar[int] = 500

    def __init__(self, message: str, /, **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.details = details

    def to_problem(self) -> dict[str, Any]:
        """Return the RFC 9457 problem object."""
        title = self.code.replace("_", " ").capitalize()
        return {
            "type": "about:blank",
            "title": title,
            "status": self.status,
            "code": self.code,
            "detail": self.message,
            **self.details,
        }


class InvalidInput(AtlasError):
    """Raised when a given value cannot be used. `field` in the details names it."""

    code = "invalid_input"
    status = 400


class InvalidSpec(InvalidInput):
    """Raised when a job specification asks for something impossible, unknown or forbidden."""

    code = "invalid_spec"


class InvalidConfig(InvalidInput):
    """Raised when a configuration file cannot be read or holds a wrong value."""

    code = "invalid_config"


class InvalidBundle(InvalidInput):
    """Raised when a bundle is no archive, is damaged, or tries to write outside its directory."""

    code = "invalid_bundle"


class PayloadTooLarge(InvalidInput):
    """Raised when what is sent exceeds the limit. `limit` in the details is in bytes."""

    code = "payload_too_large"
    status = 413


class BundleTooLarge(PayloadTooLarge):
    """Raised when a bundle, packed or unpacked, exceeds the limit."""

    code = "bundle_too_large"


class Unauthorized(AtlasError):
    """Raised when a request carries no valid token."""

    code = "unauthorized"
    status = 401


class Forbidden(AtlasError):
    """Raised when a token is valid, but not for this."""

    code = "forbidden"
    status = 403


class NotFound(AtlasError):
    """Raised when the thing that was asked for does not exist."""

    code = "not_found"
    status = 404


class JobNotFound(NotFound):
    """Raised when no job has this id."""

    code = "job_not_found"


class ProjectNotFound(NotFound):
    """Raised when no project has this name."""

    code = "project_not_found"


class BundleNotFound(NotFound):
    """Raised when the server does not hold this bundle."""

    code = "bundle_not_found"


class ConfigNotFound(NotFound):
    """Raised when no configuration of this name exists."""

    code = "config_not_found"


class Conflict(AtlasError):
    """Raised when the present state does not allow what was asked for."""

    code = "conflict"
    status = 409


class InvalidTransition(Conflict):
    """Raised when a job cannot go from the state it is in to the wanted one. `current` in the details."""

    code = "invalid_transition"


class JournalGap(Conflict):
    """Raised when a journal batch does not start where the last one ended. `applied` in the details says where."""

    code = "journal_gap"


class TooManyRequests(AtlasError):
    """Raised when somebody asks too often. `retry_after` in the details is in seconds."""

    code = "too_many_requests"
    status = 429


class DiskFull(AtlasError):
    """Raised when the disk of the server is full. Nothing of what was sent is kept."""

    code = "disk_full"
    status = 507


class ServerError(AtlasError):
    """Raised by a client when the server failed or its answer cannot be understood."""

    code = "server_error"
    status = 502


class ServerUnreachable(AtlasError):
    """Raised by a client when no server answers at the address."""

    code = "server_unreachable"
    status = 503


def _tree(root: type[AtlasError]) -> dict[str, type[AtlasError]]:
    classes = {root.code: root}
    for child in root.__subclasses__():
        classes.update(_tree(child))
    return classes


#: Wire code -> class. Codes never change once released.
BY_CODE: dict[str, type[AtlasError]] = _tree(AtlasError)

#: What a problem object says besides the details of the error.
_PROBLEM_MEMBERS = frozenset({"type", "title", "status", "code", "detail"})


def from_problem(problem: dict[str, Any]) -> AtlasError:
    """Return the error that a server rendered with `to_problem`; an unknown code gives a `ServerError`."""
    kind = BY_CODE.get(str(problem.get("code")), ServerError)
    details = {name: value for name, value in problem.items() if name not in _PROBLEM_MEMBERS}
    return kind(str(problem.get("detail") or problem.get("title") or "The server gave no reason."), **details)
