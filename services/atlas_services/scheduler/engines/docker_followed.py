"""The containers of the jobs that run: their output is copied to the logs, and the end of each is told once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial

from atlas_services.scheduler.archive import Archive
from atlas_services.scheduler.engines.container_records import ContainerRecord
from atlas_services.scheduler.engines.docker_containers import Containers
from atlas_services.scheduler.engines.docker_daemon import Daemon
from atlas_services.scheduler.engines.docker_log import LogCopy
from atlas_services.scheduler.engines.docker_watch import ContainerEvent, ContainerWatch, Happening
from atlas_services.scheduler.engines.output_file import OutputFile


class Followed:
    """Calls `ended` with a job and its container that has ended and whose output is whole, in a thread of its own.

    `out_of_memory` is called when some process of a job was killed for memory.
    """

    def __init__(
        self,
        daemon: Daemon,
        containers: Containers,
        archive: Archive,
        ended: Callable[[str, str], None],
        out_of_memory: Callable[[str], None],
    ) -> None:
        self._daemon = daemon
        self._containers = containers
        self._archive = archive
        self._ended = ended
        self._out_of_memory = out_of_memory
        self._lock = threading.Lock()
        self._copies: dict[str, tuple[str, LogCopy]] = {}
        self._good_ends: set[str] = set()
        self._watch = ContainerWatch(daemon, containers.label, self._ids, self._notice)
        self._watch.start()

    def add(self, job_id: str, record: ContainerRecord) -> LogCopy:
        """Notice the end of a container from now on; its output is copied once what is returned is started."""
        copy = LogCopy(
            self._daemon,
            record.id,
            partial(OutputFile, self._archive.log(job_id)),
            record.log_start,
            partial(self._containers.has_ended, record.id),
            partial(self._ended, job_id, record.id),
        )
        with self._lock:
            self._copies[record.id] = (job_id, copy)
        return copy

    def ended_well(self, container: str) -> bool:
        """Whether the daemon told that it ended with status 0: so soon, it is slow to answer a question about it."""
        return container in self._good_ends

    def forget(self, container: str) -> None:
        """Follow a container no more."""
        with self._lock:
            _, copy = self._copies.pop(container, (None, None))
            self._good_ends.discard(container)
        if copy is not None:
            copy.close()

    def let_go(self) -> None:
        """Follow none of them any more."""
        for container in self._ids():
            self.forget(container)

    @property
    def lives(self) -> bool:
        """Whether ends are still noticed."""
        return self._watch.is_alive()

    def close(self) -> None:
        """Notice and copy nothing any more."""
        self._watch.close()
        self.let_go()

    def _ids(self) -> list[str]:
        with self._lock:
            return list(self._copies)

    def _notice(self, event: ContainerEvent) -> None:
        with self._lock:
            job_id, copy = self._copies.get(event.container, (None, None))
            if job_id is not None and event.exit_code == 0:
                self._good_ends.add(event.container)
        if job_id is None or copy is None:
            return
        if event.happening is Happening.OUT_OF_MEMORY:
            self._out_of_memory(job_id)
        else:
            copy.note_end(is_gone=event.happening is Happening.GONE)
