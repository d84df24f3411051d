"""Where a job's TensorBoard event files lie in the archive. Nothing outside of the job's own directory is found."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from atlas_core.errors import InvalidInput

#: What `foundations.set_tensorboard_logdir` keeps, and what the working directory becomes when the job has ended.
_KEPT = Path("synced_directories", "__tensorboard__")
_WORKING = Path("artifacts")
#: TensorBoard reads the files whose names hold this.
_MARK = "tfevents"


@dataclass(frozen=True)
class EventFiles:
    """The event files of one job, found below `root`."""

    root: Path
    files: tuple[Path, ...]
    #: Whether they come to the root as the job writes them; else the job has ended, and they are all there are.
    grows: bool


def event_files(archive: Path, job_id: str) -> EventFiles | None:
    """Return the event files that the job keeps, else those in the working directory it left; None without either."""
    base = archive.resolve() / job_id
    kept = base / _KEPT
    if _is_inside(kept, base):
        return EventFiles(kept, tuple(_found(kept)), grows=True)
    files = tuple(_found(base / _WORKING)) if _is_inside(base / _WORKING, base) else ()
    if not files:
        return None
    return EventFiles(Path(os.path.commonpath([file.parent for file in files])), files, grows=False)


def kept_directory(archive: Path, job_id: str) -> Path:
    """Return where the event files of a job will lie that has not sent any yet."""
    return archive.resolve() / job_id / _KEPT


def no_event_files(job_id: str) -> InvalidInput:
    """Return the error of a job without any."""
    return InvalidInput(
        f"job_id: job `{job_id}` has no TensorBoard files; call foundations.set_tensorboard_logdir in it.",
        field="job_id",
        job_id=job_id,
    )


def _is_inside(directory: Path, base: Path) -> bool:
    """Whether the directory is there, with no link on the way to it."""
    return directory.is_dir() and directory.resolve() == directory and directory.is_relative_to(base)


def _found(directory: Path) -> Iterator[Path]:
    """Yield the event files by name. Links are not followed: a working directory may hold any."""
    for folder, folders, names in os.walk(directory):
        folders.sort()
        for name in sorted(names):
            path = Path(folder, name)
            if _MARK in name and path.is_file() and not path.is_symlink():
                yield path
