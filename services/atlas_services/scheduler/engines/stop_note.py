"""The note that a job was told to stop, which outlives the scheduler that wrote it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from atlas_core.states import Cause
from atlas_services.scheduler.engines import Stop


@dataclass(frozen=True)
class StopNote:
    """A file with the cause and the reason, a line each."""

    path: Path

    def write(self, stop: Stop) -> None:
        """Write down why the job is to stop; the first reason stays."""
        with suppress(FileExistsError), self.path.open("x") as file:
            file.write(f"{stop.cause.value}\n{stop.reason}")

    def read(self) -> Stop | None:
        """Return why the job was told to stop, None when it was not."""
        try:
            text = self.path.read_text(encoding="utf-8", errors="replace")
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError:  # the job itself may have put something else there
            text = ""
        cause, _, reason = text.partition("\n")
        try:
            return Stop(Cause(cause), reason)
        except ValueError:
            return Stop(Cause.STOPPED_BY_USER, text)
