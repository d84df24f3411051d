"""`python -m atlas_services.auth_proxy`: serve the auth proxy alone."""

from __future__ import annotations

import os

from atlas_core.settings import Settings
from atlas_services.alone import run_alone
from atlas_services.auth_proxy.app import door_of, make_app
from atlas_services.auth_proxy.exposure import refuse_half_a_login, refuse_open_proxy
from atlas_services.auth_proxy.options import with_options
from atlas_services.web import serve


def main(settings: Settings, bind: str) -> None:
    """Serve until SIGTERM. `bind` is `host:port` or `fd://N`. Raises `InvalidConfig` if others reach it."""
    refuse_half_a_login(settings)
    if not settings.allow_open_proxy and settings.oidc is None:
        refuse_open_proxy(bind, settings.job_gateway)
    door_of(settings)
    serve(lambda: make_app(settings), bind)


if __name__ == "__main__":
    os.environ.update(with_options(os.environ))
    run_alone("auth_proxy", main, lambda ports: ports.proxy)
