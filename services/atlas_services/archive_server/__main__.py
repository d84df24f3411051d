"""`python -m atlas_services.archive_server`: serve the archive server alone."""

from __future__ import annotations

import logging
import os
import sys

from atlas_core.errors import AtlasError
from atlas_core.settings import Settings
from atlas_services.archive_server.app import make_app
from atlas_services.logs import log_to_stderr
from atlas_services.web import serve


def main(settings: Settings, bind: str) -> None:
    """Serve until SIGTERM. `bind` is `host:port` or `fd://N`."""
    serve(lambda: make_app(settings), bind)


def run() -> int:
    """Run the command; returns the exit status."""
    log_to_stderr("archive_server")
    try:
        settings = Settings.from_environment()
        main(settings, os.environ.get("ATLAS_BIND") or f"{settings.host}:{settings.ports.archive}")
    except AtlasError as error:
        logging.getLogger("atlas.archive_server").error(error.message)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(run())
