"""Logging in at the issuer: by its page in a browser, by a code on another device, or by name and password."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from atlas_core.errors import Unauthorized
from atlas_core.oidc_settings import OidcSettings
from atlas_services.auth_proxy.attempts import Attempts
from atlas_services.auth_proxy.ended_login import end_login
from atlas_services.auth_proxy.issuer import Issuer
from atlas_services.auth_proxy.token_check import TokenCheck

#: Seconds that somebody may take for the issuer's page.
LOGIN_TIME = 600
#: Passwords that may be tried within a time, in seconds: for one user from one address, from one address, for one user.
_PERIOD = 300.0
_TRIES, _TRIES_OF_ADDRESS, _TRIES_OF_USER = 10, 60, 100
#: Logins of other kinds that may begin, or be asked about, from one address.
_QUESTIONS = 600
_SCOPE = "openid"


@dataclass(frozen=True)
class Begun:
    """A login that has begun in a browser: the issuer's page, and what the browser keeps until it comes back."""

    url: str
    kept: str


class Login:
    """The ways to log in. `secret` signs what browsers keep; `clock` returns the seconds since the epoch."""

    def __init__(
        self,
        settings: OidcSettings,
        issuer: Issuer,
        check: TokenCheck,
        secret: str,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._settings = settings
        self._issuer = issuer
        self._check = check
        self._key = hashlib.sha256(b"login" + secret.encode()).digest()
        self._clock = clock
        self._tries = Attempts(_TRIES, _PERIOD)
        self._tries_of_address = Attempts(_TRIES_OF_ADDRESS, _PERIOD)
        self._tries_of_user = Attempts(_TRIES_OF_USER, _PERIOD)
        self._questions = Attempts(_QUESTIONS, _PERIOD)

    def begin(self, callback: str, after: str) -> Begun:
        """Begin a login in a browser, which comes back to `callback` and goes on to the path `after`."""
        verifier, state, nonce = (secrets.token_urlsafe(32) for _ in range(3))
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        fields = {
            "response_type": "code",
            "client_id": self._settings.client_id,
            "redirect_uri": callback,
            "scope": _SCOPE,
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        url = f"{self._issuer.page('authorization_endpoint')}?{urlencode(fields)}"
        return Begun(url, self._sealed([verifier, state, nonce, _local(after), int(self._clock()) + LOGIN_TIME]))

    def finish(self, kept: str, state: str, code: str, callback: str) -> tuple[dict[str, Any], str]:
        """Return the tokens of a login, and the path to go on to.

        Raises `Unauthorized` unless this browser began it, just now, and the issuer takes the code.
        """
        verifier, expected, nonce, after, until = self._opened(kept)
        if not hmac.compare_digest(str(expected).encode(), state.encode()) or until < self._clock():
            raise Unauthorized("This login was not begun here, or took too long; log in again.")
        tokens = self._issuer.tokens(
            grant_type="authorization_code", code=code, redirect_uri=callback, code_verifier=verifier
        )
        if "id_token" in tokens:
            self._check.id_claims(str(tokens["id_token"]), nonce)
        return tokens, after

    def by_password(self, user: str, password: str, address: str) -> dict[str, Any]:
        """Return the tokens of a user. Raises `Unauthorized` with the issuer's reason, or `TooManyRequests`."""
        name = user.strip().lower()
        pair = json.dumps([name, address])
        self._tries.note(pair)  # first, so that one name that is guessed at locks out nobody else from this address
        self._tries_of_address.note(address)
        self._tries_of_user.note(name)
        tokens = self._issuer.tokens(grant_type="password", username=user, password=password, scope=_SCOPE)
        for attempts, key in ((self._tries, pair), (self._tries_of_user, name)):
            attempts.forget(key)
        return tokens

    def begin_device(self, address: str) -> dict[str, Any]:
        """Begin a login on another device: `device_code`, `user_code`, `verification_uri`, `interval`, `expires_in`."""
        self._questions.note(address)
        return self._issuer.begin_device()

    def finish_device(self, device_code: str, address: str) -> dict[str, Any]:
        """Return the tokens. Raises `Unauthorized`; `reason` is `authorization_pending` until somebody has agreed."""
        self._questions.note(address)
        return self._issuer.tokens(grant_type="urn:ietf:params:oauth:grant-type:device_code", device_code=device_code)

    def renew(self, refresh_token: str, address: str) -> dict[str, Any]:
        """Return new tokens. Raises `Unauthorized` when the login is over."""
        self._questions.note(address)
        return self._issuer.tokens(grant_type="refresh_token", refresh_token=refresh_token)

    def log_out(self, refresh_token: str, address: str) -> None:
        """End the login that a refresh token belongs to. Raises `AtlasError` when the issuer did not hear of it."""
        self._questions.note(address)
        end_login(self._issuer, refresh_token)

    def _sealed(self, facts: list[Any]) -> str:
        payload = base64.urlsafe_b64encode(json.dumps(facts).encode()).decode()
        return f"{payload}.{self._mac(payload)}"

    def _opened(self, kept: str) -> list[Any]:
        payload, _, mac = kept.partition(".")
        if not payload or not hmac.compare_digest(mac.encode(), self._mac(payload).encode()):
            raise Unauthorized("This browser has not begun to log in here, or has done so too long ago; log in again.")
        return list(json.loads(base64.urlsafe_b64decode(payload)))

    def _mac(self, payload: str) -> str:
        return hmac.new(self._key, payload.encode(), hashlib.sha256).hexdigest()


def _local(path: str) -> str:
    """Return a path of ours, whatever was asked for: nobody is sent to another site after the login."""
    is_ours = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable() and len(path) < 2000
    return path if is_ours else "/"
