"""`python -m atlas_services.archive_server`: serve the archive server alone."""

from __future__ import annotations

from flask import Flask

from atlas_core.settings import Settings
from atlas_services.alone import run_alone
from atlas_services.archive_server.app import make_app
from atlas_services.archive_server.seal_rounds import SealRounds
from atlas_services.web import serve


def main(settings: Settings, bind: str) -> None:
    """Serve until SIGTERM. `bind` is `host:port` or `fd://N`."""

    def make() -> Flask:
        SealRounds(settings).start()
        return make_app(settings)

    serve(make, bind)


if __name__ == "__main__":
    run_alone("archive_server", main, lambda ports: ports.archive)
