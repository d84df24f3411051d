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
from atlas_services.auth_proxy.issuer_addresses import inner_address

#: Seconds to connect, and for an answer. A password is hashed on purpose so that it takes a while.
_TIMEOUT = Timeout(connect=3.0, read=15.0)
#: Bytes of the longest answer that is read.
_LONGEST = 1024 * 1024
#: Seconds for which what the issuer says of itself is taken for true.
_KEPT = 3600.0
#: Seconds in which the issuer is taken to be away after it did not say who it is, or by which keys it signs. What it
#: said before holds for as long, too, while one thread asks it again.
_AWAY = 10.0
#: What Keycloak answers once it has ended a login without a browser's help; others show a page that asks.
_ENDED = 204


class IssuerAway(ServerUnreachable):
    """Raised when the issuer does not answer, or answers that it fails."""


class Refused(Unauthorized):
    """Raised when the issuer refuses; `reason` in the details is its word for why."""


class Issuer:
    """One issuer. Safe to use from several threads."""

    def __init__(self, settings: OidcSettings, clock: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._clock = clock
        self._inner = inner_address(settings.issuer, settings.discovery_url)
        self._pool = PoolManager(maxsize=8, timeout=_TIMEOUT, retries=Retry(False))
        self._document: Mapping[str, Any] = {}
        self._due_at = 0.0
        self._failed_at: float | None = None
        self._lock = threading.Lock()

    def page(self, name: str) -> str:
        """Return an address to which a browser is sent. Raises `IssuerAway`, or `InvalidInput` if it has no such."""
        url = self._described().get(name)
        if not isinstance(url, str):
            raise InvalidInput(f"The issuer of tokens has no {name.replace('_', ' ')}.", field=name)
        return url

    def keys(self) -> list[dict[str, Any]]:
        """Return the public keys with which it signs. Raises `IssuerAway`."""
        keys = self._get(self._endpoint("jwks_uri")).get("keys")
        return [key for key in keys if isinstance(key, dict)] if isinstance(keys, list) else []

    def tokens(self, **grant: str) -> dict[str, Any]:
        """Return the tokens that a grant gives. Raises `Refused` with the issuer's reason, or `IssuerAway`."""
        return self._post("token_endpoint", grant)[1]

    def begin_device(self, **fields: str) -> dict[str, Any]:
        """Begin a login on another device. Raises `Refused`, `IssuerAway`, or `InvalidInput` if it knows no such."""
        return self._post("device_authorization_endpoint", {"scope": "openid", **fields})[1]

    def revoke(self, refresh_token: str) -> None:
        """Make a refresh token worthless. Raises `Refused`, `IssuerAway`, or `InvalidInput` if it cannot do that."""
        self._post("revocation_endpoint", {"token": refresh_token, "token_type_hint": "refresh_token"})

    def end_session(self, refresh_token: str) -> bool:
        """Whether it ended all of the login that a refresh token belongs to, and so that in the browser, too.

        Raises as `revoke` does.
        """
        return self._post("end_session_endpoint", {"refresh_token": refresh_token})[0] == _ENDED

    def check(self) -> None:
        """Ask it whether it is there, unless it was asked just now. Raises `IssuerAway`."""
        if self._failed_at is not None and self._clock() - self._failed_at < _AWAY:
            raise IssuerAway("The issuer of tokens does not answer.")
        self._get(self._discovery)

    @property
    def _discovery(self) -> str:
        return f"{self._settings.discovery_url}/.well-known/openid-configuration"

    def _endpoint(self, name: str) -> str:
        """Return an address that the proxy itself calls. Raises as `page` does."""
        return self._inner(self.page(name))

    def _described(self) -> Mapping[str, Any]:
        """Return what it says of itself; what it said before while it is away, or another thread asks."""
        with self._lock:
            known, now = self._document, self._clock()
            if known and now < self._due_at:
                return known
            self._due_at = now + _AWAY
        try:  # outside of the lock: an issuer that hangs holds up who asks it alone
            found = self._get(self._discovery)
            self._check_name(found.get("issuer"))
        except IssuerAway:
            if known := self._keep({}, _AWAY):
                return known
            raise
        return self._keep(found, _KEPT)

    def _keep(self, found: Mapping[str, Any], seconds: float) -> Mapping[str, Any]:
        with self._lock:
            self._document, self._due_at = found or self._document, self._clock() + seconds
            return self._document

    def _check_name(self, name: object) -> None:
        if str(name or "").rstrip("/") != self._settings.issuer:
            raise IssuerAway(
                f"ATLAS_OIDC_ISSUER: {self._settings.issuer!r} is expected, but who answers there calls itself "
                f"{name!r}.",
                field="ATLAS_OIDC_ISSUER",
            )

    def _get(self, url: str) -> dict[str, Any]:
        """Return what it says of itself, or its keys. It is away if it does not, and only then: no caller decides."""
        try:
            found = self._ask("GET", url, {}, b"")[1]
        except (IssuerAway, Refused) as error:  # what stands before an issuer that is away may answer 404
            self._failed_at = self._clock()
            raise IssuerAway(f"The issuer of tokens does not say who it is ({error.message.rstrip('.')}).") from error
        self._failed_at = None
        return found

    def _post(self, endpoint: str, fields: Mapping[str, str]) -> tuple[int, dict[str, Any]]:
        everything = {"client_id": self._settings.client_id, **fields}
        if self._settings.client_secret:
            everything["client_secret"] = self._settings.client_secret
        headers = {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"}
        return self._ask("POST", self._endpoint(endpoint), headers, urlencode(everything).encode())

    def _ask(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> tuple[int, dict[str, Any]]:
        try:
            answer = self._pool.request(
                method, url, body=body, headers=dict(headers), redirect=False, preload_content=False
            )
            content, status = answer.read(_LONGEST), answer.status
            answer.release_conn()
        except (HTTPError, OSError) as error:
            raise IssuerAway("The issuer of tokens does not answer; try again shortly.") from error
        if status >= 500:
            raise IssuerAway("The issuer of tokens fails; try again shortly.")
        return status, _content(status, content)


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
