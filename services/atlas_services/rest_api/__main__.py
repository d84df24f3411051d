"""`python -m atlas_services.rest_api`: serve the REST API alone."""

from __future__ import annotations

from flask import Flask

from atlas_core.settings import Settings
from atlas_services.alone import run_alone
from atlas_services.rest_api.app import end_streams, make_app
from atlas_services.web import serve


def main(settings: Settings, bind: str) -> None:
    """Serve until SIGTERM. `bind` is `host:port` or `fd://N`. Streams end then, and requests that end are answered."""
    made: list[Flask] = []

    def make() -> Flask:
        made.append(make_app(settings, warm=True))
        return made[0]

    serve(make, bind, on_term=lambda: end_streams(made[0]))


if __name__ == "__main__":
    run_alone("rest_api", main, lambda ports: ports.rest_api)
