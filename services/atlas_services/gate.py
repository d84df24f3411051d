"""The gate of a service: who asks is what the proxy says, signed; around the proxy there is no way in."""

from __future__ import annotations

from flask import g, request

from atlas_core.settings import Settings
from atlas_services.forwarding import request_target
from atlas_services.identity import ANYBODY, HEADER, Identity, Signature

#: What every service tells about itself to whoever watches it.
_OPEN = frozenset({"/healthz", "/readyz", "/metrics"})


class Gate:
    """Lets requests into a service. Without a secret, where nobody logs in, it lets in all."""

    def __init__(self, settings: Settings) -> None:
        self._signature = Signature(settings.identity_secret) if settings.identity_secret else None

    def check(self) -> None:
        """Note who makes the present request. Raises `Unauthorized` unless the proxy vouches for them."""
        if self._signature is None or request.path in _OPEN:
            g.identity = ANYBODY
            return
        g.identity = self._signature.check(request.headers.get(HEADER), request.method, request_target())


def identity() -> Identity:
    """Return who makes the present request."""
    found: Identity = g.get("identity", ANYBODY)
    return found
