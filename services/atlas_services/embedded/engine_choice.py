"""Which engine the stack uses, and how jobs in containers reach it.

Docker is asked by a process of its own: its client is large, and the supervisor's memory is copied into every service.
"""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from dataclasses import replace

from atlas_core.errors import InvalidConfig
from atlas_core.settings import Settings

_log = logging.getLogger("atlas.stack")

#: Seconds for the Docker engine to answer.
_PATIENCE = 10.0
#: What Docker Desktop calls the machine inside containers; its proxy reaches the loopback interface.
_DESKTOP_HOST = "host.docker.internal"


class EngineChoice:
    """Begins to ask Docker when it is made, if the settings leave that open; `settle` waits for the answer."""

    def __init__(self, settings: Settings) -> None:
        self._probe = None if settings.engine == "process" else _start_probe(settings)

    def settle(self, settings: Settings) -> Settings:
        """Return `settings` with the engine, and with the addresses that its jobs need.

        Raises `InvalidConfig` when the settings ask for Docker and it cannot be used.
        """
        if self._probe is None:
            return settings
        found = _answer(self._probe)
        if settings.engine == "auto" and not (found.get("answers") and found.get("image")):
            _log.info("Jobs run as processes of this machine: %s", found.get("reason"))
            return replace(settings, engine="process")
        if not found.get("answers"):
            raise InvalidConfig(f"ATLAS_ENGINE=docker: {found.get('reason')}", field="ATLAS_ENGINE")
        _log.info("Jobs run in containers.")
        return _reachable_for_containers(replace(settings, engine="docker"), found)


def _start_probe(settings: Settings) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "atlas_services.scheduler.engines.docker_probe"]
    command += ["--network", settings.job_network]
    if settings.worker_image:
        command += ["--image", settings.worker_image]
    silent = subprocess.DEVNULL
    return subprocess.Popen(command, stdin=silent, stdout=subprocess.PIPE, stderr=silent, text=True)


def _answer(probe: subprocess.Popen[str]) -> dict[str, object]:
    try:
        text, _ = probe.communicate(timeout=_PATIENCE)
        found = json.loads(text)
    except subprocess.TimeoutExpired:
        probe.kill()
        probe.communicate()
        return {"reason": f"the Docker engine does not answer within {_PATIENCE:g} seconds; is it running?"}
    except ValueError:
        return {"reason": "the Docker engine cannot be asked; is it running, and may this user speak to it?"}
    return found if isinstance(found, dict) else {}


def _reachable_for_containers(settings: Settings, found: dict[str, object]) -> Settings:
    """Have the proxy listen where containers can call it, unless the settings say how jobs reach it."""
    port = settings.ports.proxy
    if settings.job_server_url:
        return settings
    if found.get("desktop"):
        names = (*settings.allowed_hosts, _DESKTOP_HOST)
        return replace(settings, job_server_url=f"http://{_DESKTOP_HOST}:{port}", allowed_hosts=names)
    gateway = settings.job_gateway or str(found.get("gateway") or "")
    if not gateway:
        raise InvalidConfig(
            "ATLAS_ENGINE=docker: the network of jobs has no gateway; set ATLAS_JOB_SERVER_URL to an address of the "
            "proxy that containers reach.",
            field="ATLAS_JOB_SERVER_URL",
        )
    address = gateway.partition("/")[0]
    return replace(settings, job_server_url=f"http://{address}:{port}", job_gateway=gateway)
