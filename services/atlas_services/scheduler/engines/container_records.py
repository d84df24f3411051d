"""What outlives the scheduler about a job in a container. It lies where the job cannot write.

container    which container the job is, written before that is started: if it is gone later, the job has run
stopped      the cause and the reason for which the job was told to stop
oom          the kernel killed some process of the job for memory
"""

from __future__ import annotations

import json
import os
import shutil
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from atlas_core.states import Cause
from atlas_services.scheduler.engines import Stop
from atlas_services.scheduler.engines.stop_note import StopNote


@dataclass(frozen=True)
class ContainerRecord:
    """The container of a job.

    `log_start` is the length of the job's log before the container wrote to it. `daemon_run` differs when the daemon
    was started anew; None when that cannot be told.
    """

    id: str
    log_start: int
    daemon_run: str | None = None


@dataclass(frozen=True)
class ContainerRecords:
    """The records of one job, in the directory `path`."""

    path: Path

    def make(self) -> None:
        """Begin anew."""
        self.remove()
        self.path.mkdir(parents=True)

    def write(self, record: ContainerRecord) -> None:
        """Record the container, for power cuts too."""
        draft = self.path / "container.part"
        with draft.open("w") as file:
            json.dump(asdict(record), file)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.path / "container")

    def container(self) -> ContainerRecord | None:
        """Return the job's container, None when none was recorded."""
        with suppress(FileNotFoundError):
            return ContainerRecord(**json.loads((self.path / "container").read_text()))
        return None

    def note_stop(self, stop: Stop) -> None:
        """Write down that the job was told to stop; the first reason stays."""
        with suppress(FileNotFoundError):  # the job is no more
            StopNote(self.path / "stopped").write(stop)

    @property
    def told_to_stop(self) -> Stop | None:
        """Why the job was told to stop, None when it was not."""
        return StopNote(self.path / "stopped").read()

    def note_memory(self) -> None:
        """Write down that some process of the job was killed for memory."""
        with suppress(FileNotFoundError):
            (self.path / Cause.OOM.value).touch()

    @property
    def ran_out_of_memory(self) -> bool:
        """Whether some process of the job was killed for memory."""
        return (self.path / Cause.OOM.value).exists()

    def remove(self) -> None:
        """Remove everything."""
        shutil.rmtree(self.path, ignore_errors=True)
