"""Who can reach an address. A proxy that lets everybody in must not be reachable by everybody."""

from __future__ import annotations

import ipaddress
import socket

from atlas_core.errors import InvalidConfig
from atlas_core.settings import Settings


def refuse_open_proxy(bind: str, gateway: str = "") -> None:
    """Raise `InvalidConfig` unless every address of `bind` (`host:port`, `fd://N`, with commas) is a loopback one.

    `gateway` is allowed too: the address, with its network, at which containers of this machine call it.
    """
    allowed = {gateway.partition("/")[0]} - {""}
    for part in bind.split(","):
        host = _host(part)
        if not _is_loopback(host) and host not in allowed:
            raise InvalidConfig(
                f"ATLAS_HOST: without a login, whoever reaches {host} could run code on this machine; use 127.0.0.1, "
                "or set ATLAS_ALLOW_OPEN_PROXY=1 if everybody who reaches it may do that.",
                field="ATLAS_HOST",
            )


def refuse_half_a_login(settings: Settings) -> None:
    """Raise `InvalidConfig` for a proxy without a login before services that answer only one with a login."""
    if settings.oidc is None and settings.identity_secret:
        raise InvalidConfig(
            "ATLAS_OIDC_ISSUER: with ATLAS_IDENTITY_SECRET_FILE the services answer only a proxy where people log in; "
            "set it to the issuer of their tokens, or leave the file out everywhere.",
            field="ATLAS_OIDC_ISSUER",
        )


def _host(bind: str) -> str:
    if bind.startswith("fd://"):
        with socket.socket(fileno=socket.dup(int(bind.removeprefix("fd://")))) as listener:
            return str(listener.getsockname()[0])
    return bind.rpartition(":")[0].strip("[]")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
