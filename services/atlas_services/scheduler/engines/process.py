"""Runs jobs as processes of this machine, each in a session of its own that outlives the scheduler."""

from __future__ import annotations

import json
import logging
import queue
import subprocess
import sys
import threading
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath

from atlas_core.errors import InvalidSpec
from atlas_core.jobs import JobSpec
from atlas_core.settings import Settings
from atlas_core.values import plain
from atlas_services.process_life import birth_of
from atlas_services.scheduler.archive import Archive
from atlas_services.scheduler.bundles import BundleStore
from atlas_services.scheduler.engines import Assignment, Capacity, EngineFailure, Outcome, Stop, session
from atlas_services.scheduler.engines.job_environment import inherited, job_environment, write_home
from atlas_services.scheduler.engines.sdk_directory import sdk_directory
from atlas_services.scheduler.engines.watcher import Watcher
from atlas_services.scheduler.engines.workspace import Taker, Workspace, move
from atlas_services.scheduler.resources import check_possible

_log = logging.getLogger("atlas.scheduler.process")

_ENTRYPOINT = Path(__file__).resolve().parents[2] / "worker" / "entrypoint.sh"
PARAMETERS_FILE = "foundations_job_parameters.json"
#: Where the original's worker image mounts the job; its clients ask for this working directory.
IMAGE_DIRECTORY = PurePosixPath("/job/job_source")


