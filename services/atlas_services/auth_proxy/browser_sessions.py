"""Users who are logged in by a browser: a cookie that says nothing, and behind it what the issuer said of them.

The issuer's tokens are sealed with the cookie itself: whoever reads the database cannot use them.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from cryptography.fernet import Fernet

from atlas_core.errors import Unauthorized
from atlas_core.oidc_settings import OidcSettings
from atlas_services.auth_proxy.acquaintances import Acquaintances
from atlas_services.auth_proxy.ended_login import EndedLogin, end_login_of_browser
from atlas_services.auth_proxy.issuer import Issuer, IssuerAway
from atlas_services.auth_proxy.token_check import TokenCheck
from atlas_services.identity import Identity, Role
from atlas_services.tracker import Sessions

#: Seconds for which a session lasts at most.
LIFETIME = 7 * 86400
#: Seconds before the end of the issuer's token at which it is renewed.
_EARLY = 30.0
#: Locks under which sessions are renewed, chosen by the session's name.
_LOCKS = 64


@dataclass(frozen=True)
class Session:
    """One session. `sealed` holds the issuer's refresh token, `sealed_id` its ID token."""

    user: str
    role: str
    subject: str
    projects: list[str] | None
    until: float
    sealed: str
    sealed_id: str = ""

    @property
    def identity(self) -> Identity:
        """Whose it is."""
        projects = None if self.projects is None else tuple(self.projects)
        return Identity(self.user, Role(self.role), self.subject, projects)


class BrowserSessions:
    """Begins, renews and ends sessions. `clock` returns the seconds since the epoch."""

    def __init__(
        self,
        settings: OidcSettings,
        store: Sessions,
        issuer: Issuer,
        check: TokenCheck,
        acquaintances: Acquaintances,
        clock: Callable[[], float],
    ) -> None:
        self._settings = settings
        self._store = store
        self._issuer = issuer
        self._check = check
        self._acquaintances = acquaintances
        self._clock = clock
        self._locks: defaultdict[int, threading.Lock] = defaultdict(threading.Lock)

    def begin(self, tokens: Mapping[str, Any]) -> str:
        """Return the cookie of a new session of whom the tokens speak. Raises `Unauthorized` or `Forbidden`."""
        cookie = secrets.token_urlsafe(32)
        session = self._session(cookie, tokens)
        self._store.begin(_name(cookie), session.subject, json.dumps(asdict(session)), self._clock(), LIFETIME)
        return cookie

    def identity(self, cookie: str) -> Identity:
        """Return who is logged in. Raises `Unauthorized` when nobody is any more, `Forbidden` without a role."""
        session = self._read(cookie)
        if session.until - _EARLY > self._clock():
            return session.identity
        with self._locks[hash(cookie) % _LOCKS]:
            session = self._read(cookie)  # another request may have renewed it meanwhile
            return session.identity if session.until - _EARLY > self._clock() else self._renewed(cookie, session)

    def end(self, cookie: str) -> EndedLogin:
        """End a session, here and at the issuer, and say what of it is left there."""
        try:
            session = self._read(cookie)
        except Unauthorized:
            return EndedLogin()
        self._store.end(_name(cookie), session.subject)
        refresh_token, id_token = _unseal(cookie, session.sealed), _unseal(cookie, session.sealed_id)
        return end_login_of_browser(self._issuer, self._settings.client_id, refresh_token, id_token)

    def _renewed(self, cookie: str, session: Session) -> Identity:
        refresh_token, id_token = _unseal(cookie, session.sealed), _unseal(cookie, session.sealed_id)
        try:
            if not refresh_token:
                raise Unauthorized("Your login has ended; log in again.", reason="token_expired")
            tokens = self._issuer.tokens(grant_type="refresh_token", refresh_token=refresh_token)
            renewed = self._session(cookie, {"refresh_token": refresh_token, "id_token": id_token, **tokens})
        except IssuerAway:
            if self._clock() - session.until <= self._settings.grace:
                return session.identity
            raise
        except Unauthorized:
            self._store.end(_name(cookie), session.subject)
            raise Unauthorized("Your login has ended; log in again.", reason="token_expired") from None
        if renewed.subject != session.subject:
            raise Unauthorized("Your login has ended; log in again.", reason="invalid_claims")
        self._store.change(_name(cookie), json.dumps(asdict(renewed)))
        return renewed.identity

    def _session(self, cookie: str, tokens: Mapping[str, Any]) -> Session:
        claims = self._check.claims(str(tokens.get("access_token") or ""))
        identity = self._acquaintances.identity(claims)
        return Session(
            user=identity.user,
            role=identity.role.value,
            subject=identity.subject,
            projects=None if identity.projects is None else list(identity.projects),
            until=float(claims["exp"]),
            sealed=_seal(cookie, str(tokens.get("refresh_token") or "")),
            sealed_id=_seal(cookie, str(tokens.get("id_token") or "")),
        )

    def _read(self, cookie: str) -> Session:
        text = self._store.read(_name(cookie))
        if text is None:
            raise Unauthorized("You are not logged in, or your login has ended; log in again.", reason="token_expired")
        found = json.loads(text)  # a newer proxy may have written more than this one knows
        return Session(**{field.name: found[field.name] for field in fields(Session) if field.name in found})


def _name(cookie: str) -> str:
    return hashlib.sha256(b"name" + cookie.encode()).hexdigest()


def _box(cookie: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(b"seal" + cookie.encode()).digest()))


def _seal(cookie: str, text: str) -> str:
    return _box(cookie).encrypt(text.encode()).decode() if text else ""


def _unseal(cookie: str, sealed: str) -> str:
    return _box(cookie).decrypt(sealed.encode()).decode() if sealed else ""
