"""The supervisor: starts Redis and the services in order, starts again what dies, and stops all without a trace."""

from __future__ import annotations

import gc
import logging
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from importlib import util
from pathlib import Path
from typing import Any

from atlas_core.errors import AtlasError, ServerUnreachable
from atlas_core.settings import Settings, reachable
from atlas_services.embedded.children import Child, ForkedService, Program
from atlas_services.embedded.configuration import write_configuration_files
from atlas_services.embedded.ending import ORPHAN_PATIENCE, await_end, end_orphans, ending
from atlas_services.embedded.engine_choice import EngineChoice
from atlas_services.embedded.login_choice import settle_login
from atlas_services.embedded.record import StackRecord
from atlas_services.embedded.redis_program import (
    check_can_read,
    find_redis_server,
    version_of,
    write_configuration,
)
from atlas_services.embedded.signals import Signals, caught_signals
from atlas_services.embedded.sockets import check_free, listen
from atlas_services.process_life import adopt_orphans, birth_of
from atlas_services.scheduler.gpus import gpus_of
from atlas_services.scheduler.policy_file import PolicyFile
from atlas_services.secret_file import secret_in
from atlas_services.tracker import UNAVAILABLE, Tracker, open_tracker
from atlas_services.tracker.users import user_lines, users

_log = logging.getLogger("atlas.stack")

#: Runs a service until it is told to stop: its settings, and what to bind to.
Service = Callable[[Settings, str], None]

#: Seconds for everything to answer; for each group of children to stop, the grace of jobs not counted.
_START_PATIENCE = 30.0
_STOP_PATIENCE = 15.0
_LOOPBACK = "127.0.0.1"
#: The name of the socket at which jobs in containers call the proxy.
_CONTAINERS = "containers"
#: Seconds between attempts to publish what could not be written, because the disk is full for example.
_PUBLISH_PAUSE = 5.0
#: Seconds for which journals that wait in this home are being sent after the start.
_SYNC_PATIENCE = 600
#: Seconds between two looks at something that is starting.
_LOOK = 0.02
#: Asks our own services, whatever proxy the environment names for the internet.
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True)
class Part:
    """A service of the stack, named as its user of Redis, and the settings' names of the ports that it listens on.

    A public part listens on the host of the settings, the others on the loopback interface alone.
    """

    name: str
    run: Service
    ports: tuple[str, ...]
    public: bool = False


