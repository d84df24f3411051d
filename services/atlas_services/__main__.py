"""`python -m atlas_services start`: the embedded stack, in the foreground, until SIGTERM or Ctrl-C."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from importlib import metadata

from atlas_core.errors import AtlasError
from atlas_core.settings import Ports, Settings
from atlas_services.auth_proxy.__main__ import main as serve_proxy
from atlas_services.auth_proxy.exposure import refuse_half_a_login, refuse_open_proxy
from atlas_services.embedded.shared_process import serve_archive_and_tensorboard
from atlas_services.embedded.stack import Part, Stack
from atlas_services.rest_api.__main__ import main as serve_rest_api
from atlas_services.scheduler.__main__ import main as serve_scheduler

#: In the order in which they start. A part is ready when the last of its ports answers.
PARTS = (
    Part("scheduler", serve_scheduler, ("scheduler",)),
    Part("rest_api", serve_rest_api, ("rest_api",)),
    Part("archive", serve_archive_and_tensorboard, ("archive", "tensorboard_api")),
    Part("proxy", serve_proxy, ("gui", "proxy"), public=True),
)


def main() -> int:
    """Run the command; returns the exit status."""
    arguments = _parser().parse_args()
    logging.basicConfig(format="%(asctime)s - Foundations Atlas Server - %(levelname)s - %(message)s", level="INFO")
    if arguments.home:
        os.environ["FOUNDATIONS_HOME"] = arguments.home
    try:
        ports = Ports.from_base(arguments.port_base) if arguments.port_base else None
        settings = Settings.from_environment(ports=ports)
        refuse_half_a_login(settings)
        if not settings.allow_open_proxy and settings.oidc is None:
            refuse_open_proxy(f"{settings.host}:{settings.ports.proxy}")
        Stack(settings, PARTS, metadata.version("atlas-services")).run()
    except AtlasError as error:
        logging.getLogger("atlas.stack").error(error.message)
        return 1
    except OSError as error:
        logging.getLogger("atlas.stack").error("The stack cannot run: %s.", error)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m atlas_services", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    start = commands.add_parser("start", help="run the embedded stack in the foreground")
    start.add_argument("--port-base", type=int, metavar="N", help="use eight consecutive ports from N")
    start.add_argument("--home", metavar="DIR", help="keep all state here instead of $FOUNDATIONS_HOME")
    return parser


if __name__ == "__main__":
    sys.exit(main())
