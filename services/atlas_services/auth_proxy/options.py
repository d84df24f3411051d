"""The options of `python -m atlas_services.auth_proxy`: the original's, each of which stands for a setting."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence

from atlas_core.settings import Ports
from atlas_services.alone import listen_address


def with_options(environment: Mapping[str, str], arguments: Sequence[str] | None = None) -> dict[str, str]:
    """Return the settings that a command line stands for. Ends the process, with a sentence, if it makes no sense."""
    found = _parser().parse_args(arguments)
    wanted = {}
    if found.null:
        wanted["ATLAS_NO_LOGIN"] = "1"
    if found.allow_open_proxy:
        wanted["ATLAS_ALLOW_OPEN_PROXY"] = "1"
    if found.host is not None:
        wanted["ATLAS_HOST"] = found.host
    if found.host is not None or found.port is not None:
        host = found.host or environment.get("ATLAS_HOST") or "127.0.0.1"
        wanted["ATLAS_BIND"] = listen_address(host, found.port or Ports().proxy)
    return wanted


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m atlas_services.auth_proxy", description="Serve the auth proxy alone.")
    add = parser.add_argument
    add("-H", "--host", help="listen on this address [default: $ATLAS_HOST, or 127.0.0.1]")
    add("-p", "--port", type=_port, help="listen on this port [default: 5558]")
    add("-n", "--null", action="store_true", help="let everybody in who reaches it; for a laptop, which others do not")
    add("--allow-open-proxy", action="store_true", help="without a login, listen on whatever address all the same")
    add("-d", "--debug", action="store_true", help="accepted; the log says as much without it")
    add("-t", "--type", choices=("atlas",), default="atlas", help="accepted; there is one kind")
    return parser


def _port(text: str) -> int:
    if text.isascii() and text.isdigit() and len(text) <= 5 and 1 <= int(text) <= 65535:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is no port; choose 1 to 65535.")
