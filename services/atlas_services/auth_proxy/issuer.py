"""The issuer of tokens, such as Keycloak, as the proxy speaks to it: OpenID Connect over HTTP."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from urllib3 import PoolManager, Retry, Timeout
from urllib3.exceptions import HTTPError

from atlas_core.errors import InvalidInput, ServerUnreachable, Unauthorized
from atlas_core.oidc_settings import OidcSettings

#: Seconds to connect, and for an answer. A password is hashed on purpose so that it takes a while.
_TIMEOUT = Timeout(connect=3.0, read=15.0)
#: Bytes of the longest answer that is read.
_LONGEST = 1024 * 1024
#: Seconds for which what the issuer says of itself is taken for true.
_KEPT = 3600.0
#: Seconds after a failure in which the issuer is taken to be away.
_AWAY = 10.0


class IssuerAway(ServerUnreachable):
    """Raised when the issuer does not answer, or answers that it fails."""


class Refused(Unauthorized):
    """Raised when the issuer refuses; `reason` in the details is its word for why."""


class Issuer:
    """One issuer. Safe to use from several threads."""

    def __init__(self, settings: OidcSettings, clock: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._clock = clock
        self._pool = PoolManager(maxsize=8, timeout=_TIMEOUT, retries=Retry(False))
        self._document: Mapping[str, Any] = {}
        self._read_at = -_KEPT
        self._failed_at: float | None = None
        self._lock = threading.Lock()

    @property
    def is_away(self) -> bool:
        """Whether it did not answer just now."""
        return self._failed_at is not None and self._clock() - self._failed_at < _AWAY

    def endpoint(self, name: str) -> str:
        """Return an address of the issuer. Raises `IssuerAway`, or `InvalidInput` if it has none of this name."""
        url = self._described().get(name)
        if not isinstance(url, str):
            raise InvalidInput(f"The issuer of tokens has no {name.replace('_', ' ')}.", field=name)
        return url

    def keys(self) -> list[dict[str, Any]]:
        """Return the public keys with which it signs. Raises `IssuerAway`."""
        keys = self._get(self.endpoint("jwks_uri")).get("keys")
        return [key for key in keys if isinstance(key, dict)] if isinstance(keys, list) else []

    def tokens(self, **grant: str) -> dict[str, Any]:
        """Return the tokens that a grant gives. Raises `Refused` with the issuer's reason, or `IssuerAway`."""
        return self._post(self.endpoint("token_endpoint"), grant)

    def begin_device(self, **fields: str) -> dict[str, Any]:
        """Begin a login on another device. Raises `Refused`, `IssuerAway`, or `InvalidInput` if it knows no such."""
        return self._post(self.endpoint("device_authorization_endpoint"), {"scope": "openid", **fields})

    def log_out(self, refresh_token: str) -> None:
        """End the login that a refresh token belongs to. Raises `Refused` or `IssuerAway`."""
        known = self._described()
        if "revocation_endpoint" in known:
            self._post(known["revocation_endpoint"], {"token": refresh_token, "token_type_hint": "refresh_token"})
        if "end_session_endpoint" in known:  # Keycloak ends the browser's login, too
            self._post(known["end_session_endpoint"], {"refresh_token": refresh_token})

    def check(self) -> None:
        """Ask it whether it is there, unless it was asked just now. Raises `IssuerAway`."""
        if self.is_away:
            raise IssuerAway("The issuer of tokens does not answer.")
        self._get(f"{self._settings.discovery_url}/.well-known/openid-configuration")

    def _described(self) -> Mapping[str, Any]:
        with self._lock:
            if self._document and self._clock() - self._read_at < _KEPT:
                return self._document
            try:
                found = self._get(f"{self._settings.discovery_url}/.well-known/openid-configuration")
            except IssuerAway:
                if self._document:
                    return self._document
                raise
            if str(found.get("issuer", "")).rstrip("/") != self._settings.issuer:
                raise IssuerAway(
                    f"ATLAS_OIDC_ISSUER: {self._settings.issuer!r} is expected, but who answers there calls itself "
                    f"{found.get('issuer')!r}.",
                    field="ATLAS_OIDC_ISSUER",
                )
            self._document, self._read_at = found, self._clock()
            return found

    def _get(self, url: str) -> dict[str, Any]:
        return self._ask("GET", url, {}, b"")

    def _post(self, url: str, fields: Mapping[str, str]) -> dict[str, Any]:
        everything = {"client_id": self._settings.client_id, **fields}
        if self._settings.client_secret:
            everything["client_secret"] = self._settings.client_secret
        headers = {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"}
        return self._ask("POST", url, headers, urlencode(everything).encode())

    def _ask(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
        try:
            answer = self._pool.request(
                method, url, body=body, headers=dict(headers), redirect=False, preload_content=False
            )
            content, status = answer.read(_LONGEST), answer.status
            answer.release_conn()
        except (HTTPError, OSError) as error:
            self._failed_at = self._clock()
            raise IssuerAway("The issuer of tokens does not answer; try again shortly.") from error
        if status >= 500:
            self._failed_at = self._clock()
            raise IssuerAway("The issuer of tokens fails; try again shortly.")
        self._failed_at = None
        return _content(status, content)


def _content(status: int, body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body or b"{}")
    except ValueError:
        found = {}
    facts = found if isinstance(found, dict) else {}
    if status >= 300:
        reason = str(facts.get("error") or status)
        raise Refused(str(facts.get("error_description") or reason), reason=reason)
    return facts
