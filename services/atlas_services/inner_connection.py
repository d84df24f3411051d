"""The connection of one service to another: it asks in the name of whoever asked it."""

from __future__ import annotations

from typing import Any

import requests
from flask import has_request_context

from atlas_core.client import Connection
from atlas_core.settings import Settings
from atlas_services.gate import identity
from atlas_services.identity import HEADER, Identity, Role, Signature

#: Who asks when nobody did: the services themselves.
_SERVICES = Identity(user="Atlas", role=Role.ADMIN, subject="services")


class InnerConnection(Connection):
    """As `Connection`, to a service of the same installation."""

    def __init__(self, url: str, settings: Settings, patience: float) -> None:
        super().__init__(url, patience=patience)
        self._signature = Signature(settings.identity_secret) if settings.identity_secret else None

    def request(self, method: str, path: str, *, safe: bool = False, **options: Any) -> requests.Response:
        """As `Connection.request`, signed."""
        if self._signature is not None:
            caller = identity() if has_request_context() else _SERVICES
            signed = {HEADER: self._signature.sign(caller, method, path)}
            options["headers"] = {**(options.get("headers") or {}), **signed}
        return super().request(method, path, safe=safe, **options)
