"""`python -m atlas_services.scheduler.engines.docker_probe`: whether jobs can run in containers here, as JSON.

    {"answers": true, "image": true, "gateway": "172.18.0.1/16", "desktop": false, "reason": ""}

It is a program of its own, so that nobody who only wants to know has to load Docker's client.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict, dataclass

from docker.errors import APIError

from atlas_core.settings import JOB_NETWORK
from atlas_services.scheduler.engines import EngineAway
from atlas_services.scheduler.engines.docker_daemon import Daemon, sentence_of
from atlas_services.scheduler.engines.docker_images import Images, default_image, full_name
from atlas_services.scheduler.engines.docker_network import ensure_network, gateway_of


@dataclass(frozen=True)
class Finding:
    """What was found out. `gateway` is this machine's address in the network of jobs; `reason` says what is missing."""

    answers: bool = False
    image: bool = False
    gateway: str | None = None
    desktop: bool = False
    reason: str = ""


def probe(image: str | None = None, network: str = JOB_NETWORK) -> Finding:
    """Ask the Docker engine. Makes the network of jobs if it is missing."""
    daemon, name = Daemon(), full_name(image, default_image())
    try:
        desktop = daemon.facts.is_desktop
        gateway = gateway_of(ensure_network(daemon, network))
        if Images(daemon).has(name):
            return Finding(True, True, gateway, desktop)
        return Finding(True, False, gateway, desktop, f"the image {name} is not there; build it with make worker-image")
    except EngineAway as error:
        return Finding(reason=str(error))
    except APIError as error:
        return Finding(reason=f"the Docker engine refuses: {sentence_of(error)}")


def main(arguments: list[str] | None = None) -> None:
    """Print the finding."""
    parser = argparse.ArgumentParser("python -m atlas_services.scheduler.engines.docker_probe")
    parser.add_argument("--image", help="default: our worker image of this version")
    parser.add_argument("--network", default=JOB_NETWORK, help="the network of jobs")
    options = parser.parse_args(arguments)
    sys.stdout.write(json.dumps(asdict(probe(options.image, options.network))) + "\n")


if __name__ == "__main__":
    main()
