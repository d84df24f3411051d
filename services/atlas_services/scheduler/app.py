"""The scheduler put together: its parts, its threads and its Flask application."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Mapping

from flask import Flask

from atlas_core.errors import AtlasError, Conflict, JobNotFound, ServerUnreachable
from atlas_core.settings import Settings
from atlas_services import web
from atlas_services.gate import identity
from atlas_services.openapi.routes import document_routes
from atlas_services.scheduler.archive import Archive
from atlas_services.scheduler.bundle_routes import bundle_routes
from atlas_services.scheduler.bundles import BundleStore
from atlas_services.scheduler.cron import Cron
from atlas_services.scheduler.cron_routes import cron_routes
from atlas_services.scheduler.dispatch import Dispatcher
from atlas_services.scheduler.engines import EngineAway
from atlas_services.scheduler.engines.choice import make_engine
from atlas_services.scheduler.explain_routes import Host, explain_routes
from atlas_services.scheduler.gpus import GpuLoads
from atlas_services.scheduler.job_routes import any_job_routes, ended_job_routes, running_job_routes
from atlas_services.scheduler.leader import Leadership
from atlas_services.scheduler.left_file_routes import left_file_routes
from atlas_services.scheduler.lifecycle import Lifecycle
from atlas_services.scheduler.log_routes import log_routes
from atlas_services.scheduler.logs import JobLogs
from atlas_services.scheduler.machine import capacity_of
from atlas_services.scheduler.outlook import Lookout
from atlas_services.scheduler.policy_file import PolicyFile
from atlas_services.scheduler.queue_routes import queue_routes
from atlas_services.scheduler.reaper import Reaper
from atlas_services.scheduler.retention import Retention
from atlas_services.scheduler.schedules import ScheduledJobs
from atlas_services.scheduler.slots import present_capacity
from atlas_services.scheduler.submissions import Submissions
from atlas_services.scheduler.tokens import JobTokens
from atlas_services.scheduler.worker_routes import worker_routes
from atlas_services.storage.opening import open_object_store
from atlas_services.tracker import UNAVAILABLE, Fenced, open_tracker

_log = logging.getLogger("atlas.scheduler")

_TITLE = "Atlas scheduler"
_ABOUT = "Queues jobs, runs them, and says what became of them. The routes outside of /api/v3 are the older ones."

#: The largest body of a request that is no bundle.
_MAX_BODY = 16 * 1024 * 1024
#: Seconds, beyond the grace period of jobs, that the end of all jobs may take when the server goes down.
STOP_MARGIN = 3.0
_SERVER_STOPPED = "the server was shut down"


class Scheduler:
    """One scheduler in this process."""

    def __init__(self, settings: Settings, environment: Mapping[str, str] = os.environ) -> None:
        self._settings = settings
        self._environment = environment
        self._tracker = open_tracker(settings.redis_url)
        self._archive = Archive(settings.archive_root, open_object_store(settings))
        self._logs = JobLogs(self._archive)
        self._bundles = BundleStore(settings.bundle_store, settings.max_bundle_bytes, settings.max_unpacked_bytes)
        self._token_of: Callable[[str], str] = JobTokens(settings.home / "server" / "job_tokens.secret").of
        self._policy = PolicyFile(settings.home, environment).current
        capacity = capacity_of(settings, environment)
        self._engine = make_engine(
            settings,
            capacity,
            self._bundles,
            self._archive,
            self._token_of,
            lambda spec: self._policy().check_container(spec),
            environment,
        )
        self._leadership = Leadership(settings.home / "server" / "scheduler.lock", self._tracker.lease)
        self._lifecycle = Lifecycle(self._tracker, self._engine, self._archive, self._leadership)
        self._dispatcher = Dispatcher(
            self._tracker, self._lifecycle, self._engine, self._leadership, lambda: self._policy().limits
        )
        self._reaper = Reaper(self._tracker, self._leadership, settings.heartbeat_timeout)
        self._submissions = Submissions(
            self._tracker, self._bundles, self._engine, self._token_of, self._policy, lambda: identity().subject
        )
        self._retention = Retention(settings, self._tracker, self._bundles)
        self._cron = Cron(self._tracker, self._submissions, self._leadership)
        self._closing = threading.Event()
        self._stopping: threading.Thread | None = None

    def start(self) -> Flask:
        """Start the threads and return the application."""
        self._dispatcher.start()
        self._reaper.start()
        self._cron.start()
        self._retention.start()
        return self.app()

    def app(self) -> Flask:
        """Return the application."""
        app = web.new_app("scheduler", self._settings, self._check_ready)
        app.config["MAX_CONTENT_LENGTH"] = _MAX_BODY
        scheduled = ScheduledJobs(self._tracker, self._submissions, self._bundles, self._lifecycle)
        patience = self._settings.stop_grace + STOP_MARGIN
        for routes in (
            bundle_routes(self._bundles, self._settings.max_bundle_bytes),
            left_file_routes(self._archive),
            queue_routes(self._tracker, self._submissions, self._archive, self._bundles),
            running_job_routes(self._tracker, self._lifecycle, self._dispatcher, self._engine, self._logs, patience),
            ended_job_routes(self._tracker, self._archive, self._bundles, self._logs),
            any_job_routes(self._tracker, self._logs),
            worker_routes(self._tracker, self._engine, self._dispatcher, self._lifecycle),
            cron_routes(scheduled, lambda job_id: self._lifecycle.wait_until_ended(job_id, patience)),
            explain_routes(self._tracker, self._lookout(), self._host(), self._logs),
            log_routes(self._tracker, self._lifecycle, self._engine, self._logs, self._closing.is_set),
            document_routes("scheduler", _TITLE, _ABOUT),
        ):
            app.register_blueprint(routes)
        return app

    def _lookout(self) -> Lookout:
        return Lookout(
            self._tracker, lambda: present_capacity(self._engine, self._tracker), lambda: self._policy().limits
        )

    def _host(self) -> Host:
        loads = GpuLoads(self._engine.capacity().gpus, self._environment)
        return Host(self._engine.name, lambda: self._leadership.held, loads.now)

    def begin_stop(self) -> None:
        """Claim no more jobs, end the streams, and begin to stop the jobs if the settings say so. Returns at once."""
        self._closing.set()
        self._dispatcher.close()
        self._reaper.close()
        self._cron.close()
        self._retention.close()
        if self._settings.stop_jobs_on_exit and self._stopping is None:
            self._stopping = threading.Thread(target=self.stop_jobs, name="stop-jobs")
            self._stopping.start()

    def finish_stop(self) -> None:
        """Return when nothing is left to do but to exit."""
        self.begin_stop()
        if self._stopping is not None:
            self._stopping.join(self._settings.stop_grace + STOP_MARGIN)
        self._dispatcher.release()
        self._tracker.close()

    def stop_jobs(self) -> None:
        """Stop every job, and return when that is recorded."""
        term = self._leadership.term
        if term is None:
            return
        deadline = time.monotonic() + self._settings.stop_grace + STOP_MARGIN / 3
        try:
            for record in self._dispatcher.active():
                self._stop_job(record.job_id)
            self._dispatcher.tell_stops()
            for record in self._dispatcher.active():
                self._lifecycle.wait_until_ended(record.job_id, max(0.0, deadline - time.monotonic()))
            for record in self._dispatcher.active():
                _log.warning("job %s: killed, it did not end in time", record.job_id)
                self._lifecycle.force_end(record.job_id, term)
        except Fenced:
            _log.info("the jobs are left to the scheduler that leads now")
        except (EngineAway, *UNAVAILABLE) as error:
            _log.error("Redis or the engine does not answer, so the jobs are left to the next scheduler: %s", error)

    def _check_ready(self) -> None:
        self._tracker.ping()
        if self._closing.is_set():
            raise ServerUnreachable("The scheduler is about to stop.")
        for name, lives in (
            ("dispatcher", self._dispatcher.lives),
            ("engine", self._engine.lives),
            ("reaper", self._reaper.lives),
            ("cron", self._cron.lives),
        ):
            if not lives:
                raise ServerUnreachable(f"The {name} of the scheduler has died; restart the scheduler.")

    def _stop_job(self, job_id: str) -> None:
        try:
            self._lifecycle.stop(job_id, _SERVER_STOPPED)
        except (Conflict, JobNotFound) as error:  # it has ended by itself
            _log.info("%s", error.message)
        except AtlasError as error:
            _log.error("job %s cannot be stopped: %s", job_id, error.message)


def make_app(settings: Settings) -> Flask:
    """Return the application of a scheduler whose threads run in this process."""
    return Scheduler(settings).start()
