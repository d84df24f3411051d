"""The log directories that TensorBoard shows: one for each set of jobs, made of links to what they wrote.

    <root>/<selection>/runs/<run>            a link to the directory in which a job keeps its event files
    <root>/<selection>/runs/<run>/.../<file> links to the event files in the working directory that a job left
    <root>/<selection>/tensorboard.log       what the TensorBoard that shows it said

A selection is named by its jobs, so the same choice is the same directory, whoever makes it, and no two disturb each
other. The time at which it was last used is that of its directory.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from atlas_core.errors import InvalidInput, NotFound
from atlas_core.ids import check_job_id
from atlas_services.tensorboard_api.event_files import event_files, kept_directory, no_event_files

#: More jobs than this in one TensorBoard is a mistake; it would read for minutes.
MOST_JOBS = 200
_SELECTION = re.compile(r"[0-9a-f]{20}")
#: At least so much of a job's id stands in the name of its run.
_SHORT = 8
_LONGEST_LABEL = 60
_UNPRINTED = re.compile(r"[^\w .,=+()-]+")


@dataclass(frozen=True)
class Chosen:
    """A job to be shown: its id, what people call it, and whether it keeps event files or is about to."""

    job_id: str
    label: str = ""
    keeps: bool = False


class LogDirectories:
    """All selections below `root`, of jobs in the archive."""

    def __init__(self, root: Path, archive: Path) -> None:
        self._root = root
        self._archive = archive

    def choose(self, jobs: list[Chosen]) -> str:
        """Make or renew the directory of these jobs, and return the name of the selection.

        Raises `InvalidInput` when there are none or too many, or one has no event files.
        """
        chosen = {check_job_id(job.job_id): job for job in jobs}
        if not 0 < len(chosen) <= MOST_JOBS:
            raise InvalidInput(f"job_ids: choose 1 to {MOST_JOBS} jobs.", field="job_ids")
        name = hashlib.sha256("\n".join(sorted(chosen)).encode()).hexdigest()[:20]
        wanted: dict[str, Path] = {}
        for run, job in zip(_runs(chosen), chosen.values(), strict=True):
            wanted.update(self._links(run, job))
        _make_links(self._runs(name), wanted)
        self.touch(name)
        return name

    def find(self, name: str) -> Path:
        """Return the log directory of a selection. Raises `NotFound`."""
        if not _SELECTION.fullmatch(name) or not self._runs(name).is_dir():
            raise NotFound("This choice of jobs is not there any more; send the jobs to TensorBoard again.")
        return self._runs(name)

    def touch(self, name: str) -> None:
        """Note that somebody uses the selection."""
        with contextlib.suppress(FileNotFoundError):
            os.utime(self._root / name)

    def remove_unused(self, since: float) -> list[str]:
        """Remove the selections that nobody used since that time; returns their names."""
        unused = []
        with contextlib.suppress(FileNotFoundError):
            for entry in os.scandir(self._root):
                if _SELECTION.fullmatch(entry.name) and entry.stat(follow_symlinks=False).st_mtime < since:
                    shutil.rmtree(entry.path, ignore_errors=True)
                    unused.append(entry.name)
        return unused

    def _runs(self, name: str) -> Path:
        return self._root / name / "runs"

    def _links(self, run: str, job: Chosen) -> dict[str, Path]:
        """Return the links of one job: their names below the log directory, and where they lead."""
        found = event_files(self._archive, job.job_id)
        if found is None and not job.keeps:
            raise no_event_files(job.job_id)
        if found is None:
            return {run: kept_directory(self._archive, job.job_id)}
        if found.grows:
            return {run: found.root}
        return {f"{run}/{file.relative_to(found.root).as_posix()}": file for file in found.files}


def _runs(chosen: Mapping[str, Chosen]) -> list[str]:
    """Return the name of each job's run: as much of its id as tells it from the others, and its label."""
    names = []
    for job_id, job in chosen.items():
        length = _SHORT
        while any(other != job_id and other.startswith(job_id[:length]) for other in chosen) and length < len(job_id):
            length += 1
        label = _UNPRINTED.sub(" ", job.label).strip()[:_LONGEST_LABEL].strip()
        names.append(f"{job_id[:length]} {label}" if label else job_id[:length])
    return names


def _make_links(directory: Path, wanted: Mapping[str, Path]) -> None:
    """Bring the directory in line with the links that it is to hold. What is right already stays as it is."""
    directory.mkdir(parents=True, exist_ok=True)
    for folder, folders, names in os.walk(directory, topdown=False):
        for name in (*folders, *names):
            path = Path(folder, name)
            target = wanted.get(path.relative_to(directory).as_posix())
            if path.is_symlink() and (target is None or path.readlink() != target):
                path.unlink(missing_ok=True)
            elif not path.is_symlink():
                with contextlib.suppress(OSError):  # it is not empty
                    path.rmdir()
    for name, target in wanted.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            path.symlink_to(target)
