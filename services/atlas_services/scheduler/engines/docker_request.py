"""What a container of a job is to be, put together from the settings, the daemon and this machine."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from atlas_core.jobs import JobSpec
from atlas_core.settings import Settings
from atlas_services.scheduler.engines import Assignment
from atlas_services.scheduler.engines.container_spec import HOME, Place, container_spec, gpu_variables
from atlas_services.scheduler.engines.docker_daemon import Daemon
from atlas_services.scheduler.engines.docker_images import default_image, full_name
from atlas_services.scheduler.engines.docker_network import ensure_network, server_url
from atlas_services.scheduler.engines.docker_paths import HostPaths
from atlas_services.scheduler.engines.job_environment import job_environment
from atlas_services.scheduler.engines.job_user import JobUsers
from atlas_services.scheduler.mounts import Mount


class ContainerRequests:
    """Knows whose and where a job's container is. Raises `InvalidConfig` when the settings cannot be followed."""

    def __init__(
        self,
        settings: Settings,
        daemon: Daemon,
        installation: str,
        token_of: Callable[[str], str],
        mounts_of: Callable[[JobSpec], tuple[Mount, ...]],
    ) -> None:
        self._settings = settings
        self._daemon = daemon
        self._installation = installation
        self._token_of = token_of
        self._mounts_of = mounts_of
        self._users = JobUsers(settings.worker_user)
        self._paths = HostPaths(daemon)
        self._lacks_init = False

    def image_of(self, spec: JobSpec) -> str:
        """Return the image of a job, with its tag."""
        return full_name(spec.image, self._settings.worker_image or default_image())

    def server_url(self) -> str:
        """Return where jobs report to. Makes their network if it is missing."""
        return self._url_in(self._network())

    def give(self, assignment: Assignment, path: Path) -> None:
        """Make everything below `path` the job's user's."""
        self._users.give(path, self._users.of(assignment))

    def do_without_init(self) -> bool:
        """Ask for no init any more; False if that is so already."""
        lacked, self._lacks_init = self._lacks_init, True
        return not lacked

    def of(self, assignment: Assignment, work: Path) -> dict[str, Any]:
        """Return the request for the container of a job whose working directory is `work`."""
        user, facts, network = self._users.of(assignment), self._daemon.facts, self._network()
        place = Place(
            image=self.image_of(assignment.spec),
            user="{}:{}".format(*user),
            work=self._paths.of(work),
            environments=self._paths.of(self._environments(assignment.user, user)),
            network=str(network["Id"]),
            installation=self._installation,
            log_driver=facts.log_driver,
            has_init=facts.has_init and not self._lacks_init,
            host_of_machine=facts.is_desktop,
        )
        variables = {
            "FOUNDATIONS_SERVER_URL": self._url_in(network),
            "FOUNDATIONS_JOB_TOKEN": self._token_of(assignment.job_id),
            "FOUNDATIONS_HOME": str(HOME),
            **gpu_variables(assignment.gpus),
        }
        environment = job_environment({"HOME": str(HOME), "USER": assignment.user}, assignment, variables)
        return container_spec(assignment, place, environment, self._mounts_of(assignment.spec))

    def _network(self) -> dict[str, Any]:
        return ensure_network(self._daemon, self._settings.job_network)

    def _url_in(self, network: dict[str, Any]) -> str:
        return server_url(self._settings, network, self._daemon.facts.is_desktop)

    def _environments(self, name: str, user: tuple[int, int]) -> Path:
        """Return the directory of Python environments that the jobs of one user share; made if missing."""
        key = hashlib.sha256(f"{name}\n{user}".encode()).hexdigest()[:16]
        directory = self._settings.environments_root / f"docker-{key}"
        directory.mkdir(parents=True, exist_ok=True)
        owner = directory.stat()
        if (owner.st_uid, owner.st_gid) != user:  # it is new, or a scheduler died before it gave it away
            self._users.give(directory, user)
        return directory
