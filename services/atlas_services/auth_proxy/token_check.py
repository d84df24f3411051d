"""Whether a token of the issuer is valid: its signature, for whom it is, and for how long."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any

import jwt
from jwt import exceptions

from atlas_core.errors import Unauthorized
from atlas_core.oidc_settings import OidcSettings
from atlas_services.auth_proxy.key_ring import ALGORITHMS, KeyRing

#: Characters of the longest token that is looked at.
LONGEST = 16 * 1024
#: Seconds by which clocks may differ.
_LEEWAY = 30
#: Tokens that are remembered as checked.
_MOST_KEPT = 4096
#: What Keycloak says of tokens that are for something else than for asking.
_OTHER_KINDS = frozenset({"ID", "Refresh", "Offline", "Logout"})
#: What a header may call an access token.
_TYPES = frozenset({"JWT", "AT+JWT", "APPLICATION/AT+JWT"})

_REASONS: tuple[tuple[type[Exception], str, str], ...] = (
    (exceptions.InvalidAudienceError, "invalid_claims", "it is made out for somebody else"),
    (exceptions.InvalidIssuerError, "invalid_claims", "it comes from another issuer"),
    (exceptions.ImmatureSignatureError, "invalid_claims", "it does not hold yet; the clocks may differ"),
    (exceptions.InvalidIssuedAtError, "invalid_claims", "it comes from the future; the clocks may differ"),
    (exceptions.MissingRequiredClaimError, "invalid_claims", "it lacks a claim"),
    (exceptions.InvalidSignatureError, "invalid_header", "its signature is wrong"),
    (exceptions.InvalidAlgorithmError, "invalid_header", "it is not signed in a way that is allowed here"),
)


class TokenCheck:
    """Checks tokens. `is_away` says whether the issuer is: then tokens hold for the settings' grace longer."""

    def __init__(
        self,
        settings: OidcSettings,
        keys: KeyRing,
        is_away: Callable[[], bool],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._settings = settings
        self._keys = keys
        self._is_away = is_away
        self._clock = clock
        self._checked: OrderedDict[tuple[str, str], tuple[object, dict[str, Any]]] = OrderedDict()

    def claims(self, token: str) -> dict[str, Any]:
        """Return the claims of an access token. Raises `Unauthorized` with `reason`, or `IssuerAway` without keys."""
        claims = self._decoded(token, self._settings.audience)
        if str(claims.get("typ", "Bearer")) in _OTHER_KINDS:
            raise invalid("it is no access token", "invalid_claims")
        self._check_expiry(float(claims["exp"]))
        return claims

    def id_claims(self, token: str, nonce: str) -> dict[str, Any]:
        """Return the claims of an ID token that answers `nonce`. Raises as `claims` does."""
        claims = self._decoded(token, self._settings.client_id)
        self._check_expiry(float(claims["exp"]))
        if claims.get("nonce") != nonce:
            raise invalid("it answers another login", "invalid_claims")
        return claims

    def _decoded(self, token: str, audience: str) -> dict[str, Any]:
        header = _header(token)
        key = self._keys.key(str(header.get("kid", "")))
        kept = self._checked.get((audience, token))
        if kept is not None and kept[0] is key:  # a signature that was right is right as long as its key is
            return kept[1]
        claims = self._checked_claims(token, audience, key)
        self._checked[audience, token] = key, claims
        while len(self._checked) > _MOST_KEPT:
            self._checked.popitem(last=False)
        return claims

    def _checked_claims(self, token: str, audience: str, key: jwt.PyJWK) -> dict[str, Any]:
        try:
            return jwt.decode(
                token,
                key,
                algorithms=[str(key.algorithm_name)],
                issuer=self._settings.issuer,
                audience=audience,
                leeway=_LEEWAY,
                options={"require": ["exp", "iat", "iss", "aud", "sub"], "verify_exp": False},
            )
        except exceptions.PyJWTError as error:
            raise _told(error) from error

    def _check_expiry(self, until: float) -> None:
        late = self._clock() - until - _LEEWAY
        if late > 0 and not (late <= self._settings.grace and self._is_away()):
            raise invalid("it has expired; log in again", "token_expired")


def invalid(why: str, reason: str) -> Unauthorized:
    """Return the refusal of a token."""
    return Unauthorized(f"Token is not valid: {why}.", reason=reason)


def _header(token: str) -> Mapping[str, Any]:
    if len(token) > LONGEST:
        raise invalid(f"it is longer than {LONGEST} characters", "invalid_header")
    try:
        header = jwt.get_unverified_header(token)
    except (exceptions.PyJWTError, ValueError, RecursionError) as error:
        raise invalid("it cannot be read", "invalid_header") from error
    if header.get("alg") not in ALGORITHMS:
        raise invalid("it is not signed in a way that is allowed here", "invalid_header")
    if str(header.get("typ", "JWT")).upper() not in _TYPES or "crit" in header:
        raise invalid("it is no access token", "invalid_header")
    return header


def _told(error: Exception) -> Unauthorized:
    for kind, reason, why in _REASONS:
        if isinstance(error, kind):
            return invalid(why, reason)
    return invalid("it cannot be read", "invalid_header")
