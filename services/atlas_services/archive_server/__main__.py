"""`python -m atlas_services.archive_server`: serve the archive server alone."""

from __future__ import annotations

import os
import sys

from atlas_core.errors import AtlasError
from atlas_core.settings import Settings
from atlas_services.archive_server.app import make_app
from atlas_services.web import serve


def main(settings: Settings, bind: str) -> None:
    """Serve until SIGTERM. `bind` is `host:port` or `fd://N`."""
    serve(lambda: make_app(settings), bind)


def _run() -> None:
    try:
        settings = Settings.from_environment()
        main(settings, os.environ.get("ATLAS_BIND") or f"{settings.host}:{settings.ports.archive}")
    except AtlasError as error:
        sys.exit(error.message)


if __name__ == "__main__":
    _run()
