"""The proxy's part in the audit log: every request that was to change something, and what came of it."""

from __future__ import annotations

import logging
import time
from http import HTTPStatus

from flask import Response, g, request

from atlas_services.auth_proxy.permissions import Access
from atlas_services.changes import Changed, take
from atlas_services.identity import Identity
from atlas_services.tracker import UNAVAILABLE, Audit, AuditEntry

_log = logging.getLogger("atlas.proxy")

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
#: What changes nothing, however it is asked; and what a job sends of itself.
_NO_CHANGE = frozenset({Access.READ, Access.OWN_JOB})
#: The proxy's own routes, whose callers it does not look up: the address must do.
_OF_LOGIN = "/api/v3/auth/"
#: Characters of a path that are kept.
_LONGEST = 500


class Witness:
    """Writes down what it has seen. What a job logs is no change to be told of: it is in the job's own records."""

    def __init__(self, audit: Audit) -> None:
        self._audit = audit

    def note(self, response: Response) -> Response:
        """Write down the present request, if it belongs into the log. A log that cannot be written stops nobody."""
        changed = take(response)
        if request.method in _SAFE or g.get("access") in _NO_CHANGE:
            return response
        caller: Identity | None = g.get("caller")
        if caller is None and not request.path.startswith(_OF_LOGIN):
            return response  # nobody came in
        if caller is None and response.status_code == HTTPStatus.TOO_MANY_REQUESTS:
            return response  # nobody was let try: who guesses passwords must not fill the log
        try:
            self._audit.add(_entry(caller, response.status_code, changed))
        except UNAVAILABLE as error:
            _log.error("%s %s is missing in the audit log: %s", request.method, request.path, error)
        return response


def _entry(caller: Identity | None, status: int, changed: Changed | None) -> AuditEntry:
    return AuditEntry(
        time=time.time(),
        user="" if caller is None else caller.user,
        subject="" if caller is None else caller.subject,
        address=request.remote_addr or "",
        method=request.method,
        path=request.path[:_LONGEST],
        status=status,
        request_id=g.get("request_id", ""),
        job_id=None if caller is None else caller.job_id,
        changed=None if changed is None else changed.count,
        changed_ids=() if changed is None else changed.named,
    )
