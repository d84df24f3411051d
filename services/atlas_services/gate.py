"""The gate of a service: who asks is what the proxy says, signed; around the proxy there is no way in."""

from __future__ import annotations

from flask import Flask, Response, g, request

from atlas_core.settings import Settings
from atlas_services.changes import tell
from atlas_services.forwarding import request_target
from atlas_services.identity import ANYBODY, HEADER, Identity, Signature
from atlas_services.membership import Membership
from atlas_services.tracker import open_tracker

#: What every service tells about itself to whoever watches it.
_OPEN = frozenset({"/healthz", "/readyz", "/metrics"})


class Gate:
    """Lets requests into a service: those that the proxy vouches for, as far as whoever asks may ask them.

    `knows_jobs` says whether the service has jobs to be judged by.
    """

    def __init__(self, settings: Settings, knows_jobs: bool) -> None:
        self._signature = Signature(settings.identity_secret)
        self._membership = Membership(open_tracker(settings.redis_url)) if knows_jobs else None

    def check(self) -> None:
        """Note who makes the present request. Raises `Unauthorized`, `Forbidden`, or that there is no such thing."""
        if request.path in _OPEN:
            return
        g.identity = self._signature.check(request.headers.get(HEADER), request.method, request_target())
        if self._membership is not None:
            g.membership = self._membership
            self._membership.check(g.identity)

    def shorten(self, response: Response) -> Response:
        """Leave out of an answer what whoever asked does not see."""
        return response if self._membership is None else self._membership.shorten(identity(), response)


def add_gate(app: Flask, settings: Settings, knows_jobs: bool) -> None:
    """Guard a service, where people log in."""
    if settings.identity_secret:
        gate = Gate(settings, knows_jobs)
        app.before_request(gate.check)
        app.after_request(gate.shorten)
        app.after_request(tell)


def identity() -> Identity:
    """Return who makes the present request."""
    found: Identity = g.get("identity", ANYBODY)
    return found


def check_change(job_id: str) -> None:
    """Raise `Forbidden` if there is such a job and who makes the present request may not change it.

    For what names a job elsewhere than in its path.
    """
    if "membership" in g:
        g.membership.check_change(identity(), job_id)


def sees(project: str) -> bool:
    """Return whether who makes the present request sees a project: lists tell of no others."""
    return identity().sees(project)
