"""Runs jobs in containers, which outlive the scheduler and are found again by what was recorded and by their labels."""

from __future__ import annotations

import hashlib
import logging
import queue
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import requests
from docker.errors import APIError

from atlas_core.jobs import JobSpec
from atlas_core.settings import Settings
from atlas_core.states import Cause
from atlas_services.scheduler.archive import Archive
from atlas_services.scheduler.bundles import BundleStore
from atlas_services.scheduler.engines import Assignment, Capacity, EngineAway, EngineFailure, Outcome, Stop
from atlas_services.scheduler.engines.container_records import ContainerRecord, ContainerRecords
from atlas_services.scheduler.engines.container_spec import (
    HOME,
    INSTALLATION,
    JOB_ID,
    Place,
    container_spec,
    gpu_variables,
)
from atlas_services.scheduler.engines.docker_daemon import Daemon, sentence_of
from atlas_services.scheduler.engines.docker_images import Images, default_image, full_name
from atlas_services.scheduler.engines.docker_log import LogCopy
from atlas_services.scheduler.engines.docker_network import ensure_network, server_url
from atlas_services.scheduler.engines.docker_paths import HostPaths
from atlas_services.scheduler.engines.docker_stop import ContainerEnds
from atlas_services.scheduler.engines.docker_watch import ContainerWatch
from atlas_services.scheduler.engines.job_environment import job_environment, overruled
from atlas_services.scheduler.engines.job_files import directory_of, lay_out, put_away, save_records
from atlas_services.scheduler.engines.job_user import JobUsers
from atlas_services.scheduler.engines.last_words import send_last_words
from atlas_services.scheduler.engines.workspace import Workspace
from atlas_services.scheduler.mounts import Mount, read_mounts
from atlas_services.scheduler.resources import check_possible
from atlas_services.secret_file import secret_in

_log = logging.getLogger("atlas.scheduler.docker")

#: From here on, an exit status tells the signal that ended the container.
_SIGNAL = 128
#: Seconds within which a container that was killed is gone.
_BURIAL = 10
_RESTARTED = "the Docker engine was restarted, which ended the job"
_REMOVED = "the job's container was removed by somebody else"


