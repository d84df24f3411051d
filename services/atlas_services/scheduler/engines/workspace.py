"""The working directory of a job that runs as a process, and the records in it that outlive the scheduler.

The job itself can write there too: a record that makes no sense counts as one that was never finished.

job_source/             the job's files; its current directory
home/                   the job's $FOUNDATIONS_HOME
started                 "<pid> <birth>", written by the entrypoint that took the job
exit                    the exit status, written by the entrypoint at the end
stopped                 the cause and the reason for which the job was told to stop, a line each
dependencies_failed     an installation failed
"""

from __future__ import annotations

import os
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from atlas_services.process_life import birth_of
from atlas_services.scheduler.engines import Outcome, Stop
from atlas_services.scheduler.engines.stop_note import StopNote

#: Seconds between the creation of `started` and its content, at the very most.
_WRITING = 1.0
#: No process id and no exit status is longer.
_DIGITS = 9
#: The content of `started` when nobody may take the job any more.
_NEVER = "0 -\n"


class Taker(NamedTuple):
    """The process that took a job. A process of the same id but another birth is another process."""

    pid: int
    birth: str

    @property
    def lives(self) -> bool:
        """Whether that very process lives."""
        if not self.pid:
            return False
        birth = birth_of(self.pid)
        return birth is not None and (self.birth in {"-", birth} or birth == "alive")


@dataclass(frozen=True)
class Workspace:
    """The working directory of one job."""

    path: Path

    @property
    def source(self) -> Path:
        """The job's current directory."""
        return self.path / "job_source"

    @property
    def home(self) -> Path:
        """The job's `$FOUNDATIONS_HOME`."""
        return self.path / "home"

    @property
    def journals(self) -> Path:
        """Where the job's records lie until they are sent."""
        return self.home / "journal"

    def taker(self) -> Taker | None:
        """Return who took the job, None when nobody did."""
        deadline = time.monotonic() + _WRITING
        while True:
            text = _read(self.path / "started")
            if text is None:
                return None
            words = text.split()
            if len(words) == 2:
                return Taker(_number(words[0]) or 0, words[1])
            if time.monotonic() > deadline:  # it was killed between creating and writing the file
                return Taker(0, "-")
            time.sleep(0.01)

    def bar(self) -> bool:
        """Make sure that nobody takes the job from now on; False when somebody has."""
        try:
            descriptor = os.open(self.path / "started", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        except FileExistsError:
            return False
        with os.fdopen(descriptor, "w") as file:
            file.write(_NEVER)
        return True

    def note_stop(self, stop: Stop) -> None:
        """Write down that the job was told to stop; the first reason stays."""
        self._stop_note.write(stop)

    @property
    def told_to_stop(self) -> Stop | None:
        """Why the job was told to stop, None when it was not."""
        return self._stop_note.read()

    def outcome(self) -> Outcome:
        """Return how the job ended. Only meaningful once its taker is dead."""
        return Outcome(self.exit_code, self.told_to_stop, self.dependencies_failed)

    @property
    def dependencies_failed(self) -> bool:
        """Whether an installation failed."""
        return (self.path / "dependencies_failed").exists()

    @property
    def exit_code(self) -> int | None:
        """The exit status that the entrypoint left, None without one."""
        text = _read(self.path / "exit") or ""
        return _number(text[:-1]) if text.endswith("\n") else None

    def remove(self) -> None:
        """Remove everything."""
        shutil.rmtree(self.path, ignore_errors=True)

    @property
    def _stop_note(self) -> StopNote:
        return StopNote(self.path / "stopped")


def _read(path: Path) -> str | None:
    """Return what a record says, None when there is none; what cannot be read as a file says nothing."""
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError:
        return ""


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS else None


def move(source: Path, target: Path) -> None:
    """Move a directory to `target`, at once or not at all, across devices too. May be repeated."""
    if not source.exists():
        return
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            source.rename(target)
        except OSError:  # another device
            part = target.with_name(f"{target.name}.part")
            shutil.rmtree(part, ignore_errors=True)
            shutil.copytree(source, part, symlinks=True, ignore_dangling_symlinks=True)
            part.rename(target)
    shutil.rmtree(source, ignore_errors=True)
