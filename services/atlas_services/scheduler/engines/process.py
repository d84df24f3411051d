"""Runs jobs as processes of this machine, each in a session of its own that outlives the scheduler."""

from __future__ import annotations

import logging
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from atlas_core.jobs import JobSpec
from atlas_core.settings import Settings
from atlas_services.process_life import birth_of
from atlas_services.scheduler.archive import Archive
from atlas_services.scheduler.bundles import BundleStore
from atlas_services.scheduler.engines import Assignment, Capacity, EngineFailure, Outcome, Stop, session
from atlas_services.scheduler.engines.job_environment import inherited, job_environment, overruled
from atlas_services.scheduler.engines.job_files import directory_of, lay_out, put_away, save_records
from atlas_services.scheduler.engines.sdk_directory import sdk_directory
from atlas_services.scheduler.engines.watcher import Watcher
from atlas_services.scheduler.engines.workspace import Taker, Workspace
from atlas_services.scheduler.resources import check_possible

_log = logging.getLogger("atlas.scheduler.process")

_ENTRYPOINT = Path(__file__).resolve().parents[2] / "worker" / "entrypoint.sh"


class ProcessEngine:
    """See `Engine`. `token_of` returns the token of a job; `environment` is the scheduler's own."""

    name = "process"

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
        #: The job and the process id of each entrypoint whose end is to be told.
        self._followed: set[tuple[str, int]] = set()
        self._watcher = Watcher(self._process_ended)

    def capacity(self) -> Capacity:
        """Return how much can run at a time."""
        return self._capacity

    def check(self, spec: JobSpec) -> None:
        """Raise `InvalidSpec` if such a job can never run here."""
        check_possible(spec.resources, self._capacity)
        directory_of(spec)

    def prepare(self, assignment: Assignment) -> None:
        """Unpack the job's files into a new working directory, with its parameters and its home."""
        lay_out(self._workspace(assignment.job_id), self._bundles, assignment, self._settings.proxy_url)

    def cancel(self, job_id: str) -> None:
        """Do nothing: preparing is unpacking, which soon ends."""

    def start(self, assignment: Assignment) -> None:
        """Start the entrypoint. It takes the job if nobody has."""
        workspace = self._workspace(assignment.job_id)
        if not workspace.source.is_dir():
            raise EngineFailure("The working directory of the job is gone.")
        try:
            with self._archive.open_log(assignment.job_id) as log:
                variables = self._variables(workspace, assignment)
                log.write((_unapplied(assignment.spec) + overruled(assignment.spec.environment, variables)).encode())
                child = subprocess.Popen(
                    self._command(workspace, assignment.spec),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    cwd=workspace.path,
                    env=variables,
                    start_new_session=True,
                )
        except (OSError, ValueError) as error:
            raise EngineFailure(f"The job's process cannot be started: {error}.") from error
        self._followed.add((assignment.job_id, child.pid))
        self._watcher.watch(assignment.job_id, Taker(child.pid, birth_of(child.pid) or "-"), child)

    def adopt(self, job_id: str) -> bool:
        """Wait for a job whose entrypoint was started by a scheduler that is no more."""
        taker = self._workspace(job_id).taker()
        if taker is None:
            return False
        self._follow(job_id, taker)
        return True

    def let_go(self) -> None:
        """Tell no ends of jobs that run now. The watcher goes on, so that children are buried."""
        self._followed = set()

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
        put_away(self._workspace(job_id), self._archive, job_id)
        self.save_records(job_id)

    def save_records(self, job_id: str) -> None:
        """Move records that were not sent to where `foundations sync` looks."""
        save_records(self._workspace(job_id), self._settings.home)

    def container_id(self, job_id: str) -> str | None:
        """Return the job's id, once its process has begun: there is no container."""
        return None if self._workspace(job_id).taker() is None else job_id

    def unfinished_line(self, job_id: str) -> AbstractContextManager[Callable[[], bytes]]:
        """Tell of none: the job writes into its log itself."""
        return nullcontext(bytes)

    def leftovers(self) -> list[str]:
        """Return the jobs that have a working directory."""
        root = self._settings.work_root
        return [path.name for path in root.iterdir() if path.is_dir()] if root.is_dir() else []

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
        if (job_id, pid) not in self._followed:
            return
        self._followed.discard((job_id, pid))
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
        self._followed.add((job_id, taker.pid))
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
        directory = workspace.source / directory_of(spec)
        places = (workspace.path, directory, sys.executable, self._settings.environments_root)
        return ["/bin/sh", str(_ENTRYPOINT), *map(str, places), mode, *spec.entrypoint, *spec.command]

    def _variables(self, workspace: Workspace, assignment: Assignment) -> dict[str, str]:
        facts = {
            "FOUNDATIONS_SERVER_URL": self._settings.proxy_url,
            "FOUNDATIONS_JOB_TOKEN": self._token_of(assignment.job_id),
            "FOUNDATIONS_HOME": str(workspace.home),
        }
        if self._capacity.gpus:  # a server that declares none leaves it to the machine
            facts["CUDA_VISIBLE_DEVICES"] = ",".join(assignment.gpus)
        return job_environment(self._environment, assignment, facts, self._sdk)


def _unapplied(spec: JobSpec) -> str:
    """Return a line for the log about what the job asks for and a process does not get; "" when there is nothing."""
    asked = {"image": spec.image, "volumes": spec.volumes, "ram": spec.resources.ram, "cpus": spec.resources.cpus}
    names = ", ".join(name for name, value in asked.items() if value)
    return f"WARNING: This server runs jobs as processes; it does not apply: {names}.\n" if names else ""