class DockerEngine:
    """See `Engine`. `token_of` returns the token of a job, `mounts_of` what it may mount at this moment."""

    def __init__(
        self,
        settings: Settings,
        capacity: Capacity,
        bundles: BundleStore,
        archive: Archive,
        token_of: Callable[[str], str],
        mounts_of: Callable[[JobSpec], tuple[Mount, ...]] = lambda spec: read_mounts(spec.volumes),
    ) -> None:
        self._settings = settings
        self._capacity = capacity
        self._bundles = bundles
        self._archive = archive
        self._token_of = token_of
        self._mounts_of = mounts_of
        self._installation = secret_in(settings.home / "server" / "installation.id")
        self._users = JobUsers(settings.worker_user)
        self._daemon = Daemon()
        self._images = Images(self._daemon)
        self._paths = HostPaths(self._daemon)
        self._ends = ContainerEnds(self._daemon, settings.stop_grace)
        self._ended: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._copies: dict[str, tuple[str, LogCopy]] = {}
        self._preparing: dict[str, threading.Event] = {}
        self._untouched: set[str] = set()
        self._in_the_making: set[str] = set()
        self._lacks_init = False
        self._closing = False
        label = f"{INSTALLATION}={self._installation}"
        self._watch = ContainerWatch(self._daemon, label, self._followed, self._note_end, self._note_memory)
        self._watch.start()

    def capacity(self) -> Capacity:
        """Return how much can run at a time."""
        return self._capacity

    def check(self, spec: JobSpec) -> None:
        """Raise `InvalidSpec` if such a job can never run here."""
        check_possible(spec.resources, self._capacity)
        directory_of(spec)

    def prepare(self, assignment: Assignment) -> None:
        """Have the image on this machine, and the job's files in a new working directory that is its user's."""
        job_id, unwanted = assignment.job_id, threading.Event()
        self._preparing[job_id] = unwanted
        try:
            if self._images.fetch(self._image_of(assignment.spec), partial(self._say, job_id), unwanted.is_set):
                self._lay_out(assignment)
        finally:
            del self._preparing[job_id]

    def cancel(self, job_id: str) -> None:
        """Give up waiting for the job's image."""
        unwanted = self._preparing.get(job_id)
        if unwanted is not None:
            unwanted.set()

    def start(self, assignment: Assignment) -> None:
        """Make the job's container and start it, unless it was told to stop."""
        job_id = assignment.job_id
        if self._records(job_id).told_to_stop is not None:
            self._ended.put(job_id)
            return
        if not self._workspace(job_id).source.is_dir():
            raise EngineFailure("The working directory of the job is gone.")
        with self._making(job_id):
            try:
                self._launch(job_id, self._create(assignment))
            except APIError as error:
                raise _failure(error) from error

    def adopt(self, job_id: str) -> bool:
        """Go on with a container that was started before."""
        record = self._records(job_id).container()
        if record is None:
            return False
        state = self._state(record.id)
        if state is None:
            self._ended.put(job_id)
            return True
        if state["Status"] == "created":
            return False
        self._follow(job_id, record).start()
        if self._records(job_id).told_to_stop is not None:  # it was stopped by a scheduler that died meanwhile
            self._ends.stop(record.id)
        return True

    def let_go(self) -> None:
        """Copy no more logs and tell no more ends; the containers run on."""
        with self._lock:
            copies, self._copies = self._copies, {}
        for _, copy in copies.values():
            copy.close()

    def stop(self, job_id: str, stop: Stop) -> None:
        """SIGTERM to the container, SIGKILL after the grace period."""
        records = self._records(job_id)
        records.note_stop(stop)
        record = records.container()
        if record is not None:  # else `start` finds the note
            self._ends.stop(record.id)

    def kill(self, job_id: str) -> None:
        """Kill the container."""
        record = self._records(job_id).container()
        if record is not None:
            self._ends.kill(record.id)

    def wait(self) -> str | None:
        """Return the id of the next job that has ended; None after `close`."""
        return self._ended.get()

    def outcome(self, job_id: str) -> Outcome:
        """Return what the daemon says of the container, or what must have become of it."""
        records = self._records(job_id)
        record, stopped = records.container(), records.told_to_stop
        failed = self._workspace(job_id).dependencies_failed
        if record is None:
            return Outcome(None, stopped, failed)
        state = self._state_at_end(record.id)
        if state is None:
            return Outcome(None, stopped, failed, lost=_REMOVED)
        exit_code = int(state["ExitCode"])
        if state["Status"] == "removing" and exit_code >= _SIGNAL:
            return Outcome(exit_code, stopped, failed, lost=_REMOVED)
        out_of_memory = bool(state.get("OOMKilled")) or records.ran_out_of_memory
        restarted = exit_code >= _SIGNAL and not out_of_memory and self._has_restarted(record)
        return Outcome(exit_code, stopped, failed, out_of_memory, _RESTARTED if restarted else None)

    def archive(self, job_id: str) -> None:
        """Move the job's files into the archive, and records that were not sent to where `foundations sync` looks."""
        put_away(self._workspace(job_id), self._archive, job_id)
        self.save_records(job_id)

    def save_records(self, job_id: str) -> None:
        """Move records that were not sent to where `foundations sync` looks."""
        save_records(self._workspace(job_id), self._settings.home)

    def container_id(self, job_id: str) -> str | None:
        """Return the id of the job's container."""
        record = self._records(job_id).container()
        return None if record is None else record.id

    def leftovers(self) -> list[str]:
        """Return the jobs that have a directory here but no container that lives. Removes containers of no job."""
        containers = self._containers(f"{INSTALLATION}={self._installation}")
        alive = set()
        for container in containers:
            job_id = container["Labels"].get(JOB_ID, "")
            if job_id not in self._in_the_making and not self._is_known(job_id, container["Id"]):
                self._ends.remove(container["Id"])
            elif container["State"] not in {"exited", "dead"}:
                alive.add(job_id)
        roots = (self._settings.work_root, self._records_root)
        names = {path.name for root in roots if root.is_dir() for path in root.iterdir() if path.is_dir()}
        return sorted(names - alive)

    def discard(self, job_id: str) -> None:
        """Remove the working directory, the records, and soon the container."""
        records = self._records(job_id)
        record = records.container()
        if record is not None:
            self._forget(record.id)
            self._ends.remove(record.id)
        self._untouched.discard(job_id)
        self._workspace(job_id).remove()
        records.remove()

    @property
    def lives(self) -> bool:
        """Whether it still notices when jobs end."""
        return self._watch.is_alive()

    def close(self) -> None:
        """Watch no more jobs."""
        self._closing = True
        self._watch.close()
        self.let_go()
        self._ends.close()
        self._daemon.close()
        self._ended.put(None)

    @property
    def _records_root(self) -> Path:
        return self._settings.work_root.parent / "containers"

    def _workspace(self, job_id: str) -> Workspace:
        return Workspace(self._settings.work_root / job_id)

    def _records(self, job_id: str) -> ContainerRecords:
        return ContainerRecords(self._records_root / job_id)

    def _image_of(self, spec: JobSpec) -> str:
        return full_name(spec.image, self._settings.worker_image or default_image())

    def _say(self, job_id: str, line: str) -> None:
        with self._archive.open_log(job_id) as log:
            log.write(f"{line}\n".encode())

    def _server_url(self) -> str:
        network = ensure_network(self._daemon, self._settings.job_network)
        return server_url(self._settings, network, self._daemon.facts.is_desktop)

    def _lay_out(self, assignment: Assignment) -> None:
        job_id, workspace, records = assignment.job_id, self._workspace(assignment.job_id), None
        records = self._records(job_id)
        earlier = records.container()
        if earlier is not None:
            self._ends.remove(earlier.id)
        lay_out(workspace, self._bundles, assignment, self._server_url())
        records.make()
        directory = directory_of(assignment.spec)
        if not (workspace.source / directory).is_dir():
            raise EngineFailure(f"working_dir: the project has no directory `{directory}`.", Cause.INVALID_SPEC)
        self._users.give(workspace.path, self._users.of(assignment))
        self._untouched.add(job_id)

    @contextmanager
    def _making(self, job_id: str) -> Iterator[None]:
        """Keep `leftovers` from taking a container for one of no job before it is recorded."""
        self._in_the_making.add(job_id)
        try:
            if job_id in self._untouched:
                self._untouched.discard(job_id)
            else:
                self._remove_unstarted(job_id)
            yield
        finally:
            self._in_the_making.discard(job_id)

    def _remove_unstarted(self, job_id: str) -> None:
        """Make sure that no container that somebody else made for the job can start any more.

        One that has started meanwhile is not removed: the step is repeated, and goes on with it.
        """
        for container in self._containers(f"{INSTALLATION}={self._installation}", f"{JOB_ID}={job_id}"):
            if container["State"] == "created":
                try:
                    self._daemon.find(partial(_remove_if_idle, container["Id"]))
                except APIError as error:
                    raise EngineAway(f"The job's container is being started: {sentence_of(error)}") from error

    def _create(self, assignment: Assignment) -> ContainerRecord:
        job_id = assignment.job_id
        wanted = self._wanted(assignment)
        name = f"atlas-job-{job_id}-{uuid.uuid4().hex[:8]}"
        made = self._daemon.ask(lambda client: client.create_container_from_config(wanted, name))
        log = self._archive.log(job_id)
        record = ContainerRecord(made["Id"], log.stat().st_size if log.exists() else 0, self._daemon_run())
        self._records(job_id).write(record)
        return record

    def _wanted(self, assignment: Assignment) -> dict[str, Any]:
        user, facts = self._users.of(assignment), self._daemon.facts
        place = Place(
            image=self._image_of(assignment.spec),
            user="{}:{}".format(*user),
            work=self._paths.of(self._workspace(assignment.job_id).path),
            environments=self._paths.of(self._environments(assignment.user, user)),
            network=self._settings.job_network,
            installation=self._installation,
            log_driver=facts.log_driver,
            has_init=facts.has_init and not self._lacks_init,
            host_of_machine=facts.is_desktop,
        )
        variables = {
            "FOUNDATIONS_SERVER_URL": self._server_url(),
            "FOUNDATIONS_JOB_TOKEN": self._token_of(assignment.job_id),
            "FOUNDATIONS_HOME": str(HOME),
            **gpu_variables(assignment.gpus),
        }
        environment = job_environment({"HOME": str(HOME), "USER": assignment.user}, assignment, variables)
        if line := overruled(assignment.spec.environment, environment):
            self._say(assignment.job_id, line.rstrip())
        return container_spec(assignment, place, environment, map(self._of_host, self._mounts_of(assignment.spec)))

    def _of_host(self, mount: Mount) -> Mount:
        """Return a mount as the daemon calls it."""
        return mount if mount.is_volume else replace(mount, source=self._paths.of(Path(mount.source)))

    def _environments(self, name: str, user: tuple[int, int]) -> Path:
        """Return the directory of Python environments that the jobs of one user share; made if missing."""
        key = hashlib.sha256(f"{name}\n{user}".encode()).hexdigest()[:16]
        directory = self._settings.environments_root / f"docker-{key}"
        if not directory.is_dir():
            directory.mkdir(parents=True, exist_ok=True)
            self._users.give(directory, user)
        return directory

    def _launch(self, job_id: str, record: ContainerRecord) -> None:
        copy = self._follow(job_id, record)
        if self._records(job_id).told_to_stop is None:
            try:
                self._daemon.ask(lambda client: client.start(record.id))
            except (APIError, EngineAway) as error:
                self._forget(record.id)
                self._note_missing_init(error)
                raise
        else:
            self._ends.remove(record.id)
        copy.start()
        if self._records(job_id).told_to_stop is not None:  # while it was being started
            self._ends.stop(record.id)

    def _note_missing_init(self, error: Exception) -> None:
        """Do without an init from now on, if that is what the daemon lacks; it does not say so beforehand."""
        if not self._lacks_init and "docker-init" in str(error):
            self._lacks_init = True
            raise EngineAway("The Docker engine has no init; containers do without.") from error

    def _follow(self, job_id: str, record: ContainerRecord) -> LogCopy:
        """Return what will copy the container's output; its end is noted from now on."""
        copy = LogCopy(
            self._daemon,
            record.id,
            partial(self._archive.open_log, job_id),
            record.log_start,
            partial(self._has_ended, record.id),
            partial(self._finish, job_id),
        )
        with self._lock:
            self._copies[record.id] = (job_id, copy)
        return copy

    def _forget(self, container: str) -> None:
        with self._lock:
            _, copy = self._copies.pop(container, (None, None))
        if copy is not None:
            copy.close()

    def _finish(self, job_id: str) -> None:
        """The container has ended and its output is whole."""
        try:
            send_last_words(self._workspace(job_id), self._settings.proxy_url)
        except OSError as error:
            _log.warning("job %s: what it logged last is not sent yet: %s", job_id, error)
        if not self._closing:
            self._ended.put(job_id)

    def _followed(self) -> list[str]:
        with self._lock:
            return list(self._copies)

    def _note_end(self, container: str, is_gone: bool) -> None:
        _, copy = self._copies.get(container, (None, None))
        if copy is not None:
            copy.note_end(is_gone)

    def _note_memory(self, container: str) -> None:
        job_id, _ = self._copies.get(container, (None, None))
        if job_id is not None:
            self._records(job_id).note_memory()

    def _containers(self, *labels: str) -> list[dict[str, Any]]:
        filters = {"label": list(labels)}
        return list(self._daemon.ask(lambda client: client.containers(all=True, filters=filters)))

    def _is_known(self, job_id: str, container: str) -> bool:
        record = self._records(job_id).container() if job_id else None
        return record is not None and record.id == container

    def _state(self, container: str) -> dict[str, Any] | None:
        found = self._daemon.find(lambda client: client.inspect_container(container))
        return None if found is None else found["State"]

    def _has_ended(self, container: str) -> bool:
        state = self._state(container)
        return state is None or not (state["Running"] or state["Status"] == "created")

    def _state_at_end(self, container: str) -> dict[str, Any] | None:
        """As `_state`, of a container that was killed just now perhaps."""
        state = self._state(container)
        if state is not None and state["Running"]:
            self._daemon.find(lambda client: client.wait(container, timeout=_BURIAL))
            state = self._state(container)
        return state

    def _daemon_run(self) -> str | None:
        """Return what differs from one run of the daemon to the next: it makes its default network anew."""
        network = self._daemon.find(lambda client: client.inspect_network("bridge"))
        return None if network is None else str(network["Id"])

    def _has_restarted(self, record: ContainerRecord) -> bool:
        return record.daemon_run is not None and self._daemon_run() != record.daemon_run


def _remove_if_idle(container: str, client: Any) -> None:
    client.remove_container(container, v=True)


def _failure(error: APIError) -> EngineFailure:
    """Return why a container cannot run: for what the job asks for, or for a fault of the machine."""
    said = sentence_of(error)
    if "No such image" in said:
        return EngineFailure(f"The job's image was removed just now: {said}.", Cause.IMAGE_PULL)
    asked_wrongly = error.status_code in {requests.codes.bad_request, requests.codes.not_found}
    return EngineFailure(
        f"The job's container cannot be started: {said}.", Cause.INVALID_SPEC if asked_wrongly else Cause.ENGINE_LOST
    )
