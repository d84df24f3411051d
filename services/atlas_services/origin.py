"""Who a request comes from, as far as a browser tells: a page of another site must not act in its reader's name.

Two ways lead from a page on the web to a server on its reader's machine. The page sends a form or a `fetch` there: the
browser then says so in `Origin` and `Sec-Fetch-Site`. Or the page's own name is made to point to this machine (DNS
rebinding): the browser then takes both for one site, but `Host` holds the page's name. Programs send neither of the
first two headers, and call a server by a name that it knows.
"""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from flask import request

from atlas_core.errors import Forbidden
from atlas_core.settings import Settings

#: Methods that change nothing. What they answer no page of another site can read.
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
#: The ports of addresses that name none.
_STANDARD = {"http": 80, "https": 443}
_OTHER_SITES = frozenset({"cross-site", "same-site"})


class Callers:
    """Which requests an installation takes."""

    def __init__(self, settings: Settings) -> None:
        urls = (
            settings.scheduler_url,
            settings.rest_api_url,
            settings.archive_url,
            settings.tensorboard_api_url,
            settings.proxy_url,
            settings.gui_url,
        )
        gateway = ipaddress.ip_interface(settings.job_gateway) if settings.job_gateway else None
        known = ["localhost", settings.host, *settings.allowed_hosts, *(urlsplit(url).hostname for url in urls)]
        known += [str(gateway.ip)] if gateway else []
        self._job_network = gateway.network if gateway else None
        self._names = frozenset(name.lower() for name in known if name)
        self._any_address = settings.allow_open_proxy or settings.oidc is not None
        self._ports = frozenset(_port(url) for url in (settings.gui_url, settings.proxy_url))

    def check(self) -> None:
        """Raise `Forbidden`, naming the header, if the present request is not to be taken."""
        self._check_caller()
        host = request.headers.get("Host")
        if host is not None and not self._is_ours(_name_and_port(host)[0]):
            raise Forbidden(
                f"Host: {host!r} is no name of this server; call it by its address, or add the name to "
                "ATLAS_ALLOWED_HOSTS.",
                field="Host",
            )
        if request.method not in _SAFE:
            self._check_page(host or "")

    def _check_caller(self) -> None:
        """A machine nearby could send packets to the gateway of this machine's containers; it is none of them."""
        if self._job_network is None or self._any_address or not request.remote_addr:
            return
        caller = ipaddress.ip_address(request.remote_addr)
        if not caller.is_loopback and caller not in self._job_network:
            raise Forbidden("This server answers its own machine and its containers only.", field="REMOTE_ADDR")

    def _check_page(self, host: str) -> None:
        origin = request.headers.get("Origin")
        if origin is not None and not self._is_own_page(origin, host):
            raise Forbidden(f"Origin: a page of {origin!r} cannot change anything here.", field="Origin")
        site = request.headers.get("Sec-Fetch-Site", "").lower()
        if site == "cross-site" or (site in _OTHER_SITES and origin is None):
            raise Forbidden(f"Sec-Fetch-Site: a {site} page cannot change anything here.", field="Sec-Fetch-Site")

    def _is_ours(self, name: str) -> bool:
        if name in self._names:
            return True
        try:
            address = ipaddress.ip_address(name)
        except ValueError:
            return False
        return address.is_loopback or self._any_address

    def _is_own_page(self, origin: str, host: str) -> bool:
        """Whether the page came from the address called, or from the other of the two at which people find us."""
        scheme, _, rest = origin.partition("://")
        if scheme not in _STANDARD:
            return False
        if rest.lower() == host.lower():
            return True
        (name, port), (called, _) = _name_and_port(rest), _name_and_port(host)
        return name == called and (port or _STANDARD[scheme]) in self._ports


def _port(url: str) -> int | None:
    scheme, _, rest = url.partition("://")
    return _name_and_port(rest.partition("/")[0])[1] or _STANDARD.get(scheme)


def _name_and_port(host: str) -> tuple[str, int | None]:
    """Return the lower-case name (an IPv6 address without brackets) and the port; an empty name for what is no host."""
    try:
        parts = urlsplit(f"//{host}")
        if parts.netloc != host or "@" in host:
            return "", None
        return parts.hostname or "", parts.port
    except ValueError:
        return "", None