class ProcessEngine:
    """See `Engine`. `token_of` returns the token of a job; `environment` is the scheduler's own."""

    def __init__(
        self,
        settings: Settings,
        capacity: Capacity,
        bundles: BundleStore,
        archive: Archive,
        token_of: Callable[[str], str],
        environment: Mapping[str, str],
    ) -> None:
        self._settings = settings
        self._capacity = capacity
        self._bundles = bundles
        self._archive = archive
        self._token_of = token_of
        self._environment = inherited(environment)
        self._sdk = sdk_directory(settings.environments_root)
        self._ended: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._watcher = Watcher(self._process_ended)

    def capacity(self) -> Capacity:
        """Return how much can run at a time."""
        return self._capacity

    def check(self, spec: JobSpec) -> None:
        """Raise `InvalidSpec` if such a job can never run here."""
        check_possible(spec.resources, self._capacity)
        _directory(spec)

    def prepare(self, assignment: Assignment) -> None:
        """Unpack the job's files into a new working directory, with its parameters and its home."""
        workspace = self._workspace(assignment.job_id)
        workspace.remove()
        workspace.path.mkdir(parents=True)
        unpacked = workspace.path / f"unpacking-{uuid.uuid4().hex}"
        self._bundles.unpack(assignment.job_id, assignment.spec.bundle_id, unpacked)
        unpacked.rename(workspace.source)
        if assignment.spec.params is not None:
            text = json.dumps(plain(dict(assignment.spec.params)))  # NaN stays NaN: Python reads it
            (workspace.source / PARAMETERS_FILE).unlink(missing_ok=True)
            (workspace.source / PARAMETERS_FILE).write_text(text)
        write_home(workspace.home, self._settings.proxy_url)

    def cancel(self, job_id: str) -> None:
        """Do nothing: preparing is unpacking, which soon ends."""

    def start(self, assignment: Assignment) -> None:
        """Start the entrypoint. It takes the job if nobody has."""
        workspace = self._workspace(assignment.job_id)
        if not workspace.source.is_dir():
            raise EngineFailure("The working directory of the job is gone.")
        try:
            with self._archive.open_log(assignment.job_id) as log:
                log.write(_unapplied(assignment.spec).encode())
                child = subprocess.Popen(
                    self._command(workspace, assignment.spec),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    cwd=workspace.path,
                    env=self._variables(workspace, assignment),
                    start_new_session=True,
                )
        except (OSError, ValueError) as error:
            raise EngineFailure(f"The job's process cannot be started: {error}.") from error
        self._watcher.watch(assignment.job_id, Taker(child.pid, birth_of(child.pid) or "-"), child)

    def adopt(self, job_id: str) -> bool:
        """Wait for a job whose entrypoint was started by a scheduler that is no more."""
        taker = self._workspace(job_id).taker()
        if taker is None:
            return False
        self._follow(job_id, taker)
        return True

    def stop(self, job_id: str, stop: Stop) -> None:
        """SIGTERM to the job's processes, SIGKILL to what is left of them after the grace period."""
        workspace = self._workspace(job_id)
        if not workspace.path.is_dir():
            return
        workspace.note_stop(stop)
        if workspace.bar():
            return
        taker = workspace.taker()
        if taker is not None:
            session.terminate(taker)
            self._kill_later(job_id, taker)

    def kill(self, job_id: str) -> None:
        """Kill every process of the job."""
        taker = self._workspace(job_id).taker()
        if taker is not None:
            session.kill_all(taker.pid if taker.lives else 0, job_id)

    def wait(self) -> str | None:
        """Return the id of the next job that has ended; None after `close`."""
        return self._ended.get()

    def outcome(self, job_id: str) -> Outcome:
        """Return what the job's entrypoint left."""
        return self._workspace(job_id).outcome()

    def archive(self, job_id: str) -> None:
        """Move the job's files into the archive, and records that were not sent to where `foundations sync` looks."""
        workspace = self._workspace(job_id)
        move(workspace.source, self._archive.artifacts(job_id))
        if workspace.journals.is_dir():
            for journal in workspace.journals.iterdir():
                move(journal, self._settings.home / "journal" / journal.name)

    def leftovers(self) -> list[str]:
        """Return the jobs that have a working directory but no living process."""
        root = self._settings.work_root
        names = [path.name for path in root.iterdir() if path.is_dir()] if root.is_dir() else []
        takers = {name: self._workspace(name).taker() for name in names}
        return [name for name, taker in takers.items() if taker is None or not taker.lives]

    def discard(self, job_id: str) -> None:
        """Remove the working directory."""
        self._workspace(job_id).remove()

    @property
    def lives(self) -> bool:
        """Whether it still watches its jobs."""
        return self._watcher.lives

    def close(self) -> None:
        """Watch no more jobs."""
        self._watcher.close()
        self._ended.put(None)

    def _workspace(self, job_id: str) -> Workspace:
        return Workspace(self._settings.work_root / job_id)

    def _process_ended(self, job_id: str, pid: int) -> None:
        """An entrypoint has ended; the job has too, unless another entrypoint took it."""
        try:
            goes_on = self._goes_on(job_id, pid)
        except Exception:  # whatever is wrong with this job, its end must be handled
            _log.exception("job %s: what its process left cannot be made out", job_id)
            goes_on = False
        if not goes_on:
            self._ended.put(job_id)

    def _goes_on(self, job_id: str, pid: int) -> bool:
        """Clear up behind an entrypoint that has ended; whether another one, followed from now on, has the job."""
        workspace = self._workspace(job_id)
        if workspace.told_to_stop is None:
            session.kill_leftovers(pid)
        else:
            session.kill_all(pid, job_id)
        taker = workspace.taker()
        if taker is None or taker.pid == pid or not taker.lives or workspace.exit_code is not None:
            return False
        self._follow(job_id, taker)
        return True

    def _follow(self, job_id: str, taker: Taker) -> None:
        if not taker.lives:
            self._ended.put(job_id)
            return
        self._watcher.watch(job_id, taker)
        if self._workspace(job_id).told_to_stop is not None:  # it was stopped by a scheduler that died meanwhile
            session.terminate(taker)
            self._kill_later(job_id, taker)

    def _kill_later(self, job_id: str, taker: Taker) -> None:
        timer = threading.Timer(self._settings.stop_grace, session.kill_command, (taker, job_id))
        timer.daemon = True
        timer.start()

    def _command(self, workspace: Workspace, spec: JobSpec) -> list[str]:
        mode = "direct" if spec.entrypoint else "python"
        directory = workspace.source / _directory(spec)
        places = (workspace.path, directory, sys.executable, self._settings.environments_root)
        return ["/bin/sh", str(_ENTRYPOINT), *map(str, places), mode, *spec.entrypoint, *spec.command]

    def _variables(self, workspace: Workspace, assignment: Assignment) -> dict[str, str]:
        facts = {
            "FOUNDATIONS_SERVER_URL": self._settings.proxy_url,
            "FOUNDATIONS_JOB_TOKEN": self._token_of(assignment.job_id),
            "FOUNDATIONS_HOME": str(workspace.home),
        }
        return job_environment(self._environment, assignment, facts, self._sdk, bool(self._capacity.gpus))


def _unapplied(spec: JobSpec) -> str:
    """Return a line for the log about what the job asks for and a process does not get; "" when there is nothing."""
    asked = {"image": spec.image, "volumes": spec.volumes, "ram": spec.resources.ram, "cpus": spec.resources.cpus}
    names = ", ".join(name for name, value in asked.items() if value)
    return f"WARNING: This server runs jobs as processes; it does not apply: {names}.\n" if names else ""


def _directory(spec: JobSpec) -> PurePosixPath:
    """Return the directory, relative to the job's files, in which the job is to run. Raises `InvalidSpec`."""
    path = PurePosixPath(spec.working_dir or ".")
    if path.is_relative_to(IMAGE_DIRECTORY):
        path = path.relative_to(IMAGE_DIRECTORY)
    if path.is_absolute() or ".." in path.parts:
        raise InvalidSpec(
            f"working_dir: `{spec.working_dir}` is outside of the job's files; give a directory of the project.",
            field="working_dir",
        )
    return path
