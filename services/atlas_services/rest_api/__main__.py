"""`python -m atlas_services.rest_api`: serve the REST API alone."""

from __future__ import annotations

from atlas_core.settings import Settings
from atlas_services.alone import run_alone
from atlas_services.rest_api.app import make_app
from atlas_services.web import serve


def main(settings: Settings, bind: str) -> None:
    """Serve until SIGTERM. `bind` is `host:port` or `fd://N`."""
    serve(lambda: make_app(settings, warm=True), bind)


if __name__ == "__main__":
    run_alone("rest_api", main, lambda ports: ports.rest_api)
