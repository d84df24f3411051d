"""Runs jobs in containers, which outlive the scheduler and are found again by what was recorded and by their labels."""

from __future__ import annotations

import logging
import queue
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path

import requests
from docker.errors import APIError

from atlas_core.jobs import JobSpec
from atlas_core.settings import Settings
from atlas_core.states import Cause
from atlas_services.scheduler.archive import Archive
from atlas_services.scheduler.bundles import BundleStore
from atlas_services.scheduler.engines import (
    SIGNALLED,
    Assignment,
    Capacity,
    EngineAway,
    EngineFailure,
    Outcome,
    Stop,
)
from atlas_services.scheduler.engines.container_records import ContainerRecord, ContainerRecords
from atlas_services.scheduler.engines.container_spec import JOB_ID
from atlas_services.scheduler.engines.docker_containers import Containers
from atlas_services.scheduler.engines.docker_daemon import Daemon, sentence_of
from atlas_services.scheduler.engines.docker_followed import Followed
from atlas_services.scheduler.engines.docker_images import Images
from atlas_services.scheduler.engines.docker_request import ContainerRequests
from atlas_services.scheduler.engines.docker_stop import ContainerEnds
from atlas_services.scheduler.engines.docker_unfinished import UnfinishedLines
from atlas_services.scheduler.engines.job_environment import overruled
from atlas_services.scheduler.engines.job_files import directory_of, lay_out, put_away, save_records
from atlas_services.scheduler.engines.last_words import LateWords, send_last_words
from atlas_services.scheduler.engines.workspace import Workspace
from atlas_services.scheduler.mounts import Mount, read_mounts
from atlas_services.scheduler.resources import check_possible
from atlas_services.secret_file import secret_in

_log = logging.getLogger("atlas.scheduler.docker")

_RESTARTED = "the Docker engine was restarted, which ended the job"
_REMOVED = "the job's container was removed by somebody else"


