"""Which engine runs the jobs of a scheduler."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from atlas_core.errors import InvalidConfig
from atlas_core.jobs import JobSpec
from atlas_core.settings import Settings
from atlas_services.scheduler.archive import Archive
from atlas_services.scheduler.bundles import BundleStore
from atlas_services.scheduler.engines import Capacity, Engine
from atlas_services.scheduler.engines.docker import DockerEngine
from atlas_services.scheduler.engines.docker_probe import probe
from atlas_services.scheduler.engines.process import ProcessEngine
from atlas_services.scheduler.mounts import Mount

_log = logging.getLogger("atlas.scheduler")


def choose_engine(settings: Settings) -> str:
    """Return `docker` or `process`: what the settings say, or Docker where it answers and has our image."""
    if settings.engine != "auto":
        return settings.engine
    found = probe(settings.worker_image, settings.job_network)
    if found.answers and found.image:
        _log.info("jobs run in containers")
        return "docker"
    _log.info("jobs run as processes: %s", found.reason)
    return "process"


def make_engine(
    settings: Settings,
    capacity: Capacity,
    bundles: BundleStore,
    archive: Archive,
    token_of: Callable[[str], str],
    mounts_of: Callable[[JobSpec], tuple[Mount, ...]],
    environment: Mapping[str, str],
) -> Engine:
    """Return the engine. Raises `InvalidConfig`."""
    if choose_engine(settings) == "docker":
        return DockerEngine(settings, capacity, bundles, archive, token_of, mounts_of)
    if settings.worker_user:
        raise InvalidConfig(
            "ATLAS_WORKER_USER: jobs run as processes here, and so as the scheduler's user; leave it out, or set "
            "ATLAS_ENGINE=docker.",
            field="ATLAS_WORKER_USER",
        )
    return ProcessEngine(settings, capacity, bundles, archive, token_of, environment)
