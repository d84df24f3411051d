"""What the Docker engine is asked for to run a job: all that a container may and may not do. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from atlas_core.jobs import JobSpec
from atlas_services.scheduler.engines import Assignment
from atlas_services.scheduler.engines.job_files import IMAGE_DIRECTORY, directory_of
from atlas_services.scheduler.mounts import READ_ONLY, Mount

#: Where a job has its work directory, its home, and the environments that its user's jobs share.
JOB = PurePosixPath("/job")
HOME = JOB / "home"
ENVIRONMENTS = PurePosixPath("/environments")
#: Labels by which containers are found again.
INSTALLATION, JOB_ID, PROJECT, USER = (f"atlas.{name}" for name in ("installation", "job", "project", "user"))
#: What an image that Compose built says of itself. A container that inherits it would be taken for a service, which
#: `docker compose down` removes; emptied, as a label cannot be taken away.
_OF_COMPOSE = {f"com.docker.compose.{name}": "" for name in ("project", "service", "version")}

_GB = 1024**3
#: The most processes and threads of a job: none needs more, and a fork bomb ends there.
_PROCESSES = 4096
#: GB of shared memory of a job that asks for none: PyTorch's loaders fail with Docker's 64 MB.
_SHARED_MEMORY = 1.0
#: Rather a job than the machine's own services, when memory runs out.
_DISPENSABLE = 500
#: The log is read while it grows and goes with the container: it is never cut.
_LOG_OPTIONS = {"local": {"max-size": "1000g", "max-file": "1", "compress": "false"}, "json-file": {"max-size": "-1"}}


@dataclass(frozen=True)
class Place:
    """Where a container runs: paths as the daemon sees them, and what it can do."""

    image: str
    user: str
    work: str
    environments: str
    network: str
    installation: str
    log_driver: str = "local"
    has_init: bool = True
    host_of_machine: bool = False


def container_spec(
    assignment: Assignment, place: Place, environment: Mapping[str, str], mounts: Iterable[Mount] = ()
) -> dict[str, Any]:
    """Return the body of the request that creates the container of a job."""
    spec = assignment.spec
    network = spec.network or place.network
    wanted: dict[str, Any] = {
        "Image": place.image,
        "User": place.user,
        "WorkingDir": str(IMAGE_DIRECTORY / directory_of(spec)),
        "Env": [f"{name}={value}" for name, value in environment.items()],
        "Labels": {
            INSTALLATION: place.installation,
            JOB_ID: assignment.job_id,
            PROJECT: assignment.project,
            USER: assignment.user,
            **_OF_COMPOSE,
        },
        "HostConfig": _host_config(assignment, place, network, mounts),
        "NetworkingConfig": {"EndpointsConfig": {network: {}}},
    }
    if spec.command:
        wanted["Cmd"] = list(spec.command)
    if spec.entrypoint:
        wanted["Entrypoint"] = list(spec.entrypoint)
    return wanted


def gpu_variables(gpus: tuple[str, ...]) -> dict[str, str]:
    """Return what shows a container its GPUs and no others, whatever its image says. Inside they count from 0."""
    return {
        "NVIDIA_VISIBLE_DEVICES": ",".join(gpus) or "void",
        "CUDA_VISIBLE_DEVICES": ",".join(map(str, range(len(gpus)))),
    }


def _host_config(assignment: Assignment, place: Place, network: str, mounts: Iterable[Mount]) -> dict[str, Any]:
    config = {
        "Mounts": _mounts(mounts, place),
        "NetworkMode": network,
        "CapDrop": ["ALL"],
        "SecurityOpt": ["no-new-privileges"],
        "Privileged": False,
        "Init": place.has_init,
        "RestartPolicy": {"Name": "no"},
        "AutoRemove": False,
        "OomScoreAdj": _DISPENSABLE,
        "LogConfig": {"Type": place.log_driver, "Config": _LOG_OPTIONS[place.log_driver]},
        **_limits(assignment.spec),
    }
    if assignment.gpus:
        config["DeviceRequests"] = [
            {"Driver": "nvidia", "DeviceIDs": list(assignment.gpus), "Capabilities": [["gpu", "compute", "utility"]]}
        ]
    if place.host_of_machine:
        config["ExtraHosts"] = ["host.docker.internal:host-gateway"]
    return config


def _limits(spec: JobSpec) -> dict[str, int]:
    asked = spec.resources
    limits = {
        "PidsLimit": _PROCESSES,
        "ShmSize": int((_SHARED_MEMORY if asked.shm is None else asked.shm) * _GB),
    }
    if asked.ram is not None:
        limits["Memory"] = limits["MemorySwap"] = int(asked.ram * _GB)  # no swap beyond it
    if asked.cpus is not None:
        limits["NanoCpus"] = int(asked.cpus * 1e9)
    return limits


def _mounts(mounts: Iterable[Mount], place: Place) -> list[dict[str, Any]]:
    """The job's own directories, and what it asks for. A path that is not there is refused, not made."""
    own = (Mount(place.work, str(JOB)), Mount(place.environments, str(ENVIRONMENTS)))
    return [
        {
            "Type": "volume" if each.is_volume else "bind",
            "Source": each.source,
            "Target": each.bind,
            "ReadOnly": each.mode == READ_ONLY,
        }
        for each in (*own, *mounts)
    ]
