"""The end of a login where it was made: at the issuer, which may let a browser in again without a password."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from atlas_core.errors import AtlasError
from atlas_services.auth_proxy.issuer import Issuer, IssuerAway


@dataclass(frozen=True)
class EndedLogin:
    """How far a browser's login has ended. `left` says what goes on at the issuer, `page` where that ends."""

    left: str = ""
    page: str = ""


def end_login(issuer: Issuer, refresh_token: str) -> bool:
    """End the login that a refresh token belongs to; return whether the browser's login at the issuer ended with it.

    Raises `AtlasError` when not even the token was revoked.
    """
    failure = None
    try:
        issuer.revoke(refresh_token)
    except IssuerAway:
        raise
    except AtlasError as error:
        failure = error
    try:
        ended = issuer.end_session(refresh_token)
    except AtlasError:
        ended = False
    if failure is not None and not ended:
        raise failure
    return ended


def end_login_of_browser(issuer: Issuer, client_id: str, refresh_token: str, id_token: str) -> EndedLogin:
    """End a browser's login, and say what of it is left."""
    why = ""
    try:
        if refresh_token and end_login(issuer, refresh_token):
            return EndedLogin()
    except AtlasError as error:
        why = f" ({error.message.rstrip('.')})"
    page = _page(issuer, client_id, id_token)
    if page:
        return EndedLogin(f"You are logged out here, and on the issuer's page also there{why}.", page)
    return EndedLogin(
        f"You are logged out here, but not at the issuer of tokens{why}: whoever uses this browser may log in again "
        "without a password until it is closed."
    )


def _page(issuer: Issuer, client_id: str, id_token: str) -> str:
    """Return where a browser ends its login; without an address to come back to, which the issuer might not know."""
    fields = {"client_id": client_id, **({"id_token_hint": id_token} if id_token else {})}
    try:
        return f"{issuer.page('end_session_endpoint')}?{urlencode(fields)}"
    except AtlasError:
        return ""