class DockerEngine:
    """See `Engine`. `token_of` returns the token of a job, `mounts_of` what it may mount at this moment."""

    name = "docker"

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
        installation = secret_in(settings.home / "server" / "installation.id")
        self._daemon = Daemon()
        self._images = Images(self._daemon)
        self._requests = ContainerRequests(settings, self._daemon, installation, token_of, mounts_of)
        self._containers = Containers(self._daemon, installation)
        self._ends = ContainerEnds(self._daemon, settings.stop_grace)
        #: The job and the container of each end; a job that was to stop before it had one has none.
        self._ended: queue.SimpleQueue[tuple[str, str | None] | None] = queue.SimpleQueue()
        #: Where this process reaches the proxy: in a container, that is where jobs do.
        self._proxy = settings.job_server_url or settings.proxy_url
        self._late_words = LateWords(settings.home, self._proxy, self._requests.server_url)
        self._preparing: dict[str, threading.Event] = {}
        self._untouched: set[str] = set()
        self._in_the_making: set[str] = set()
        self._closing = False
        self._followed = Followed(
            self._daemon, self._containers, archive, self._finish, lambda job_id: self._records(job_id).note_memory()
        )
        self._unfinished = UnfinishedLines(self._daemon)
        self._late_words.start()

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
        self.cancel(job_id)  # that of an earlier term
        self._preparing[job_id] = unwanted
        try:
            image = self._requests.image_of(assignment.spec)
            if self._images.fetch(image, partial(self._say, job_id), unwanted.is_set):
                self._lay_out(assignment)
        except APIError as error:
            raise _failure(error) from error
        finally:
            if self._preparing.get(job_id) is unwanted:  # else it is prepared again, in a later term
                self._preparing.pop(job_id, None)

    def cancel(self, job_id: str) -> None:
        """Give up waiting for the job's image."""
        unwanted = self._preparing.get(job_id)
        if unwanted is not None:
            unwanted.set()

    def start(self, assignment: Assignment) -> None:
        """Make the job's container and start it, unless it was told to stop."""
        job_id = assignment.job_id
        if self._records(job_id).told_to_stop is not None:
            self._ended.put((job_id, None))
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
        state = self._containers.state(record.id)
        if state is None:
            self._ended.put((job_id, record.id))
            return True
        if state["Status"] == "created":
            return False
        self._followed.add(job_id, record).start()
        if self._records(job_id).told_to_stop is not None:  # it was stopped by a scheduler that died meanwhile
            self._ends.stop(record.id)
        return True

    def let_go(self) -> None:
        """Copy no more logs and tell no more ends; the containers run on."""
        self._followed.let_go()

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
        while (end := self._ended.get()) is not None:
            job_id, container = end
            record = self._records(job_id).container()
            if container is None or record is None or record.id == container:
                return job_id  # else it goes on in another container, of a later attempt
        return None

    def outcome(self, job_id: str) -> Outcome:
        """Return what the daemon says of the container, or what must have become of it."""
        records = self._records(job_id)
        record, stopped = records.container(), records.told_to_stop
        failed = self._workspace(job_id).dependencies_failed
        if record is None:
            return Outcome(None, stopped, failed)
        if self._followed.ended_well(record.id):
            return Outcome(0, stopped, failed)
        state = self._containers.state_at_end(record.id)
        if state is None:
            return Outcome(None, stopped, failed, lost=_REMOVED)
        exit_code = int(state["ExitCode"])
        if state["Status"] == "removing" and exit_code >= SIGNALLED:
            return Outcome(exit_code, stopped, failed, lost=_REMOVED)
        out_of_memory = bool(state.get("OOMKilled")) or records.ran_out_of_memory
        restarted = exit_code >= SIGNALLED and not out_of_memory and self._containers.outlived(record)
        return Outcome(exit_code, stopped, failed, out_of_memory, _RESTARTED if restarted else None)

    def archive(self, job_id: str) -> None:
        """Move the job's files into the archive, and records that were not sent to where `foundations sync` looks."""
        put_away(self._workspace(job_id), self._archive, job_id)
        self.save_records(job_id)

    def save_records(self, job_id: str) -> None:
        """Move records that were not sent to where `foundations sync` looks."""
        if save_records(self._workspace(job_id), self._settings.home):
            self._late_words.wake()

    def container_id(self, job_id: str) -> str | None:
        """Return the id of the job's container."""
        record = self._records(job_id).container()
        return None if record is None else record.id

    def unfinished_line(self, job_id: str) -> AbstractContextManager[Callable[[], bytes]]:
        """See `UnfinishedLines.watched`."""
        return self._unfinished.watched(partial(self.container_id, job_id))

    def leftovers(self) -> list[str]:
        """Return the jobs that have a directory here. Removes containers of no job."""
        for container in self._containers.listed():
            job_id = container["Labels"].get(JOB_ID, "")
            if job_id not in self._in_the_making and not self._is_known(job_id, container["Id"]):
                self._ends.remove(container["Id"])
        roots = (self._settings.work_root, self._records_root)
        return sorted({path.name for root in roots if root.is_dir() for path in root.iterdir() if path.is_dir()})

    def discard(self, job_id: str) -> None:
        """Remove the working directory, the records, and soon the container."""
        records = self._records(job_id)
        record = records.container()
        if record is not None:
            self._followed.forget(record.id)
            self._ends.remove(record.id)
        self._untouched.discard(job_id)
        self._workspace(job_id).remove()
        records.remove()

    @property
    def lives(self) -> bool:
        """Whether it still notices when jobs end."""
        return self._followed.lives

    def close(self) -> None:
        """Watch no more jobs."""
        self._closing = True
        self._late_words.close()
        self._followed.close()
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

    def _say(self, job_id: str, line: str) -> None:
        with self._archive.open_log(job_id) as log:
            log.write(f"{line}\n".encode())

    def _lay_out(self, assignment: Assignment) -> None:
        job_id = assignment.job_id
        workspace, records = self._workspace(job_id), self._records(job_id)
        earlier = records.container()
        if earlier is not None:
            self._ends.remove(earlier.id)
        lay_out(workspace, self._bundles, assignment, self._requests.server_url())
        records.make()
        directory = directory_of(assignment.spec)
        if not (workspace.source / directory).is_dir():
            raise EngineFailure(f"working_dir: the project has no directory `{directory}`.", Cause.INVALID_SPEC)
        self._requests.give(assignment, workspace.path)
        self._untouched.add(job_id)

    @contextmanager
    def _making(self, job_id: str) -> Iterator[None]:
        """Keep `leftovers` from taking a container for one of no job before it is recorded."""
        self._in_the_making.add(job_id)
        try:
            if job_id in self._untouched:
                self._untouched.discard(job_id)
            else:
                self._containers.remove_unstarted(job_id)
            yield
        finally:
            self._in_the_making.discard(job_id)

    def _create(self, assignment: Assignment) -> ContainerRecord:
        job_id = assignment.job_id
        wanted = self._requests.of(assignment, self._workspace(job_id).path)
        warning = overruled(assignment.spec.environment, dict(entry.split("=", 1) for entry in wanted["Env"]))
        if warning:
            self._say(job_id, warning.rstrip())
        name = f"atlas-job-{job_id}-{uuid.uuid4().hex[:8]}"
        made = self._daemon.ask(lambda client: client.create_container_from_config(wanted, name))
        log = self._archive.log(job_id)
        record = ContainerRecord(made["Id"], log.stat().st_size if log.exists() else 0, self._containers.daemon_run())
        self._records(job_id).write(record)
        return record

    def _launch(self, job_id: str, record: ContainerRecord) -> None:
        copy = self._followed.add(job_id, record)
        if self._records(job_id).told_to_stop is None:
            try:
                self._daemon.ask(lambda client: client.start(record.id))
            except (APIError, EngineAway) as error:
                self._followed.forget(record.id)
                self._check_passing(error)
                raise
        else:
            self._ends.remove(record.id)
        copy.start()
        if self._records(job_id).told_to_stop is not None:  # while it was being started
            self._ends.stop(record.id)

    def _check_passing(self, error: Exception) -> None:
        """Raise `EngineAway` for what will be otherwise next time."""
        said = str(error)
        if "docker-init" in said and self._requests.do_without_init():  # the daemon does not say so beforehand
            raise EngineAway("The Docker engine has no init; containers do without.") from error
        if f"network {self._settings.job_network} is ambiguous" in said:  # the next look at it removes all but one
            raise EngineAway("A second network of jobs was made just now.") from error

    def _finish(self, job_id: str, container: str) -> None:
        """The container has ended and its output is whole."""
        if not self._is_known(job_id, container):
            return  # another one has taken its place, and the job's files
        try:
            send_last_words(self._workspace(job_id), self._proxy)
        except OSError as error:
            _log.warning("job %s: what it logged last is not sent yet: %s", job_id, error)
        if not self._closing:
            self._ended.put((job_id, container))

    def _is_known(self, job_id: str, container: str) -> bool:
        record = self._records(job_id).container() if job_id else None
        return record is not None and record.id == container


def _failure(error: APIError) -> EngineFailure:
    """Return why a container cannot run: for what the job asks for, or for a fault of the machine."""
    said = sentence_of(error)
    if "could not select device driver" in said:
        remedy = "install the NVIDIA container toolkit on the server"
        return EngineFailure(f"Docker cannot give GPUs to a container ({said}); {remedy}.", Cause.INVALID_SPEC)
    if "No such image" in said:
        return EngineFailure(f"The job's image was removed just now: {said}.", Cause.IMAGE_PULL)
    asked_wrongly = error.status_code in {requests.codes.bad_request, requests.codes.not_found}
    return EngineFailure(
        f"The job's container cannot be had: {said}.", Cause.INVALID_SPEC if asked_wrongly else Cause.ENGINE_LOST
    )
