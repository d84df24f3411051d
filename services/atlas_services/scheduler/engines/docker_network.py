"""The network of jobs, and the address at which they call the server there."""

from __future__ import annotations

import ipaddress
from contextlib import suppress
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from docker.errors import APIError

from atlas_core.settings import Settings
from atlas_services.scheduler.engines import EngineAway
from atlas_services.scheduler.engines.docker_daemon import Daemon

_LABEL = "atlas.network"
#: By the second, Compose takes a network for its own that was there before: the file calls it `jobs`.
_LABELS = {_LABEL: "", "com.docker.compose.network": "jobs"}


def ensure_network(daemon: Daemon, name: str) -> dict[str, Any]:
    """Return what the daemon says of the network, made now if it is missing. Raises `EngineAway` or `APIError`.

    The daemon makes several of one name when it is asked at the same moment, by a scheduler that was killed too, and
    then starts no container in any of them. All who ask agree on the oldest, and remove the others.
    """
    with suppress(APIError):  # there are several
        one = daemon.find(lambda client: client.inspect_network(name))
        if one is not None:
            return dict(one)
    found = _named(daemon, name)
    if not found:
        try:
            daemon.ask(lambda client: client.create_network(name, driver="bridge", labels=_LABELS))
        except APIError:
            if not _named(daemon, name):  # else somebody else made it just now
                raise
        found = _named(daemon, name)
    for surplus in found[1:]:
        if _LABEL in (surplus.get("Labels") or {}):
            with suppress(APIError):  # somebody else removes it too
                daemon.ask(partial(_remove, surplus["Id"]))
    if not found:
        raise EngineAway(f"The network {name} was removed as soon as it was made.")
    return found[0]


def gateway_of(network: dict[str, Any]) -> str | None:
    """Return this machine's IPv4 address in a network of containers, with the network: `172.18.0.1/16`."""
    for part in (network.get("IPAM") or {}).get("Config") or []:
        gateway, subnet = part.get("Gateway"), part.get("Subnet")
        if gateway and subnet:
            address = ipaddress.ip_network(subnet, strict=False)
            if address.version == 4:
                return f"{str(gateway).partition('/')[0]}/{address.prefixlen}"
    return None


def server_url(settings: Settings, network: dict[str, Any], is_desktop: bool) -> str:
    """Return where jobs in containers of this machine report to.

    What the settings say; else the proxy's address, or, if that is one of the loopback interface, this machine's in
    the network of jobs.
    """
    if settings.job_server_url:
        return settings.job_server_url
    address = urlsplit(settings.proxy_url)
    if not _is_loopback(address.hostname or ""):
        return settings.proxy_url
    gateway = settings.job_gateway or gateway_of(network) or ""
    host = "host.docker.internal" if is_desktop else gateway.partition("/")[0]
    return f"http://{host}:{address.port or 80}" if host else settings.proxy_url


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _named(daemon: Daemon, name: str) -> list[dict[str, Any]]:
    """Return the networks of this name, the oldest first."""
    listed = daemon.ask(lambda client: client.networks(names=[name]))  # it takes parts of names, too
    return sorted((each for each in listed if each["Name"] == name), key=lambda each: (each["Created"], each["Id"]))


def _remove(network: str, client: Any) -> None:
    client.remove_network(network)
