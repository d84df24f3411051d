"""The door of an installation where people log in: the parts of the login put together."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

from flask import Flask, request

from atlas_core.errors import Forbidden, InvalidConfig, Unauthorized
from atlas_core.settings import Settings
from atlas_services.auth_proxy.acquaintances import Acquaintances
from atlas_services.auth_proxy.api_token_routes import api_token_routes
from atlas_services.auth_proxy.browser_sessions import BrowserSessions
from atlas_services.auth_proxy.door import Passage
from atlas_services.auth_proxy.guard import Guard
from atlas_services.auth_proxy.issuer import Issuer, IssuerAway
from atlas_services.auth_proxy.key_ring import KeyRing
from atlas_services.auth_proxy.login import Login
from atlas_services.auth_proxy.login_routes import login_routes, refusal
from atlas_services.auth_proxy.old_login_routes import old_login_routes
from atlas_services.auth_proxy.permissions import Access, access_of
from atlas_services.auth_proxy.routes import Found
from atlas_services.auth_proxy.sending import limit_sending
from atlas_services.auth_proxy.token_check import TokenCheck
from atlas_services.auth_proxy.witness import Witness
from atlas_services.identity import HEADER, Identity, Signature
from atlas_services.tracker import open_tracker

#: What a service needs to know of nobody: who asks is told to it by us.
_PRIVATE = ("authorization", "cookie")


class GuardedDoor:
    """See `Door`. Raises `InvalidConfig` without the secret by which the services know us."""

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.time) -> None:
        if settings.oidc is None or not settings.identity_secret:
            raise InvalidConfig(
                "ATLAS_IDENTITY_SECRET_FILE: with ATLAS_OIDC_ISSUER it must name a file with a secret, the same "
                "for the proxy and the services.",
                field="ATLAS_IDENTITY_SECRET_FILE",
            )
        self._tracker = open_tracker(settings.redis_url)
        self._issuer = Issuer(settings.oidc)
        store = self._tracker.sessions
        keys = KeyRing(self._issuer.keys, store.keys_of_issuer, store.remember_keys_of_issuer)
        check = TokenCheck(settings.oidc, keys, self._is_away, clock)
        known = Acquaintances(settings.oidc, self._tracker.people)
        self._sessions = BrowserSessions(settings.oidc, store, self._issuer, check, known, clock)
        self._guard = Guard(self._tracker, check, known, self._sessions, clock)
        self._login = Login(settings.oidc, self._issuer, check, settings.identity_secret, clock)
        self._signature = Signature(settings.identity_secret, clock)

    def furnish(self, app: Flask) -> None:
        """See `Door`."""
        app.before_request(limit_sending)
        app.register_blueprint(login_routes(self._login, self._sessions, self._guard))
        app.register_blueprint(old_login_routes(self._login, self._guard))
        app.register_blueprint(api_token_routes(self._guard, self._tracker.api_tokens))
        app.register_error_handler(Unauthorized, refusal)
        app.after_request(Witness(self._tracker.audit).note)

    def check_ready(self) -> None:
        """See `Door`."""
        self._tracker.ping()

    def let_in(self, found: Found, target: str) -> Passage:
        """See `Door`."""
        access = access_of(request.method, found.pattern)
        job_id = found.values.get("id")
        identity = self._guard.admit(access, job_id)
        signed = {HEADER: self._signature.sign(identity, request.method, target)}
        # A job proves to the service itself that it is the job: with its own token.
        without = ("cookie",) if access is Access.OWN_JOB else _PRIVATE
        return Passage(without, signed, partial(self._check_again, access, job_id, identity))

    def _check_again(self, access: Access, job_id: str | None, identity: Identity) -> None:
        """Raise `Unauthorized` or `Forbidden` unless whoever asks may all that they could before."""
        if self._guard.admit(access, job_id) != identity:
            raise Forbidden("Your role or your projects have changed; ask again.")

    def _is_away(self) -> bool:
        try:
            self._issuer.check()
        except IssuerAway:
            return True
        return False