class Stack:
    """One embedded stack. `run` returns when it was told to stop and nothing of it is left."""

    def __init__(self, settings: Settings, parts: tuple[Part, ...], version: str) -> None:
        self._parts = parts
        self._version = version
        self._record = StackRecord(settings.home)
        self._password_file = self._record.directory / "redis.secret"
        # Nobody needs these once the stack is gone, so no file holds them.
        self._passwords = {user: secrets.token_urlsafe(32) for user in users()}
        # The services end with the stack, and so do the jobs: nobody would be left to say how they ended.
        self._settings = replace(settings, stop_jobs_on_exit=True)
        self._children: list[Child] = []
        self._sockets: dict[str, socket.socket] = {}

    def run(self) -> None:
        """Start, supervise, stop. Raises `AtlasError` when the stack cannot start."""
        with self._record.locked(), caught_signals() as signals:
            for name in self._record.end_leftovers():
                _log.warning("Ended %s, left over from a stack that was killed.", name)
            adopt_orphans()
            try:
                self._start(signals)
                self._supervise(signals)
            finally:
                self._stop()
                self._record.remove()

    def _start(self, signals: Signals) -> None:
        ports = self._settings.ports
        check_free(_LOOPBACK, ports.redis, "redis")
        self._settings = settle_login(self._settings, self._record.directory)
        engine = EngineChoice(self._settings)
        # The scheduler asks again; here whoever starts the stack reads what is wrong.
        gpus_of(self._settings.gpus)
        PolicyFile(self._settings.home)
        for part in self._parts:
            host = self._settings.host if part.public else _LOOPBACK
            for name in part.ports:
                self._sockets[name] = listen(host, getattr(ports, name), name)
        self._start_redis(signals)
        self._settings = engine.settle(self._settings)
        self._listen_for_containers()
        write_configuration_files(self._settings)
        gc.collect()
        gc.freeze()  # what is there now is shared by all forks; the collector would copy it page by page
        for part in self._parts:
            self._start_service(part)
        self._wait_until_ready(signals)
        self._publish()
        self._send_leftovers()
        _log.info("Foundations Atlas services have started with %s worker(s)", self._settings.workers)
        _log.info("Launch the GUI by navigating to %s", self._url("gui"))

    def _listen_for_containers(self) -> None:
        gateway = self._settings.job_gateway.partition("/")[0]
        if gateway:
            self._sockets[_CONTAINERS] = listen(gateway, self._settings.ports.proxy, "proxy")

    def _start_redis(self, signals: Signals) -> None:
        home, port = self._settings.home, self._settings.ports.redis
        password = secret_in(self._password_file)
        configuration = self._record.directory / "redis.conf"
        server = find_redis_server()
        version = version_of(server)
        check_can_read(server, version, home / "database")
        lines = user_lines(self._passwords, version.major)
        write_configuration(configuration, port, password, lines, home / "database")
        child = Child("redis", Program((server, str(configuration)), self._logs() / "redis.log"))
        self._launch(child)
        self._settings = replace(self._settings, redis_url=f"redis://:{password}@127.0.0.1:{port}/0")
        tracker = open_tracker(self._settings.redis_url)
        try:
            self._wait_for_redis(tracker, child, signals)
        finally:
            tracker.close()

    def _wait_for_redis(self, tracker: Tracker, child: Child, signals: Signals) -> None:
        """Return when Redis has loaded its data, however long that takes; it says `loading` until then."""
        while True:
            try:
                return tracker.ping()
            except UNAVAILABLE:
                ended, status = os.waitpid(child.pid, os.WNOHANG)
                if ended:
                    child.pid = 0
                    log = self._logs() / "redis.log"
                    raise ServerUnreachable(f"Redis does not start ({ending(status)}); {log} says why.") from None
            if signals.stop_requested():
                raise AtlasError("Stopped while Redis loads its data.")
            time.sleep(_LOOK)

    def _start_service(self, part: Part) -> None:
        url = f"redis://{part.name}:{self._passwords[part.name]}@127.0.0.1:{self._settings.ports.redis}/0"
        settings = replace(self._settings, redis_url=url)
        names = (*part.ports, _CONTAINERS) if part.public and _CONTAINERS in self._sockets else part.ports
        bind = ",".join(f"fd://{self._sockets[name].fileno()}" for name in names)
        self._launch(Child(part.name, ForkedService(part.name, lambda: part.run(settings, bind), self._logs())))

    def _launch(self, child: Child) -> None:
        child.launch()
        self._children.append(child)

    def _wait_until_ready(self, signals: Signals) -> None:
        deadline = time.monotonic() + _START_PATIENCE
        for part in self._parts:
            url = f"{self._url(part.ports[-1])}/readyz"
            while not _answers(url):
                self._reap()
                if signals.stop_requested():
                    raise AtlasError("Stopped while starting.")
                if time.monotonic() > deadline:
                    raise ServerUnreachable(
                        f"The {part.name} service does not start; {self._logs() / (part.name + '.log')} says why."
                    )
                self._restart_due()
                time.sleep(_LOOK)

    def _send_leftovers(self) -> None:
        """Send what jobs of this home recorded while there was no server, in a process that ends by itself."""
        home = self._settings.home
        if util.find_spec("foundations") is None or not any((home / "journal").glob("*/*")):
            return
        with (self._logs() / "sync.log").open("ab") as log:
            command = [sys.executable, "-m", "foundations.sync", "--home", str(home), "--timeout", str(_SYNC_PATIENCE)]
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        process.returncode = 0  # the supervisor waits for all its children itself; Popen is not to warn

    def _supervise(self, signals: Signals) -> None:
        published = True
        while not signals.stop_requested():
            start = self._next_start()
            signals.wait(start if published else min(_PUBLISH_PAUSE if start is None else start, _PUBLISH_PAUSE))
            self._reap()
            if self._restart_due() or not published:
                published = self._try_to_publish(warn=published)
        _log.info("Stopping.")

    def _try_to_publish(self, warn: bool) -> bool:
        """Publish; whether that was possible. Services and jobs do not end because a file cannot be written."""
        try:
            self._publish()
        except OSError as error:
            if warn:
                _log.warning(
                    "What runs where cannot be written to %s (%s).", self._record.path, error.strerror or error
                )
            return False
        return True

    def _reap(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            child = next((each for each in self._children if each.pid == pid), None)
            if child is not None:  # else an orphan that came to us, such as a job whose scheduler died
                pause = child.note_death()
                _log.warning("%s ended (%s); starting it again in %.1f s.", child.name, ending(status), pause)

    def _restart_due(self) -> bool:
        due = [each for each in self._children if each.start_at is not None and each.start_at <= time.monotonic()]
        for child in due:
            try:
                child.launch()
            except OSError as error:  # no space, no memory, no process to be had: that may pass
                pause = child.note_death()
                _log.warning("%s cannot be started (%s); trying again in %.1f s.", child.name, error, pause)
        return bool(due)

    def _next_start(self) -> float | None:
        starts = [each.start_at for each in self._children if each.start_at is not None]
        return max(0.0, min(starts) - time.monotonic()) if starts else None

    def _stop(self) -> None:
        """Each part before those that it needs: jobs that are being stopped still say their last words."""
        redis, scheduler, others = self._children[:1], self._children[1:2], self._children[2:]
        for group, grace in ((scheduler, self._settings.stop_grace), (others, 0.0), (redis, 0.0)):
            for child in group:
                child.signal(signal.SIGTERM)
            await_end(group, grace + _STOP_PATIENCE)
            for child in group:
                child.signal(signal.SIGKILL)
        end_orphans()
        for listener in self._sockets.values():
            listener.close()

    def _publish(self) -> None:
        self._record.write(
            {
                "pid": os.getpid(),
                "birth": birth_of(os.getpid()),
                "started": time.time(),
                "version": self._version,
                "host": self._settings.host,
                "workers": self._settings.workers,
                "engine": self._settings.engine,
                "stop_patience": self._settings.stop_grace + 3 * _STOP_PATIENCE + ORPHAN_PATIENCE,
                "services": self._services(),
            }
        )

    def _services(self) -> Mapping[str, Any]:
        owners = {"redis": self._children[0]}
        for part, child in zip(self._parts, self._children[1:], strict=True):
            owners.update(dict.fromkeys(part.ports, child))
        ports = {each.name: getattr(self._settings.ports, each.name) for each in fields(self._settings.ports)}
        return {
            name: {
                "url": self._url(name),
                "port": ports[name],
                "pid": child.pid or None,
                "birth": child.birth,
                "restarts": child.restarts,
            }
            for name, child in owners.items()
        }

    def _url(self, name: str) -> str:
        public = {each for part in self._parts if part.public for each in part.ports}
        host = reachable(self._settings.host) if name in public else _LOOPBACK
        shown = "localhost" if name == "gui" and host == _LOOPBACK else host
        scheme = "redis" if name == "redis" else "http"
        return f"{scheme}://{shown}:{getattr(self._settings.ports, name)}"

    def _logs(self) -> Path:
        logs = self._record.directory / "logs"
        logs.mkdir(parents=True, exist_ok=True)
        return logs


def _answers(url: str) -> bool:
    try:
        with _OPENER.open(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
