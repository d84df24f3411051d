"""The mounts that the original's clients always ask for: here the engine sees to what they were for."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping

from atlas_services.scheduler.mounts import MACHINE, Mount, overlaps, read_mounts

#: Where the original's image has the job's files and the client's configuration.
_JOB, _CONFIGURATION = "/job", "/root/.foundations/config"


def asked_mounts(volumes: object, job_id: object) -> tuple[Mount, ...]:
    """Return the mounts of a job with this id, without those that its client cannot but ask for.

    Raises `InvalidSpec` when the others cannot be.
    """
    if not isinstance(volumes, Mapping):
        return read_mounts(volumes)
    standard = _standard({str(host): _bind(wish) for host, wish in volumes.items()}, job_id)
    return read_mounts({host: wish for host, wish in volumes.items() if host not in standard})


def _standard(binds: Mapping[str, object], job_id: object) -> set[str]:
    """Return what is mounted as the original's clients do: nothing, unless this job's own directory is among it.

    They ask for that directory, the one above it and the archive, each under its own name, and the configuration.
    """
    own = [host for host, bind in binds.items() if bind == _JOB and posixpath.basename(host) == job_id]
    if len(own) != 1:
        return set()
    work_root = posixpath.dirname(own[0])
    under_own_name = [host for host, bind in binds.items() if bind == host and not overlaps(host, MACHINE)]
    archive = [host for host in under_own_name if host != work_root][:1]
    configuration = [host for host, bind in binds.items() if bind == _CONFIGURATION]
    return {*own, *archive, *configuration, *(host for host in under_own_name if host == work_root)}


def _bind(wish: object) -> object:
    return wish.get("bind") if isinstance(wish, Mapping) else wish
