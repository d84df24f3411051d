"""Where the proxy finds what an issuer says of itself: the issuer names addresses that browsers reach."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit, urlunsplit


def inner_address(issuer: str, discovery_url: str) -> Callable[[str], str]:
    """Return what makes of an address of the issuer the one by which servers reach it.

    It is the same where `discovery_url` is the issuer's own address, and for addresses on other servers.
    """

    def of(url: str) -> str:
        if discovery_url == issuer or _origin(url) != _origin(issuer):
            return url
        if url.startswith(f"{issuer}/"):
            return discovery_url + url.removeprefix(issuer)
        inner = urlsplit(discovery_url)
        return urlunsplit(urlsplit(url)._replace(scheme=inner.scheme, netloc=inner.netloc))

    return of


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc.lower()
