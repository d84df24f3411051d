"""Running one service by itself: settings from the environment, the log on standard error."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable
from typing import NoReturn

from atlas_core.errors import AtlasError
from atlas_core.settings import Ports, Settings
from atlas_services.logs import log_to_stderr


def listen_address(host: str, port: int) -> str:
    """Return what a server binds to, with brackets around an address of IPv6."""
    return f"[{host}]:{port}" if ":" in host and not host.startswith("[") else f"{host}:{port}"


def run_alone(service: str, main: Callable[[Settings, str], None], port: Callable[[Ports], int]) -> NoReturn:
    """Run `main(settings, bind)` and end the process with its exit status. A wrong setting is one sentence.

    `bind` is `$ATLAS_BIND`, else the host of the settings with the service's `port`.
    """
    log_to_stderr(service)
    try:
        settings = Settings.from_environment()
        main(settings, os.environ.get("ATLAS_BIND") or listen_address(settings.host, port(settings.ports)))
    except AtlasError as error:
        logging.getLogger(f"atlas.{service}").error(error.message)
        sys.exit(1)
    sys.exit(0)
