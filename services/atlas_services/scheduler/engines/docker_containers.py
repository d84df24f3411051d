"""The containers of this installation, as the daemon knows them. Everything may raise `EngineAway`."""

from __future__ import annotations

from functools import partial
from typing import Any

from docker.errors import APIError

from atlas_services.scheduler.engines import EngineAway
from atlas_services.scheduler.engines.container_records import ContainerRecord
from atlas_services.scheduler.engines.container_spec import INSTALLATION, JOB_ID
from atlas_services.scheduler.engines.docker_daemon import Daemon, sentence_of

#: Seconds within which a container that was killed is gone.
_BURIAL = 10


class Containers:
    """Several installations may share one daemon; each knows its containers by a label."""

    def __init__(self, daemon: Daemon, installation: str) -> None:
        self._daemon = daemon
        self.label = f"{INSTALLATION}={installation}"

    def listed(self, job_id: str | None = None) -> list[dict[str, Any]]:
        """Return all of them, or those of one job."""
        filters = {"label": [self.label] + ([] if job_id is None else [f"{JOB_ID}={job_id}"])}
        return list(self._daemon.ask(lambda client: client.containers(all=True, filters=filters)))

    def state(self, container: str) -> dict[str, Any] | None:
        """Return the state of one, None when it is gone."""
        found = self._daemon.find(lambda client: client.inspect_container(container))
        return None if found is None else found["State"]

    def has_ended(self, container: str) -> bool:
        """Whether it will do nothing any more."""
        state = self.state(container)
        return state is None or not (state["Running"] or state["Status"] == "created")

    def state_at_end(self, container: str) -> dict[str, Any] | None:
        """As `state`, of one that ends just now perhaps."""
        state = self.state(container)
        if state is not None and state["Running"]:
            self._daemon.find(lambda client: client.wait(container, timeout=_BURIAL))
            state = self.state(container)
        return state

    def remove_unstarted(self, job_id: str) -> None:
        """Make sure that no container that was made for the job can start any more.

        One that has started meanwhile stays: `EngineAway` has the step repeated, which then goes on with it.
        """
        for container in self.listed(job_id):
            if container["State"] == "created":
                try:
                    self._daemon.find(partial(_remove_if_idle, container["Id"]))
                except APIError as error:
                    raise EngineAway(f"The job's container is being started: {sentence_of(error)}") from error

    def daemon_run(self) -> str | None:
        """Return what differs from one run of the daemon to the next: it makes its default network anew."""
        network = self._daemon.find(lambda client: client.inspect_network("bridge"))
        return None if network is None else str(network["Id"])

    def outlived(self, record: ContainerRecord) -> bool:
        """Whether the daemon was started anew since the container was made, as far as that can be told."""
        return record.daemon_run is not None and self.daemon_run() != record.daemon_run


def _remove_if_idle(container: str, client: Any) -> None:
    client.remove_container(container, v=True)
